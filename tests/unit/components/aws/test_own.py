"""What one component of AWS needs of another is there on AWS alone."""

from __future__ import annotations

import pytest

from components.aws._inlet import Inlet
from components.aws._lambda import Deployed
from components.aws._own import own
from components.aws._role import Role
from components.errors import WiringError
from components.function import Function
from components.queue import Queue
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


def test_a_component_keeps_what_is_behind_it_and_an_identity_is_it_itself() -> None:
    def wire(make: Make) -> None:
        function = make(Function, "pack", function_args())
        assert own(function.identity, Role) is own(function, Deployed).role
        assert own(make(Queue, "parcels", QUEUE), Inlet).queue

    made_alone("aws", wire)


def test_what_another_target_has_made_is_refused_by_its_name() -> None:
    def wire(make: Make) -> None:
        own(make(Queue, "parcels", QUEUE), Inlet)

    with pytest.raises(
        WiringError, match=r"^parcels is of components\.local\.queue and has no Inlet on AWS; make both"
    ):
        made_alone("local", wire)


def test_something_else_of_aws_is_not_taken_for_it() -> None:
    def wire(make: Make) -> None:
        own(make(Queue, "parcels", QUEUE), Deployed)

    with pytest.raises(WiringError, match=r"^parcels is of components\.aws\.queue and has no Deployed"):
        made_alone("aws", wire)
