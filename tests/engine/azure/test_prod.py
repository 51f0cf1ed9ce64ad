"""A system of stage prod on the simulated Azure, of what is paid for by capacity and by the action: its runs are kept
in a scheduler, nothing takes it away by accident, and it can go and come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.azure._package import package
from components.azure._roles import Role
from portal.errors import DeploymentError
from tests.engine.azure.azure import Azure
from tests.engine.azure.shop import REMAIN, Shop, block
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

CAPACITY = 4000
PAID: Mapping[str, object] = {"durable_backend": "scheduler", "database_capacity": CAPACITY}
PROD: Mapping[str, object] = {"stage": "prod", "azure": block(**PAID)}
UNPROTECTED: Mapping[str, object] = {**PROD, "database": {"deletion_protection": False}}
RECOVERING: Mapping[str, object] = {**UNPROTECTED, "azure": block(**PAID, recover=True)}
HANDLES_RUNS = {"name": "ORDERLY_HANDLER", "value": "workflow"}
OF_THE_STORAGE = (Role.QUEUE_DATA_CONTRIBUTOR, Role.TABLE_DATA_CONTRIBUTOR)
"""What the back end in the app's own storage account would need."""


def test_prod_goes_only_once_its_protection_is_taken_away_and_can_come_again(azure: Azure, tmp_path: Path) -> None:
    account, shop = azure.account, Shop(tmp_path)
    shop.deployment(**PROD).up()
    runs_are_kept_in_a_scheduler(azure)
    orders_have_a_capacity(account)
    before = account.resources()
    with pytest.raises(DeploymentError, match="protect"):
        shop.deployment(**UNPROTECTED).destroy()
    assert account.resources() == before
    shop.deployment(**UNPROTECTED).up()
    shop.deployment(**UNPROTECTED).destroy()
    assert account.kinds() == [*REMAIN]
    with pytest.raises(DeploymentError, match="was deleted and is kept with its name"):
        shop.deployment(**UNPROTECTED).up()
    shop.deployment(**RECOVERING).up()
    assert account.kinds() == sorted([*REMAIN, *(key.split()[0].rpartition(":")[2] for key in before)])
    shop.deployment(**UNPROTECTED).up()
    shop.deployment(**UNPROTECTED).destroy()
    assert set(account.kinds()) == REMAIN


def runs_are_kept_in_a_scheduler(azure: Azure) -> None:
    """That the workflow's app alone may use, by its identity; and nothing is left of what its storage would take."""
    account = azure.account
    ((scheduler, hub),) = zip(of(account, "durabletask:Scheduler"), of(account, "durabletask:TaskHub"), strict=True)
    (app,) = [each for each in of(account, "web:WebApp") if HANDLES_RUNS in each["siteConfig"]["appSettings"]]
    told = {each["name"]: each["value"] for each in app["siteConfig"]["appSettings"]}
    (identity,) = [
        each
        for each in of(account, "managedidentity:UserAssignedIdentity")
        if each["clientId"] == told["AZURE_CLIENT_ID"]
    ]
    assert hub["id"] == f"{scheduler['id']}/taskHubs/{told['TASKHUB_NAME']}"
    assert told["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"] == (
        f"Endpoint={scheduler['properties']['endpoint']};Authentication=ManagedIdentity;ClientID={identity['clientId']}"
    )
    assigned = [
        (each["principalId"], role_of(each), each["scope"]) for each in of(account, "authorization:RoleAssignment")
    ]
    of_hubs = [each for each in assigned if each[1] == Role.DURABLE_TASK_DATA_CONTRIBUTOR]
    assert of_hubs == [(identity["principalId"], Role.DURABLE_TASK_DATA_CONTRIBUTOR, hub["id"])]
    assert [each for each in assigned if each[1] in OF_THE_STORAGE] == []
    digest = azure.sites.code[app["name"]]
    assert azure.account.uploaded(digest).read_bytes() == package("scheduler").read_bytes()
    assert list(azure.sites.code.values()).count(digest) == 1


def orders_have_a_capacity(account: Account) -> None:
    """Once, in the database that all containers share; an account that is asked for any cannot be serverless."""
    (database,) = of(account, "cosmosdb:SqlResourceSqlDatabase")
    (found,) = of(account, "cosmosdb:DatabaseAccount")
    assert database["options"] == {"autoscaleSettings": {"maxThroughput": CAPACITY}}
    assert "capabilities" not in found
    assert [
        each["containerName"] for each in of(account, "cosmosdb:SqlResourceSqlContainer") if "options" in each
    ] == []


def of(account: Account, kind: str) -> Iterator[Mapping[str, Any]]:
    """What was recorded of each resource of the kind."""
    for key, record in account.resources().items():
        if key.startswith(f"azure-native:{kind} "):
            yield {**record["inputs"], **record["computed"], "id": record["id"]}


def role_of(assignment: Mapping[str, Any]) -> str:
    return str(assignment["roleDefinitionId"]).rpartition("/")[2]
