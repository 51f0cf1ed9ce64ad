"""What the read model and the ledger cost in calls, and what they do when others are in their way."""

from __future__ import annotations

import pytest

from functions.adapters.azure import layout
from functions.adapters.azure.demand import CosmosDemand
from functions.adapters.azure.ledger import CosmosLedger
from functions.domain.errors import RetryableError
from tests.conformance.azure.overtaken import Overtaken
from tests.conformance.azure_target import AzureTarget

LOST = None


def test_an_event_is_one_call_once_its_articles_are_known(azure: AzureTarget) -> None:
    azure.demand.record("one:1", {"TEAPOT": 1})
    assert azure.cosmos.calls == ["Batch", "Query", "Batch"]
    azure.cosmos.calls.clear()
    azure.demand.record("two:1", {"TEAPOT": 1})
    azure.demand.record("two:1", {"TEAPOT": 1})
    assert azure.cosmos.calls == ["Batch", "Batch"]
    assert azure.ordered() == {"TEAPOT": 2}


def test_an_event_of_as_many_articles_as_the_api_takes_is_counted_whole(azure: AzureTarget) -> None:
    units = {f"SKU-{number}": 1 for number in range(99)}
    azure.demand.record("one:1", units)
    azure.demand.record("two:1", units | {"SKU-98": 2})
    assert azure.ordered() == {sku: 2 for sku in units} | {"SKU-98": 3}


@pytest.mark.parametrize("status", [LOST, 449])
def test_an_event_whose_answer_was_lost_or_that_met_another_is_counted_once(
    azure: AzureTarget, status: int | None
) -> None:
    azure.demand.record("one:1", {"TEAPOT": 1})
    azure.cosmos.fail_next("Batch", status, after=status is LOST)
    azure.demand.record("two:1", {"TEAPOT": 2, "CUP": 1})
    assert azure.ordered() == {"TEAPOT": 3, "CUP": 1}


def test_who_counts_a_new_article_sees_who_counted_it_before(azure: AzureTarget) -> None:
    """The other one counts when it is known that nobody has."""
    items, turns = azure.demand.items, iter([0, 1, 0])

    def others() -> None:
        for _ in range(next(turns)):
            azure.demand.record("other:1", {"CUP": 1})

    overtaken = Overtaken(items.open, items.key, meanwhile=others)
    CosmosDemand(overtaken).record("one:1", {"CUP": 1})
    assert azure.ordered() == {"CUP": 2}
    assert next(turns, None) is None


def test_who_counts_first_is_seen_by_who_is_about_to(azure: AzureTarget) -> None:
    """The other one counts when it is known that nobody has."""
    items, turns = azure.ledger.items, iter([0, 1, 0])
    overtaken = Overtaken(
        items.open, items.key, meanwhile=lambda: [azure.ledger.count("a") for _ in range(next(turns))]
    )
    assert CosmosLedger(overtaken).count("a") == 2
    assert next(turns, None) is None


def test_it_is_forgotten_in_time_that_an_event_was_counted(azure: AzureTarget) -> None:
    azure.demand.record("one:1", {"TEAPOT": 1})
    azure.cosmos.store.now += int(layout.REMEMBERED.total_seconds())
    assert azure.items(layout.DEMAND).keys() == {"units-TEAPOT"}


def test_a_count_is_one_call_after_the_first(azure: AzureTarget) -> None:
    assert [azure.ledger.count("a") for _ in range(2)] == [1, 2]
    assert azure.cosmos.calls == ["Batch", "Batch", "Batch"]


def test_a_count_whose_answer_was_lost_is_given_to_nobody(azure: AzureTarget) -> None:
    azure.ledger.count("a")
    azure.cosmos.fail_next("Batch", LOST, after=True)
    assert azure.ledger.count("a") == 3


def test_an_entry_whose_answer_was_lost_stands(azure: AzureTarget) -> None:
    azure.cosmos.fail_next("Batch", LOST, after=True)
    assert azure.ledger.record_once("a", {"by": 1}) == {"by": 1}


def test_a_counter_and_an_entry_of_one_key_are_two(azure: AzureTarget) -> None:
    azure.ledger.count("a")
    assert azure.ledger.find("a") is None
    assert azure.ledger.record_once("a", {"by": 1}) == {"by": 1}
    assert azure.ledger.count("a") == 2


def test_an_entry_over_which_others_stay_in_the_way_may_come_again(azure: AzureTarget) -> None:
    for _ in range(100):
        azure.cosmos.fail_next("Batch", 503)
    with pytest.raises(RetryableError, match="Cosmos DB"):
        azure.ledger.record_once("a", {})
