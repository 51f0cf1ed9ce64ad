"""The steps that Google bills of a run, counted while workflows-emulator runs it.

By the price list (cloud.google.com/workflows/pricing) each call is one, also each one that comes again, and so is each
variable that is assigned, in one `assign` or in many. It counts evaluating a condition among what is billed, and says
nothing of `return`, `raise`, `for` and `parallel`: each of them is counted as one here, so that a run costs no more
than this. A `try` is none: what it attempts counts by itself. Calls of Google's own domains are internal steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

OF_GOOGLE = (".appspot.com", ".cloud.goog", ".cloudfunctions.net", ".googleapis.com", ".run.app")
INTERNAL, EXTERNAL = "internal", "external"
ONE_EACH = ("return", "raise", "for", "parallel")


class BilledSteps:
    """Of one run at a time, whose branches may count side by side; `evaluate` gives an expression's value."""

    def __init__(self, evaluate: Callable[[Any, Mapping[str, Any]], Any]) -> None:
        self._evaluate, self._lock = evaluate, Lock()
        self.counts = Counter[str]()

    def begin(self) -> None:
        self.counts = Counter()

    def counting(self, execute_step: Callable[..., Any]) -> Callable[..., Any]:
        """The emulator's own function, which it calls with every step and with what is inside of one."""

        def counted(step_id: str, config: Mapping[str, Any], context: Mapping[str, Any]) -> Any:  # noqa: ANN401
            kind, steps = self._billed(config, context)
            with self._lock:
                self.counts[kind] += steps
            return execute_step(step_id, config, context)

        return counted

    def _billed(self, config: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[str, int]:
        if "call" in config:
            return self._kind_of_call(config, context), 1
        if "assign" in config:
            return INTERNAL, len(config["assign"])
        if "switch" in config:
            return INTERNAL, self._conditions(config["switch"], context)
        return INTERNAL, int(any(each in config for each in ONE_EACH))

    def _kind_of_call(self, config: Mapping[str, Any], context: Mapping[str, Any]) -> str:
        if not config["call"].startswith("http."):
            return INTERNAL
        host = urlsplit(self._evaluate(config["args"]["url"], context)).hostname or ""
        return INTERNAL if host.endswith(OF_GOOGLE) else EXTERNAL

    def _conditions(self, cases: list[Mapping[str, Any]], context: Mapping[str, Any]) -> int:
        """Up to the first that is true."""
        for number, case in enumerate(cases, start=1):
            if self._evaluate(case["condition"], context) is True:
                return number
        return len(cases)
