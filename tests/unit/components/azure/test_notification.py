"""What only a Logic App has: a definition in its own language, without a key, and the operators' words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from components.azure._ops_message import FIELDS, TEXT, Signer, definition
from functions.domain.events import Event, EventType
from functions.services.notify_ops import NotifyOps
from tests.graph import Graph, build, config
from tests.unit.components.azure.access import May, may

WEBHOOK = {"webhook_url": "https://ops.example/hook?token=of-the-day", "webhook_secret": "word-of-the-day"}
SIGNER = Signer(identity="/identity", vault="vault", secret="word")  # noqa: S106 a name


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("azure", notification=WEBHOOK))


@pytest.fixture
def inputs(graph: Graph) -> Mapping[str, Any]:
    return graph.one("logic.Workflow", "ops-notification").inputs


def test_it_tells_what_every_target_tells() -> None:
    """Ours is read by hand: what each field is made of, and the words between them."""
    told: list[Mapping[str, object]] = []

    class Channel:
        def notify(self, *, key: str, message: Mapping[str, object]) -> None:
            told.append(message)

    event = Event(
        order_id="ord_1",
        tenant="acme",
        version=1,
        type=EventType.PLACED,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        total_minor=999,
        currency="EUR",
        details={},
    )
    NotifyOps(Channel())(event)
    of = {
        "id": event.id,
        "type": event.type.value,
        **{name: getattr(event, name) for name in FIELDS if name in vars(event)},
    }
    made: dict[str, object] = {name: of[field] for name, field in FIELDS.items()}
    assert {**made, "text": said(TEXT, of)} == told[0]
    assert sorted(definition("q", at_once=2, signer=SIGNER)["actions"]["message"]["inputs"]) == sorted(told[0])


def said(expression: str, of: Mapping[str, object]) -> str:
    """What `@concat` makes of texts and of the event's fields."""
    text = expression.removeprefix("@concat(").removesuffix(")")
    for name, value in of.items():
        for spelt in (f"string(outputs('event')['{name}'])", f"outputs('event')['{name}']"):
            text = text.replace(spelt, f"'{value}'")
    return "".join(part[1:-1] for part in text.split(", "))


def test_a_message_is_done_only_after_the_webhook_took_it() -> None:
    actions = definition("q", at_once=2, signer=SIGNER)["actions"]
    assert [(name, list(action["runAfter"])) for name, action in actions.items()] == [
        ("event", []),
        ("message", ["event"]),
        ("secret", ["message"]),
        ("post", ["secret"]),
        ("done", ["post"]),
    ]
    assert {tuple(wanted) for action in actions.values() for wanted in action["runAfter"].values()} == {("Succeeded",)}


def test_the_queue_tries_again_and_nothing_else_does() -> None:
    actions = definition("q", at_once=2, signer=SIGNER)["actions"]
    assert [actions[name]["inputs"]["retryPolicy"] for name in ("secret", "post")] == [{"type": "none"}] * 2


def test_a_message_is_locked_and_not_taken_while_it_is_worked_on() -> None:
    (trigger,) = definition("q", at_once=7, signer=None)["triggers"].values()
    assert trigger["inputs"]["path"] == "/@{encodeURIComponent(encodeURIComponent('q'))}/messages/head/peek"
    assert trigger["runtimeConfiguration"] == {"concurrency": {"runs": 7}}


def test_the_secret_is_read_by_identity_and_shown_in_no_history() -> None:
    actions = definition("q", at_once=2, signer=SIGNER)["actions"]
    assert actions["secret"]["inputs"]["uri"] == "https://vault.vault.azure.net/secrets/word?api-version=7.4"
    assert actions["secret"]["inputs"]["authentication"] == {
        "type": "ManagedServiceIdentity",
        "identity": "/identity",
        "audience": "https://vault.azure.net",
    }
    assert actions["secret"]["runtimeConfiguration"] == {"secureData": {"properties": ["outputs"]}}
    assert actions["post"]["runtimeConfiguration"] == {"secureData": {"properties": ["inputs"]}}
    assert actions["post"]["inputs"]["headers"]["X-Orderly-Secret"] == "@body('secret')['value']"


def test_neither_address_nor_secret_is_in_the_definition(graph: Graph, inputs: Mapping[str, Any]) -> None:
    assert "of-the-day" not in json.dumps(inputs["definition"])
    assert inputs["parameters"]["webhook"] == {"type": "SecureString", "value": WEBHOOK["webhook_url"]}
    assert "parameters" in graph.one("logic.Workflow", "ops-notification").secrets


def test_the_connection_is_by_identity(graph: Graph, inputs: Mapping[str, Any]) -> None:
    namespace = graph.one("servicebus.Namespace", "orderly").inputs["namespaceName"]
    connection = graph.one("resources.Resource", "ops-notification")
    assert connection.inputs["properties"]["parameterValueSet"] == {
        "name": "managedIdentityAuth",
        "values": {"namespaceEndpoint": {"value": f"sb://{namespace}.servicebus.windows.net/"}},
    }
    connected = inputs["parameters"]["$connections"]["value"]["servicebus"]
    identity = graph.one("managedidentity.UserAssignedIdentity", "ops-notification").id
    assert connected["connectionId"] == connection.id
    assert connected["connectionProperties"] == {
        "authentication": {"type": "ManagedServiceIdentity", "identity": identity}
    }


def test_it_may_receive_from_its_queue_and_read_its_secret_and_no_more(graph: Graph) -> None:
    assert may(graph, "ops-notification") == {
        May(role="SERVICE_BUS_RECEIVER", on="servicebus.Queue/ops-notification"),
        May(role="SECRETS_USER", on="keyvault.Secret/webhook-secret"),
    }


def test_it_does_not_run_before_it_may_do_what_it_does(graph: Graph) -> None:
    app = graph.one("logic.Workflow", "ops-notification")
    for name in ("ops-notification-ops-notification-receiver", "webhook-secret-ops-notification-reader"):
        assert graph.comes_after(app, graph.one("authorization.RoleAssignment", name))


def test_without_a_webhook_the_runs_history_has_the_message() -> None:
    graph = build(config("azure"))
    inputs = graph.one("logic.Workflow", "ops-notification").inputs
    assert inputs["definition"]["actions"].keys() == {"event", "message", "done"}
    assert inputs["definition"]["actions"]["done"]["runAfter"] == {"message": ["Succeeded"]}
    assert inputs["parameters"].keys() == inputs["definition"]["parameters"].keys() == {"$connections"}
