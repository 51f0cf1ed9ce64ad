"""The whole order system, built, changed, broken, healed and removed by the real engine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pulumi.automation import EngineEvent

from portal.errors import DeploymentError
from portal.results import MASK
from tests.engine.systems import IGNORED_LEAK, System, kill, lives

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

SECRETS = {
    "payments": {"url": "https://payments.example", "api_key": "the-key-of-the-gateway"},
    "notification": {
        "webhook_url": "https://hooks.example/the-token-of-the-hook",
        "webhook_secret": "the-secret-of-the-hook",
    },
}


def test_a_second_up_changes_nothing(system: System) -> None:
    system.deployment().up()
    before = system.run_time()
    again = system.deployment().up()
    assert not again.changes
    assert system.run_time() == before


def test_a_changed_setting_is_updated_in_place_with_every_order_still_there(system: System) -> None:
    fulfilled = system.place_fulfilled_order()
    before = system.run_time()
    changed = system.deployment(functions={"log_level": "WARN"}, queues={"visibility_timeout": "2m"}).up()
    assert {change.operation for change in changed.changes} == {"update"}
    properties = {(change.name, name) for change in changed.changes for name in change.properties}
    assert ("fulfilment", "visibility_timeout_seconds") in properties
    assert ("api", "environment.ORDERLY_LOG_LEVEL") in properties
    assert system.status(fulfilled) == "FULFILLED"
    assert system.run_time()["url"] == before["url"]
    assert not lives(before["pid"])


def test_a_killed_run_time_is_noticed_by_refresh_and_healed_by_up(system: System) -> None:
    orders = {system.place_fulfilled_order(), system.place_order()}
    before = system.run_time()
    kill(system.home)
    found = system.deployment().refresh()
    assert [(change.name, change.properties) for change in found.changes] == [("run-time", ("status",))]
    system.deployment().up()
    assert system.run_time()["url"] == before["url"]
    assert orders <= system.order_ids()


def test_a_port_taken_by_someone_else_is_noticed_and_told(system: System) -> None:
    orders, told = system.order_ids(), f"port {system.port} of 127.0.0.1 is taken by another program"
    kill(system.home)
    with socket.create_server(("127.0.0.1", system.port)):
        warnings = list[str]()
        system.deployment().refresh(on_event=lambda event: warnings.extend(diagnostics(event)))
        assert told in "".join(warnings)
        with pytest.raises(DeploymentError) as refused:
            system.deployment().up()
    assert told in str(refused.value)
    assert "Traceback" not in str(refused.value)
    system.deployment().up()
    assert system.order_ids() == orders


def test_a_deleted_database_is_noticed_by_refresh_and_made_again_by_up(system: System) -> None:
    lost = system.place_fulfilled_order()
    before = system.run_time()
    system.home.database.unlink()
    found = system.deployment().refresh()
    assert [(change.name, change.operation) for change in found.changes] == [("orders", "delete")]
    system.deployment().up()
    assert system.run_time()["instance"] != before["instance"], "it would still write to the deleted file"
    assert lost not in system.order_ids()
    system.place_fulfilled_order()


def test_secrets_are_only_in_their_own_files(system: System) -> None:
    events: list[str] = []
    done = system.deployment(**SECRETS).up(on_event=lambda event: events.append(repr(vars(event))))
    values = ("the-key-of-the-gateway", "the-secret-of-the-hook", "the-token-of-the-hook")
    found = {file for file in _files(system.folder) if any(value.encode() in file.read_bytes() for value in values)}
    assert found == {
        system.home.secrets / "payment-api-key",
        system.home.secrets / "webhook-secret",
        system.home.declarations / "function" / "notify-ops.json",
    }
    assert {oct(file.stat().st_mode)[-3:] for file in found} == {"600"}
    process = Path("/proc", str(system.run_time()["pid"]))
    seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes() + "".join(events).encode()
    assert not any(value.encode() in seen for value in values)
    assert "PASSPHRASE" not in (process / "environ").read_text()
    assert MASK not in done.outputs.values(), "nothing that the system exports is secret"


def test_preview_makes_nothing_and_destroy_leaves_nothing(tmp_path: Path) -> None:
    system = System(tmp_path)
    with pytest.raises(DeploymentError, match="no stack named 'test'"):
        system.deployment().outputs()
    preview = system.deployment().preview()
    assert preview.counts["create"] == len(preview.changes)
    assert not system.home.root.exists()
    system.deployment().up()
    pid = system.run_time()["pid"]
    system.place_fulfilled_order()
    system.deployment().destroy()
    assert not lives(pid)
    assert not system.home.root.exists()


def test_a_refused_program_is_told_in_its_own_words(tmp_path: Path) -> None:
    system = System(tmp_path)
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(DeploymentError) as refused:
        system.deployment().up()
    assert f"{tmp_path / 'home'}" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def diagnostics(event: EngineEvent) -> list[str]:
    return [event.diagnostic_event.message] if event.diagnostic_event else []


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
