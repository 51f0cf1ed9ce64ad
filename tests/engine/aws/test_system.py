"""The whole order system on the simulated AWS: built, changed, protected, mended and removed by the real engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components.config import OrderSystemConfig
from components.system import OrderSystem
from portal.deployment import PROJECT, Deployment, Workspace
from portal.errors import DeploymentError
from portal.results import Change, Update
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK, PASSPHRASE, STACK

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

SECRET = "the-secret-of-the-hook"  # noqa: S105
SETTINGS = {
    "stage": "dev",
    "target": "aws",
    "aws": {"region": "eu-central-1"},
    "notification": {"webhook_url": "https://hooks.example/orders", "webhook_secret": SECRET},
}
PROTECTED: Mapping[str, object] = {"database": {"deletion_protection": True}}


@dataclass(frozen=True)
class Shop:
    folder: Path

    def deployment(self, **settings: object) -> Deployment:
        return Deployment(self._config(settings), STACK, workspace=self._workspace())

    def with_another_key(self, **settings: object) -> Deployment:
        return _WithAnotherKey(self._config(settings), STACK, workspace=self._workspace())

    @staticmethod
    def _config(settings: dict[str, object]) -> OrderSystemConfig:
        return OrderSystemConfig.parse({**SETTINGS, **settings})

    def _workspace(self) -> Workspace:
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        return Workspace(state=state.as_uri(), passphrase=PASSPHRASE, folder=self.folder / "work")


class _WithAnotherKey(Deployment):
    """A table with another key, which AWS can only make anew."""

    def _declare(self) -> None:
        OrderSystem(PROJECT, config=self._config, transforms={"database/orders": {"table": _rekeyed}})


def _rekeyed(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
    attributes = list(cast(list[Any], args.props["attributes"]))
    attributes.append({"name": "id", "type": "S"})
    return pulumi.ResourceTransformResult({**args.props, "hashKey": "id", "attributes": attributes}, args.opts)


@pytest.fixture(scope="module")
def shop(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.deployment().up()
    yield shop
    shop.deployment().up()
    shop.deployment().destroy()
    assert account.resources() == {}


def test_a_second_up_changes_nothing(shop: Shop) -> None:
    assert not shop.deployment().up().changes


def test_no_secret_is_in_plain_text_in_the_checkpoint(shop: Shop, account: Account) -> None:
    (checkpoint,) = (shop.folder / "state").rglob(f"{STACK}.json")
    assert SECRET in account.path.read_text()
    assert SECRET not in checkpoint.read_text()


def test_more_memory_updates_functions_in_place_and_nothing_that_holds_orders(shop: Shop) -> None:
    preview = shop.deployment(functions={"memory_mb": 2048}).preview()
    changed = shop.deployment(functions={"memory_mb": 2048}).up()
    assert {change.operation for change in changed.changes} == {"update"}
    assert _names(preview.changes) == _names(changed.changes)
    assert "api" in _names(changed.changes)
    assert not any("Table" in change.type for change in changed.changes)


def test_another_key_of_the_orders_table_is_refused(shop: Shop, account: Account) -> None:
    shop.deployment(**PROTECTED).up()
    before = account.resources()
    with pytest.raises(DeploymentError, match="protect"):
        shop.with_another_key(**PROTECTED).up()
    assert account.resources() == before


def test_what_was_changed_or_lost_behind_our_back_is_mended(shop: Shop, account: Account) -> None:
    shop.deployment().up()
    queue = next(key for key in account.resources() if key.startswith("aws:sqs/queue:Queue") and "fulfilment" in key)
    account.drift(queue, visibilityTimeoutSeconds=1)
    shop.deployment().refresh()
    mended: Update = shop.deployment().up()
    assert [change.operation for change in mended.changes] == ["update"]
    assert account.resources()[queue]["inputs"]["visibilityTimeoutSeconds"] == 60


def _names(changes: tuple[Change, ...]) -> set[str]:
    return {change.name for change in changes}
