"""The whole order system on Google Cloud, in each of the forms that it can be configured in, beside what it refuses."""

from __future__ import annotations

import pytest

from functions.codec import attributes
from tests.gcp.refusals import refusals
from tests.gcp.refused_messages import PUBLISHED
from tests.unit.functions.orders import placed
from tests.unit.gcp.breaking import FORMS, built


@pytest.mark.parametrize("form", FORMS)
def test_google_cloud_refuses_nothing(form: str) -> None:
    assert refusals(built(form)) == []


@pytest.mark.parametrize("form", FORMS)
def test_every_resource_is_in_the_configured_project(form: str) -> None:
    found = {
        each.inputs["project"] for each in built(form) if each.type.startswith("gcp:") and "project" in each.inputs
    }
    assert found == {"orderly-test"}


@pytest.mark.parametrize("form", FORMS)
def test_no_two_things_of_a_kind_have_one_name(form: str) -> None:
    graph = built(form)
    ids = [each.id for each in graph if each.type.startswith("gcp:")]
    assert len(ids) == len(set(ids))


def test_filters_are_tried_with_the_attributes_that_events_are_published_with() -> None:
    assert attributes(placed()[1][0], 1).keys() == PUBLISHED


@pytest.mark.parametrize("form", FORMS)
def test_only_what_was_written_to_the_database_calls_by_eventarc_and_no_task_waits(form: str) -> None:
    """docs/decisions/0010-no-task-queue-and-no-events-of-objects.md says what carries the rest."""
    graph = built(form)
    triggers = graph.of("eventarc.Trigger").values()
    types = {
        each["value"] for found in triggers for each in found.inputs["matchingCriterias"] if each["attribute"] == "type"
    }
    assert types == {"google.cloud.firestore.document.v1.created"}
    assert not [found.kind for found in graph if found.kind.startswith(("cloudtasks.", "storage.Notification"))]
