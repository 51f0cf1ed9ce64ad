"""An answer arrives once, whether it comes before or after somebody waits for it."""

from __future__ import annotations

import threading
import time

import pytest

from local_runtime.answer import Answer


def test_who_waits_gets_the_value_once_it_is_given() -> None:
    answer: Answer[str] = Answer()
    got: list[str] = []
    waiting = threading.Thread(target=lambda: got.append(answer.wait()))
    waiting.start()
    time.sleep(0.05)
    assert got == []
    answer.give("value")
    waiting.join(10)
    assert got == ["value"]


def test_nothing_is_a_value_too() -> None:
    answer: Answer[None] = Answer()
    answer.give(None)
    assert answer.wait() is None


def test_who_waits_is_told_of_the_error() -> None:
    answer: Answer[str] = Answer()
    answer.fail(ValueError("not this"))
    with pytest.raises(ValueError, match="not this"):
        answer.wait()
