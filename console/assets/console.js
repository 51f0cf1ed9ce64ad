// Says whether the page is being kept up to date, and keeps the focus of whoever pressed a button at what it changed.
// Everything works without it.
(() => {
  "use strict";
  const UNHEARD = "No answer came; it may have been done, or not: see if the system is up, then load the page anew.";
  const say = (state) => {
    document.documentElement.dataset.live = state;
  };
  const notice = (text) => {
    const shown = document.createElement("p");
    Object.assign(shown, { id: "unheard", className: "notice bad", tabIndex: -1, textContent: text });
    shown.setAttribute("role", "alert");
    document.getElementById("unheard")?.remove();
    document.getElementById("content").prepend(shown);
    shown.focus();
  };
  say("waiting");
  document.addEventListener("htmx:sseOpen", () => say("on"));
  document.addEventListener("htmx:sseMessage", () => say("on"));
  document.addEventListener("htmx:sseError", () => say("off"));
  document.addEventListener("htmx:sseClose", () => say("waiting"));
  document.addEventListener("htmx:sendError", () => {
    say("off");
    notice(UNHEARD);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const type = event.detail.xhr.getResponseHeader("Content-Type") ?? "";
    if (!type.startsWith("text/html")) {
      // There is no page in it to put in: loading this one shows what is true, or what keeps the system from saying so.
      event.preventDefault();
      location.reload();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "content" && document.activeElement === document.body) {
      event.target.focus({ preventScroll: true });
    }
  });
})();
