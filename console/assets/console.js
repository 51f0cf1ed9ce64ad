// Says whether the page is being kept up to date, and keeps the focus of whoever pressed a button at what it changed.
// Everything works without it.
(() => {
  "use strict";
  const say = (state) => {
    document.documentElement.dataset.live = state;
  };
  say("waiting");
  document.addEventListener("htmx:sseOpen", () => say("on"));
  document.addEventListener("htmx:sseError", () => say("off"));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "content" && document.activeElement === document.body) {
      event.target.focus({ preventScroll: true });
    }
  });
})();
