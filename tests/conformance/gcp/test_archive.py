"""What Cloud Storage asks of the archive."""

from __future__ import annotations

from dataclasses import replace

import pytest
from google.api_core.exceptions import Forbidden

from functions.adapters.gcp.archive import StorageArchive
from functions.domain.errors import RetryableError
from tests.conformance.gcp_target import GcpTarget
from tests.gcp.loopback import LoopbackClients
from tests.unit.functions.orders import NOON

OBJECT = "2026/01/02/ord_1-1.json"


def test_an_event_is_kept_as_json(gcp: GcpTarget) -> None:
    gcp.archive.put("ord_1:1", NOON, b"{}")
    assert gcp.storage.types == {OBJECT: "application/json"}


def test_an_event_that_is_there_is_not_overwritten(gcp: GcpTarget) -> None:
    """Whoever may only create objects is refused an overwriting one."""
    for body in (b'{"first": 1}', b'{"second": 2}'):
        gcp.archive.put("ord_1:1", NOON, body)
    assert gcp.archived() == {OBJECT: b'{"first": 1}'}


def test_an_upload_that_failed_is_done_again(gcp: GcpTarget) -> None:
    gcp.storage.statuses = [503, 429]
    gcp.archive.put("ord_1:1", NOON, b"{}")
    assert gcp.archived() == {OBJECT: b"{}"}


def test_an_upload_that_may_not_be_is_refused_at_once(gcp: GcpTarget) -> None:
    gcp.storage.statuses = [403]
    with pytest.raises(Forbidden):
        gcp.archive.put("ord_1:1", NOON, b"{}")
    assert gcp.archived() == {}


def test_a_storage_that_is_always_busy_may_be_asked_later(gcp: GcpTarget) -> None:
    gcp.storage.statuses = [503] * 100
    with pytest.raises(RetryableError, match="Cloud Storage"):
        replace(gcp.archive, timeout_seconds=0.2).put("ord_1:1", NOON, b"{}")


def test_a_storage_that_is_not_there_may_be_asked_later(gcp: GcpTarget) -> None:
    nowhere = LoopbackClients(
        gcp.environment, publisher_address="", executions_address="", storage_url="http://127.0.0.1:1"
    )
    with pytest.raises(RetryableError, match="Cloud Storage"):
        StorageArchive(nowhere.storage, gcp.name, timeout_seconds=0.2).put("ord_1:1", NOON, b"{}")
