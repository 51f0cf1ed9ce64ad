"""A system of stage prod on the simulated Google Cloud: nothing takes it away by accident, and it can go and come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from portal.errors import DeploymentError
from tests.engine.gcp.shop import REMAIN, Shop
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

PROD: Mapping[str, object] = {"stage": "prod"}
DATABASE = "gcp:firestore/database:Database"
UNPROTECTED: Mapping[str, object] = {**PROD, "database": {"deletion_protection": False}}


def test_prod_goes_only_once_its_protection_is_taken_away_and_can_come_again(account: Account, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.deployment(**PROD).up()
    before = account.resources()
    with pytest.raises(DeploymentError, match="protect"):
        shop.deployment(**UNPROTECTED).destroy()
    assert account.resources() == before
    shop.deployment(**UNPROTECTED).up()
    shop.deployment(**UNPROTECTED).destroy()
    assert set(account.kinds()) == REMAIN
    shop.deployment(**UNPROTECTED).up()
    assert account.kinds() == sorted(key.split()[0].rpartition(":")[2] for key in before)
    shop.deployment(**UNPROTECTED).destroy()


def test_a_system_whose_protection_is_half_taken_away_is_left_whole(account: Account, tmp_path: Path) -> None:
    """By an `up` that was refused one of its changes."""
    shop = Shop(tmp_path)
    shop.deployment(**PROD).up()
    workflow = next(key for key in account.resources() if ":Workflow " in key)
    record = account.resources()[workflow]
    account.drift(workflow)
    with pytest.raises(DeploymentError, match="does not exist"):
        shop.deployment(**UNPROTECTED).up()
    before = {**account.resources(), workflow: record}
    account.path.write_text(json.dumps(before))
    assert {key.split()[0]: each["inputs"].get("deletionPolicy") for key, each in before.items()}[DATABASE] == "DELETE"
    with pytest.raises(DeploymentError, match="protect"):
        shop.deployment(**UNPROTECTED).destroy()
    assert account.resources() == before
    shop.deployment(**UNPROTECTED).up()
    shop.deployment(**UNPROTECTED).destroy()
    assert set(account.kinds()) == REMAIN
