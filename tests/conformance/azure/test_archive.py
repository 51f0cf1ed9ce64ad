"""What Blob Storage asks of the archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.adapters.azure.archive import BlobArchive
from functions.adapters.azure.rest import ATTEMPTS, RefusedError
from functions.domain.errors import RetryableError
from tests.conformance.azure_target import AzureTarget
from tests.unit.functions.orders import NOON

BLOB = "2026/01/02/ord_1-1.json"
LOST = None


def unhurried(archive: BlobArchive, pause: Callable[[float], None] = lambda _: None) -> BlobArchive:
    return replace(archive, container=replace(archive.container, pause=pause))


def test_an_event_is_kept_as_json(azure: AzureTarget) -> None:
    azure.archive.put("ord_1:1", NOON, b"{}")
    assert azure.blobs.types == {BLOB: "application/json"}


def test_an_event_that_is_there_is_not_overwritten(azure: AzureTarget) -> None:
    for body in (b'{"first": 1}', b'{"second": 2}'):
        azure.archive.put("ord_1:1", NOON, body)
    assert azure.archived() == {BLOB: b'{"first": 1}'}


@pytest.mark.parametrize("statuses", [[503, 429], [LOST, 500], [408]])
def test_an_upload_that_failed_is_done_again_after_a_wait(azure: AzureTarget, statuses: list[int | None]) -> None:
    azure.blobs.statuses, waits = list(statuses), list[float]()
    unhurried(azure.archive, waits.append).put("ord_1:1", NOON, b"{}")
    assert azure.archived() == {BLOB: b"{}"}
    assert len(waits) == len(statuses)


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_an_upload_that_may_not_be_is_refused_at_once(azure: AzureTarget, status: int) -> None:
    azure.blobs.statuses = [status]
    with pytest.raises(RefusedError, match=f"Blob Storage answered {status}: .*AFault"):
        azure.archive.put("ord_1:1", NOON, b"{}")
    assert azure.archived() == {}


def test_a_storage_that_is_always_busy_may_be_asked_later(azure: AzureTarget) -> None:
    azure.blobs.statuses = [503] * ATTEMPTS
    with pytest.raises(RetryableError, match="Blob Storage was too busy or had a fault: it answered 503"):
        unhurried(azure.archive).put("ord_1:1", NOON, b"{}")
    assert azure.blobs.statuses == []


def test_a_storage_that_is_not_there_may_be_asked_later(azure: AzureTarget) -> None:
    nowhere = replace(azure.archive.container, address="http://127.0.0.1:1/archive", pause=lambda _: None)
    with pytest.raises(RetryableError, match="Blob Storage"):
        BlobArchive(nowhere).put("ord_1:1", NOON, b"{}")
