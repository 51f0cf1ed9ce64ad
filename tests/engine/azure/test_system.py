"""The whole order system on the simulated Azure: built, changed, protected, mended and removed for real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components.azure._package import package
from functions.adapters.azure import layout
from portal.errors import DeploymentError
from portal.results import Change, Update
from tests.azure.serving import answer
from tests.engine.azure.azure import Azure
from tests.engine.azure.shop import REMAIN, SECRET, Shop, block
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK, STACK

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

APP = "azure-native:web:WebApp"
HANDLES_THE_API = {"name": "ORDERLY_HANDLER", "value": "api"}
PACKAGE = "components.azure._app.package"
"""What builds it, as apps ask for it."""
HOLDS_ORDERS = {
    "DatabaseAccount",
    "SqlResourceSqlDatabase",
    "SqlResourceSqlContainer",
    "StorageAccount",
    "BlobContainer",
    "Queue",
    "Topic",
    "Vault",
    "Secret",
}


@pytest.fixture(scope="module")
def shop(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.deployment().up()
    yield shop
    shop.deployment().destroy()
    assert set(account.kinds()) == REMAIN


def test_every_app_runs_the_one_package(shop: Shop, azure: Azure) -> None:
    apps = {key.rpartition("/")[2] for key in azure.account.resources() if key.startswith(f"{APP} ")}
    assert azure.sites.code.keys() == apps
    (digest,) = set(azure.sites.code.values())
    assert azure.account.uploaded(digest).read_bytes() == package().read_bytes()


def test_a_preview_and_a_second_up_change_nothing_and_post_nothing(shop: Shop, azure: Azure) -> None:
    asked, before = len(azure.sites.asked), azure.account.resources()
    assert shop.deployment(functions={"memory_mb": 2048}).preview().changes
    assert not shop.deployment().up().changes
    assert azure.account.resources() == before
    assert len(azure.sites.asked) == asked


def test_no_secret_is_in_plain_text_in_the_checkpoint(shop: Shop, account: Account) -> None:
    (checkpoint,) = (shop.folder / "state").rglob(f"{STACK}.json")
    assert SECRET in account.path.read_text()
    assert SECRET not in checkpoint.read_text()


def test_more_memory_updates_apps_in_place_and_nothing_that_holds_orders(shop: Shop, azure: Azure) -> None:
    published = len(azure.sites.published)
    preview = shop.deployment(functions={"memory_mb": 2048}).preview()
    changed = shop.deployment(functions={"memory_mb": 2048}).up()
    assert {change.operation for change in changed.changes} == {"update"}
    assert _kinds(changed) == {"WebApp"}
    assert {"api", "fulfil"} <= _names(changed.changes) <= _names(preview.changes)
    assert len(azure.sites.published) == published


def test_other_code_is_published_to_each_app_once_and_replaces_nothing(
    shop: Shop, azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.deployment().up()
    published = len(azure.sites.published)
    other = tmp_path / "other.zip"
    other.write_bytes(b"other code")
    monkeypatch.setattr(PACKAGE, lambda _: other)
    changed = shop.deployment().up()
    assert {(change.operation, change.type) for change in changed.changes} == {
        ("update", "azurepublisher:index:Package")
    }
    assert sorted(each.app for each in azure.sites.published[published:]) == sorted(azure.sites.code)
    assert len(set(azure.sites.code.values())) == 1


def test_a_package_that_is_refused_while_roles_spread_is_published_within_the_same_up(
    shop: Shop, azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = tmp_path / "late.zip"
    late.write_bytes(b"late code")
    monkeypatch.setattr(PACKAGE, lambda _: late)
    azure.sites.publish_answers = [answer(403)] * 30
    shop.deployment().up()
    assert azure.sites.publish_answers == []
    assert {azure.account.uploaded(digest).read_bytes() for digest in azure.sites.code.values()} == {b"late code"}


def test_another_location_is_refused_while_the_orders_are_protected(shop: Shop, account: Account) -> None:
    protected: dict[str, object] = {"database": {"deletion_protection": True}}
    shop.deployment(**protected).up()
    before = account.resources()
    with pytest.raises(DeploymentError, match="protect"):
        shop.deployment(**protected, azure=block(location="northeurope")).up()
    assert account.resources() == before


def test_another_capacity_is_refused_and_leaves_everything_as_it_was(shop: Shop, account: Account) -> None:
    shop.deployment().up()
    before = account.resources()
    with pytest.raises(DeploymentError, match="being serverless cannot be changed"):
        shop.deployment(azure=block(database_capacity=4000)).up()
    assert account.resources() == before


def test_another_partition_of_the_orders_is_refused(
    shop: Shop, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.deployment().up()
    before = account.resources()
    moved = tuple(
        replace(each, partition_key="/customer") if each.name == layout.ORDERS else each for each in layout.CONTAINERS
    )
    monkeypatch.setattr(layout, "CONTAINERS", moved)
    with pytest.raises(DeploymentError, match="the partition key cannot be changed"):
        shop.deployment().up()
    assert account.resources() == before


def test_what_was_changed_or_lost_behind_our_back_is_mended(shop: Shop, account: Account) -> None:
    shop.deployment().up()
    queue = next(key for key in account.resources() if ":Queue " in key and key.endswith("/fulfilment"))
    grant = next(key for key in account.resources() if ":RoleAssignment " in key and "/queues/fulfilment/" in key)
    before = _inputs(account)
    account.drift(queue, lockDuration="PT5S")
    account.drift(grant)
    shop.deployment().refresh()
    mended = shop.deployment().up()
    assert sorted(change.operation for change in mended.changes) == ["create", "update"]
    assert _inputs(account) == before


def test_a_change_of_the_insights_by_whose_id_the_vault_is_called_leaves_the_vault(
    shop: Shop, account: Account
) -> None:
    shop.deployment().up()
    insights = next(key for key in account.resources() if ":applicationinsights:Component " in key)
    account.drift(insights, kind="other")
    shop.deployment().refresh()
    assert {change.operation for change in shop.deployment().preview().changes} == {"update"}
    assert [change.operation for change in shop.deployment().up().changes] == ["update"]


def test_the_api_moves_to_other_fronts_and_back(shop: Shop, azure: Azure) -> None:
    shop.deployment().up()
    before, published = azure.account.kinds(), len(azure.sites.published)
    direct = shop.deployment(azure=block(api_kind="direct")).up()
    address = direct.outputs["api_url"].removeprefix("https://")
    assert [f"{each.app}.azurewebsites.net" for each in azure.sites.published[published:]] == [address]
    assert "ApiManagementService" not in azure.account.kinds()
    basic = shop.deployment(azure=block(api_kind="basic")).up()
    assert basic.outputs["api_url"].endswith(".azure-api.net")
    assert [each.app for each in azure.sites.published[published + 1 :]] == [_app_of_the_api(azure)]
    with pytest.raises(DeploymentError, match="was deleted and is kept with its name"):
        shop.deployment().up()
    back = shop.deployment(azure=block(recover=True)).up()
    assert back.outputs["api_url"].endswith(".azure-api.net")
    assert not (_kinds(direct) | _kinds(basic) | _kinds(back)) & HOLDS_ORDERS
    assert azure.account.kinds() == before


def _app_of_the_api(azure: Azure) -> str:
    apps = [record["inputs"] for key, record in azure.account.resources().items() if key.startswith(f"{APP} ")]
    (api,) = [app["name"] for app in apps if HANDLES_THE_API in app["siteConfig"]["appSettings"]]
    return str(api)


def _inputs(account: Account) -> dict[str, object]:
    return {key: record["inputs"] for key, record in account.resources().items()}


def _names(changes: tuple[Change, ...]) -> set[str]:
    return {change.name for change in changes}


def _kinds(changed: Update) -> set[str]:
    return {change.type.rpartition(":")[2] for change in changed.changes}
