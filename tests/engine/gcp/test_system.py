"""The whole order system on the simulated Google Cloud: built, changed, protected, mended and removed for real."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from portal.errors import DeploymentError
from portal.results import Change, Update
from tests.engine.gcp.provider.rules import GcpRules
from tests.engine.gcp.shop import REMAIN, SECRET, Shop, block
from tests.engine.simulated.account import Account
from tests.engine.simulated.file_cloud import FileCloud
from tests.engine.systems import IGNORED_LEAK, STACK

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

HOLDS_ORDERS = {"Database", "Index", "Field", "Topic", "Subscription", "Bucket", "Secret", "SecretVersion", "Workflow"}


@pytest.fixture(scope="module")
def shop(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.deployment().up()
    yield shop
    shop.deployment().up()
    shop.deployment().destroy()
    assert set(account.kinds()) == REMAIN


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
    assert not _kinds(changed) & HOLDS_ORDERS


def test_another_location_of_the_orders_is_refused_while_they_are_protected(shop: Shop, account: Account) -> None:
    protected: Mapping[str, object] = {"database": {"deletion_protection": True}}
    shop.deployment(**protected).up()
    before = account.resources()
    with pytest.raises(DeploymentError, match="protect"):
        shop.deployment(**protected, gcp=block(firestore_location="eur3")).up()
    assert account.resources() == before


def test_what_was_changed_or_lost_behind_our_back_is_mended(shop: Shop, account: Account) -> None:
    shop.deployment().up()
    queue = next(key for key in account.resources() if ":Subscription " in key and "fulfilment" in key)
    grant = next(key for key in account.resources() if ":ServiceIamMember " in key)
    before = _inputs(account)
    account.drift(queue, ackDeadlineSeconds=10)
    account.drift(grant)
    shop.deployment().refresh()
    mended = shop.deployment().up()
    assert sorted(change.operation for change in mended.changes) == ["create", "update"]
    assert _inputs(account) == before


def test_the_account_that_builds_comes_again_and_leaves_kept_logs_and_roles_as_they_are(
    shop: Shop, account: Account
) -> None:
    shop.deployment().up()
    (builds,) = (
        key for key, each in account.resources().items() if "builds functions" in each["inputs"].get("displayName", "")
    )
    FileCloud(account.path, GcpRules()).delete(*builds.split(" ", 1))
    shop.deployment().refresh()
    mended = _kinds(shop.deployment().up())
    assert "Account" in mended
    assert not mended & {"ProjectBucketConfig", "IAMCustomRole"}


@pytest.mark.parametrize(
    ("front", "address"),
    [
        pytest.param({"api_kind": "direct"}, r"https://orderly-test-api-.+\.run\.app", id="direct"),
        pytest.param(
            {"api_kind": "load_balancer", "domain": "orders.example.com"}, "https://orders.example.com", id="balancer"
        ),
    ],
)
def test_the_api_moves_from_the_gateway_to_another_front_and_back(
    shop: Shop, account: Account, front: dict[str, object], address: str
) -> None:
    shop.deployment().up()
    before = _kinds_but_apis(account)
    moved = shop.deployment(gcp=block(**front)).up()
    assert re.fullmatch(address, moved.outputs["api_url"])
    assert not {"Gateway", "ApiConfig", "Api"} & set(account.kinds())
    back = shop.deployment().up()
    assert back.outputs["api_url"].endswith(".gateway.dev")
    assert not (_kinds(moved) | _kinds(back)) & HOLDS_ORDERS
    assert _kinds_but_apis(account) == before


def _inputs(account: Account) -> dict[str, object]:
    return {key: record["inputs"] for key, record in account.resources().items()}


def _kinds_but_apis(account: Account) -> list[str]:
    """An API that was enabled once stays so."""
    return [kind for kind in account.kinds() if kind != "Service"]


def _names(changes: tuple[Change, ...]) -> set[str]:
    return {change.name for change in changes}


def _kinds(changed: Update) -> set[str]:
    return {change.type.rpartition(":")[2] for change in changed.changes}
