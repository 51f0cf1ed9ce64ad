"""A system of stage prod on the simulated Azure: nothing takes it away by accident, and it can go and come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from portal.errors import DeploymentError
from tests.engine.azure.shop import REMAIN, Shop, block
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

PROD: Mapping[str, object] = {"stage": "prod"}
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
    assert account.kinds() == [*REMAIN]
    with pytest.raises(DeploymentError, match="was deleted and is kept with its name"):
        shop.deployment(**UNPROTECTED).up()
    shop.deployment(**UNPROTECTED, azure=block(recover=True)).up()
    assert account.kinds() == sorted([*REMAIN, *(key.split()[0].rpartition(":")[2] for key in before)])
    shop.deployment(**UNPROTECTED).up()
    shop.deployment(**UNPROTECTED).destroy()
    assert set(account.kinds()) == REMAIN
