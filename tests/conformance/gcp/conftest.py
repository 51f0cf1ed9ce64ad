from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud.firestore import Client

from functions.adapters.gcp.documents import Documents
from tests.conformance.gcp_target import GcpTarget, open_gcp
from tests.gcp.firestore_fake import FirestoreFake
from tests.gcp.pubsub.server import Pstest
from tests.gcp.unpacked import unpack


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The functions' sources, for processes of this machine."""
    return unpack(tmp_path_factory.mktemp("functions"))


@pytest.fixture
def gcp(pstest: Pstest) -> Iterator[GcpTarget]:
    with open_gcp(pstest) as opened:
        yield opened


@pytest.fixture
def fake() -> Iterator[FirestoreFake]:
    with FirestoreFake() as running:
        yield running


@pytest.fixture
def firestore(fake: FirestoreFake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Google's own client, which is told where the fake is as it is told of an emulator."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", fake.address)
    client = Client(project="orderly-test", database="orders")
    yield client
    client.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def waits() -> list[float]:
    """The seconds that `documents` would have waited."""
    return []


@pytest.fixture
def documents(firestore: Client, waits: list[float]) -> Documents:
    return Documents(firestore, pause=waits.append)
