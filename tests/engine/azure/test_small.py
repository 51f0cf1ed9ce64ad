"""A queue, an app and a database on the simulated Azure: the engine's checks, differences and refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pulumi_azure_native
import pytest

from tests.engine.azure.azure import Azure
from tests.engine.azure.small import APP, GROUP, LOCATION, SECRET, STANDARD, Small
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK, STACK, Raw

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

PROVIDERS = f"{GROUP}/providers"
QUEUE = f"azure-native:servicebus:Queue {PROVIDERS}/Microsoft.ServiceBus/namespaces/orders-bus/queues/orders"
BUS = f"azure-native:servicebus:Namespace {PROVIDERS}/Microsoft.ServiceBus/namespaces/orders-bus"
VAULT = f"azure-native:keyvault:Vault {PROVIDERS}/Microsoft.KeyVault/vaults/orders-vault"
SITE = f"{PROVIDERS}/Microsoft.Web/sites/{APP}"
PASSWORDS = f"azure-native:web:WebAppScmAllowed {SITE}/basicPublishingCredentialsPolicies/scm"
IDENTITY = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/orders"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    package = tmp_path_factory.mktemp("package") / "code.zip"
    package.write_bytes(b"the first")
    return Small(package=package)


@pytest.fixture
def up(stack: Raw, small: Small) -> Raw:
    """It is up as declared, whatever the test before did."""
    stack.up(small)
    return stack


def test_a_preview_changes_nothing_and_posts_nothing(stack: Raw, small: Small, azure: Azure) -> None:
    assert stack.preview(small)["create"] == 17
    assert azure.account.resources() == {}
    assert azure.sites.asked == []


def test_inputs_that_azure_refuses_never_reach_it(stack: Raw, account: Account) -> None:
    def program(_: str) -> None:
        pulumi_azure_native.servicebus.Queue(
            "queue",
            resource_group_name="orders",
            namespace_name="orders-bus",
            queue_name="orders",
            lock_duration="PT10M",
        )

    refusal = stack.refusal(program)
    assert "lockDuration is PT10M; allowed is 0:00:05 to 0:05:00" in refusal
    assert "Traceback" not in refusal
    assert account.resources() == {}


def test_what_lies_nowhere_is_refused(stack: Raw, account: Account) -> None:
    def program(_: str) -> None:
        pulumi_azure_native.managedidentity.UserAssignedIdentity(
            "identity", resource_group_name="nowhere", location=LOCATION, resource_name_="orders"
        )

    refusal = stack.refusal(program)
    assert "/resourceGroups/nowhere was not found" in refusal
    assert "Traceback" not in refusal
    assert account.resources() == {}


def test_everything_is_there_after_up_and_nothing_but_a_vaults_name_after_destroy(
    up: Raw, small: Small, azure: Azure
) -> None:
    assert azure.account.kinds() == [
        "AppServicePlan",
        "DatabaseAccount",
        "Namespace",
        "Queue",
        "ResourceGroup",
        "RoleAssignment",
        "Secret",
        "SqlResourceSqlContainer",
        "SqlResourceSqlDatabase",
        "Topic",
        "UserAssignedIdentity",
        "Vault",
        "WebApp",
        "WebAppScmAllowed",
    ]
    assert azure.account.uploaded(azure.sites.code[APP]).read_bytes() == b"the first"
    up.destroy()
    assert azure.account.resources() == {}
    assert "was deleted and is kept with its name" in up.refusal(small)
    azure.account.purge(VAULT)


def test_a_vault_that_was_deleted_is_had_again_by_recovering_it(up: Raw, small: Small, account: Account) -> None:
    up.destroy()
    up.up(replace(small, recover=True))
    assert VAULT in account.resources()


def test_a_second_up_changes_nothing_and_posts_nothing(up: Raw, small: Small, azure: Azure) -> None:
    asked = len(azure.sites.asked)
    assert up.up(small) == {}
    assert len(azure.sites.asked) == asked


def test_an_identity_goes_in_as_a_list_and_comes_back_as_a_map(up: Raw, account: Account) -> None:
    assert up.stack.outputs()["assigned"].value == [IDENTITY]
    (topic,) = [record for key, record in account.resources().items() if ":eventgrid:Topic " in key]
    assert up.stack.outputs()["sender"].value == topic["computed"]["identity"]["principalId"]


def test_more_memory_updates_the_app_in_place_and_publishes_nothing(up: Raw, small: Small, azure: Azure) -> None:
    published = len(azure.sites.published)
    more = replace(small, memory=2048)
    assert up.preview(more)["update"] == 1
    assert up.up(more) == {"update": 1}
    assert up.outputs_of("app")["functionAppConfig"]["scaleAndConcurrency"]["instanceMemoryMB"] == 2048
    assert len(azure.sites.published) == published


def test_other_code_is_published_once_and_the_same_at_another_place_is_not(
    up: Raw, small: Small, azure: Azure, tmp_path: Path
) -> None:
    package = tmp_path / "code.zip"
    package.write_bytes(b"the second")
    published = len(azure.sites.published)
    assert up.up(replace(small, package=package)) == {"update": 1}
    assert up.up(replace(small, package=package.rename(tmp_path / "moved.zip"))) == {}
    assert azure.account.uploaded(azure.sites.code[APP]).read_bytes() == b"the second"
    assert len(azure.sites.published) == published + 1


def test_what_can_only_be_said_at_first_replaces_a_queue_and_the_role_on_it(up: Raw, small: Small) -> None:
    assert up.up(replace(small, duplicates=False))["replace"] == 2


def test_another_partition_key_is_refused_and_leaves_everything_as_it_was(
    up: Raw, small: Small, account: Account
) -> None:
    before = account.resources()
    refusal = up.refusal(replace(small, partition="/customer"))
    assert "the partition key cannot be changed" in refusal
    assert "Traceback" not in refusal
    assert account.resources() == before


def test_another_value_of_a_secret_is_the_same_secret(up: Raw, small: Small) -> None:
    assert up.up(replace(small, value="another")) == {"update": 1}


def test_what_changed_behind_our_back_is_found_by_refresh_and_mended_by_up(
    up: Raw, small: Small, account: Account
) -> None:
    account.drift(QUEUE, lockDuration="PT5S")
    account.drift(PASSWORDS)
    up.refresh()
    assert up.outputs_of("queue")["lockDuration"] == "PT5S"
    assert up.up(small) == {"update": 1, "create": 1}
    assert account.resources()[QUEUE]["inputs"]["lockDuration"] == "PT1M"


def test_no_secret_is_in_plain_text_in_the_checkpoint(up: Raw, account: Account) -> None:
    (checkpoint,) = (up.folder / "state").rglob(f"{STACK}.json")
    assert SECRET in account.path.read_text()
    assert SECRET not in checkpoint.read_text()


def test_a_name_that_is_taken_is_refused_as_azure_does(up: Raw, small: Small) -> None:
    def program(home: str) -> None:
        small(home)
        pulumi_azure_native.servicebus.Namespace(
            "second",
            resource_group_name="orders",
            location=LOCATION,
            namespace_name="orders-bus",
            sku=STANDARD,
        )

    assert "cannot create already existing resource" in up.refusal(program)
