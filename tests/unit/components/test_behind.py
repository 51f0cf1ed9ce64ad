"""What one component needs of another of its target is there on that target alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from components.behind import behind
from components.errors import WiringError
from components.function import Function
from components.queue import Queue
from components.targets import TargetName
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

KINDS: dict[TargetName, dict[str, str]] = {
    "aws": {"foundation": "_account.Account", "identity": "_role.Role", "function": "_lambda.Deployed"},
    "gcp": {"foundation": "_build.Build", "identity": "_account.ServiceAccount", "function": "_service.Deployed"},
}
"""By what a component holds, the kind of what is behind it."""


def kind(target: TargetName, of: str) -> type[Any]:
    module, _, name = KINDS[target][of].rpartition(".")
    found: type[Any] = getattr(import_module(f"components.{target}.{module}"), name)
    return found


@pytest.mark.parametrize("target", KINDS)
def test_a_component_keeps_what_is_behind_it_and_an_identity_is_it_itself(target: TargetName) -> None:
    def wire(make: Make) -> None:
        function = make(Function, "pack", function_args())
        assert behind(function.identity, kind(target, "identity")) is function.identity
        assert isinstance(behind(function, kind(target, "function")), kind(target, "function"))

    made_alone(target, wire)


def test_of_several_things_behind_it_each_is_found_by_its_kind() -> None:
    class Both:
        name = "both"
        _behind = ("a text", 7)

    assert (behind(Both(), str), behind(Both(), int)) == ("a text", 7)


@pytest.mark.parametrize("target", KINDS)
def test_what_another_target_has_made_is_refused_by_its_name(target: TargetName) -> None:
    def wire(make: Make) -> None:
        behind(make(Function, "pack", function_args()), kind(target, "function"))

    with pytest.raises(
        WiringError, match=r"^pack is of components\.local\.function and has no Deployed behind it; make both by one"
    ):
        made_alone("local", wire)


@pytest.mark.parametrize("target", KINDS)
def test_something_else_of_the_target_is_not_taken_for_it(target: TargetName) -> None:
    def wire(make: Make) -> None:
        behind(make(Queue, "parcels", QUEUE), kind(target, "function"))

    with pytest.raises(
        WiringError, match=rf"^parcels is of components\.{target}\.queue and has no Deployed behind it$"
    ):
        made_alone(target, wire)
