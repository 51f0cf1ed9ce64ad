"""Deployments that lack something: each is seen to fail, and to do its work once what it lacked is there.

What was recorded is taken away, or recorded otherwise, while the system runs. That a grant which is there is also asked
for is shown by the refusal; that the system needs it, by what became of the order.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

from functions.environment import Variable
from tests.e2e.api import Api, order
from tests.e2e.azure.operating import Operator, Queue
from tests.e2e.azure.system import AzureSystem
from tests.e2e.azure.world.access import (
    CREATE_ITEM,
    DELETE_ITEM,
    PUBLISH,
    QUERY,
    READ_BLOB,
    READ_FEED,
    READ_SECRET,
    RECEIVE,
    SEND,
    USE_QUEUES,
    USE_TABLES,
    WRITE_BLOB,
)
from tests.e2e.azure.world.apps import HostError, check_storage, resolved
from tests.e2e.azure.world.identities import principal_of
from tests.e2e.told import LARGE_ITEMS
from tests.e2e.world.records import Record, last_part
from tests.engine.systems import until

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("kind", ["consumption"], indirect=True)]


@dataclass(frozen=True)
class Lack:
    """The grants of one principal that give an action, of what is named; `of` is a handler, or one of the others."""

    of: str
    action: str
    on: str = ""

    def principal(self, operator: Operator) -> str:
        records = operator.system.world.records
        if self.of == "bus":
            return str(records.one("eventgrid.Topic")["identity"]["principalId"])
        if self.of == "logic app":
            (app,) = records.of("logic.Workflow")
            (identity,) = app["identity"]["userAssignedIdentities"]
            return principal_of(records, app, identity)
        return operator.principal(self.of)

    def grants(self, operator: Operator) -> list[Record]:
        """Those without which the action is refused."""
        found = operator.system.world.access.assignments(self.principal(operator), self.action)
        grants = [each for each in found if self.on in ("", last_part(each["scope"]))]
        assert grants, f"nothing lets {self.of} do this"
        return grants

    def is_seen(self, operator: Operator, since: int) -> bool:
        """Whoever lacks a role is refused the first thing that it gives."""
        refused = operator.system.world.access.refused[since:]
        return self.principal(operator) in {each.principal for each in refused}


def id_of(lack: Lack) -> str:
    *_, what, verb = lack.action.removesuffix("/action").split("/")
    return f"{lack.of}-{what}-{verb}"


WAITS = [
    Lack("relay", READ_FEED),
    Lack("relay", DELETE_ITEM),
    Lack("relay", PUBLISH),
    Lack("fulfil", RECEIVE),
    Lack("order_tasks", CREATE_ITEM),
    Lack("inventory_tasks", CREATE_ITEM),
    Lack("payment_tasks", CREATE_ITEM),
    Lack("delivery_tasks", CREATE_ITEM),
]
"""What an order waits for, because whoever lacks it tries again."""


@pytest.mark.parametrize("lack", WAITS, ids=id_of)
def test_an_order_waits_for_a_grant_and_is_fulfilled_once_it_is_there(
    api: Api, operator: Operator, system: AzureSystem, lack: Lack
) -> None:
    with operator.without(*lack.grants(operator)):
        since = len(system.world.access.refused)
        order_id = api.place()
        until(lambda: lack.is_seen(operator, since))
        assert api.order(order_id)["status"] != "FULFILLED"
    assert api.ended(order_id)["status"] == "FULFILLED"


CONSUMED = [
    Lack("fulfil", CREATE_ITEM),
    Lack("project_demand", CREATE_ITEM),
    Lack("archive_events", WRITE_BLOB, on="event-archive"),
    Lack("workflow", WRITE_BLOB),
    Lack("workflow", USE_QUEUES),
    Lack("workflow", USE_TABLES),
]
"""What the messages of a consumer become dead letters without; the workflow's are those of what starts runs."""


@pytest.mark.parametrize("lack", CONSUMED, ids=id_of)
def test_messages_that_a_grant_is_missing_for_are_set_aside(
    api: Api, operator: Operator, system: AzureSystem, lack: Lack
) -> None:
    queue = operator.queue("fulfil" if lack.of == "workflow" else lack.of)
    with operator.without(*lack.grants(operator)):
        since = len(system.world.access.refused)
        order_id = api.place()
        until(lambda: bool(of_order(queue, order_id)))
        assert lack.is_seen(operator, since)
    if lack.of != "workflow":  # what had begun to start a run holds on to it for a minute
        again = queue.redrive()
        until(lambda: all((1, True) in operator.tries_of(each) for each in again))


def of_order(queue: Queue, order_id: str) -> list[bytes]:
    return [each.body for each in queue.dead() if order_id.encode() in each.body]


@pytest.mark.parametrize("to", ["fulfilment", "order-events"])
def test_an_event_that_the_bus_may_not_deliver_somewhere_is_among_its_dead_letters(
    api: Api, operator: Operator, to: str
) -> None:
    with operator.without(*Lack("bus", SEND, on=to).grants(operator)):
        order_id = api.place()
        until(lambda: any(each["subject"] == order_id for each in operator.undelivered()))


def test_an_event_is_lost_that_the_bus_may_neither_deliver_nor_keep(
    api: Api, operator: Operator, system: AzureSystem
) -> None:
    grants = [*Lack("bus", SEND).grants(operator), *Lack("bus", WRITE_BLOB).grants(operator)]
    with operator.without(*grants):
        order_id = api.place()
        until(lambda: any(each["subject"] == order_id for each in system.world.event_grid.lost))
    assert not [each for each in operator.undelivered() if each["subject"] == order_id]


@pytest.mark.parametrize("action", [RECEIVE, READ_SECRET])
def test_operations_are_told_nothing_by_a_logic_app_that_lacks_a_grant(
    api: Api, operator: Operator, system: AzureSystem, action: str
) -> None:
    lack = Lack("logic app", action)
    with operator.without(*lack.grants(operator)):
        since = len(system.world.access.refused)
        order_id = api.place(items=LARGE_ITEMS)
        queue = operator.notification()
        until(lambda: lack.is_seen(operator, since) and not system.world.bus.is_idle(queue.id))
        assert order_id not in system.webhook.orders()
    until(lambda: order_id in system.webhook.orders())


@pytest.mark.parametrize("consumer", ["fulfil", "archive_events"])
def test_what_can_never_succeed_is_tried_in_vain_by_a_consumer_that_may_not_set_it_aside(
    operator: Operator, consumer: str
) -> None:
    queue = operator.queue(consumer)
    with operator.without(*Lack(consumer, SEND).grants(operator)):
        message_id = queue.send(b"no event")
        until(lambda: bool(queue.dead(b"no event")))
    assert [succeeded for _, succeeded in operator.tries_of(message_id)] == [False] * 5
    assert "reason" not in queue.dead(b"no event")[0].properties
    queue.take_dead()


def test_an_api_that_may_not_use_the_database_says_that_something_is_wrong(api: Api, operator: Operator) -> None:
    for action, asked in ((CREATE_ITEM, ("POST", "/orders")), (QUERY, ("GET", "/orders"))):
        with operator.without(*Lack("api", action).grants(operator)):
            answer = api.ask(*asked, json=order() if asked[0] == "POST" else None, key="broken")
        assert (answer.status, answer.json()["type"]) == (500, "urn:orderly:problem:internal")


def test_no_caller_gets_an_answer_where_the_gateway_is_not_let_in(api: Api, operator: Operator) -> None:
    with letting_nobody_in(operator, "api"):
        assert api.ask("GET", "/orders").status == 403
    assert api.ask("GET", "/orders").status == 200


@pytest.mark.parametrize("handler", ["order_tasks", "inventory_tasks", "payment_tasks", "delivery_tasks"])
def test_a_run_waits_for_tasks_that_do_not_let_it_in(
    api: Api, operator: Operator, system: AzureSystem, handler: str
) -> None:
    with letting_nobody_in(operator, handler):
        since = len(system.world.sites.calls)
        order_id = api.place()
        until(lambda: (handler, 403) in [(each.handler, each.status) for each in system.world.sites.calls[since:]])
    assert api.ended(order_id)["status"] == "FULFILLED"


def test_no_run_is_started_where_the_workflow_does_not_let_in_what_starts_it(api: Api, operator: Operator) -> None:
    queue = operator.queue("fulfil")
    with letting_nobody_in(operator, "workflow"):
        order_id = api.place()
        until(lambda: bool(of_order(queue, order_id)))
        assert operator.runs(order_id) == []
    queue.redrive()
    assert api.ended(order_id)["status"] == "FULFILLED"


def letting_nobody_in(operator: Operator, handler: str) -> AbstractContextManager[None]:
    """To the app of the handler, as if no identity had been granted it."""
    records, site = operator.system.world.records, operator.app(handler).record
    (settings,) = (each for each in records.of("web.WebAppAuthSettingsV2") if each.id.startswith(f"{site.id}/"))
    providers = json.loads(json.dumps(settings["identityProviders"]))
    policy = providers["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"]
    policy["allowedPrincipals"]["identities"] = ["somebody-else"]
    return operator.changed(settings, identityProviders=providers)


def test_everybody_is_told_of_everything_where_a_subscription_keeps_the_rule_that_it_was_made_with(
    api: Api, operator: Operator, system: AzureSystem
) -> None:
    rules = system.world.records.of("servicebus.DefaultRule")
    (rule,) = (each for each in rules if each["subscriptionName"] == "notifications")
    with operator.without(rule):
        order_id = api.place()
        until(lambda: any(order_id.encode() in each.message.body for each in operator.tries("notify_customer")))
        assert api.ended(order_id)["status"] == "FULFILLED"
    bodies = [each.message.body for each in operator.tries("notify_customer")]
    assert "order.placed" in [json.loads(body)["type"] for body in bodies if order_id.encode() in body]


@pytest.mark.parametrize("action", [WRITE_BLOB, READ_BLOB])
def test_an_app_without_its_storage_does_not_start(operator: Operator, system: AzureSystem, action: str) -> None:
    world, app = system.world, operator.app("cleanup")
    check_storage(app.record, app.settings, world.records, world.access)
    with operator.without(*Lack("cleanup", action).grants(operator)), pytest.raises(HostError, match="lacks"):
        check_storage(app.record, app.settings, world.records, world.access)


def test_a_secret_that_an_app_may_not_read_stays_a_reference(operator: Operator, system: AzureSystem) -> None:
    world, app = system.world, operator.app("cleanup")
    secret = world.records.one("keyvault.Secret")
    reference = f"@Microsoft.KeyVault(VaultName={secret['vaultName']};SecretName={secret['secretName']})"
    told = [*app.record["siteConfig"]["appSettings"], {"name": Variable.PAYMENT_SECRET, "value": reference}]
    site = {**app.record["siteConfig"], "appSettings": told}
    with operator.changed(app.record, siteConfig=site):
        record = world.records.one("web.WebApp", name=app.record["name"])
        assert resolved(record, world.records, world.access)[Variable.PAYMENT_SECRET] == reference
