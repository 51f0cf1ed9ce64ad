"""A topic, a function and a database on the simulated Google Cloud: the engine's checks, differences and refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pulumi_gcp as gcp
import pytest

from tests.engine.gcp.small import APIS, PROJECT, SECRET, Small, written
from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK, STACK, Raw

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

TOPIC = f"gcp:pubsub/topic:Topic projects/{PROJECT}/topics/orders"
SUBSCRIPTION = f"gcp:pubsub/subscription:Subscription projects/{PROJECT}/subscriptions/orders"
SOURCE = "gcp:storage/bucketObject:BucketObject orderly-test-source-code"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(package=written(tmp_path_factory.mktemp("package") / "code.zip", "first"))


@pytest.fixture
def up(stack: Raw, small: Small) -> Raw:
    """It is up as declared, whatever the test before did."""
    stack.up(small)
    return stack


def test_a_preview_changes_nothing(stack: Raw, small: Small, account: Account) -> None:
    assert stack.preview(small)["create"] == len(APIS) + 15
    assert account.resources() == {}


def test_inputs_that_google_refuses_never_reach_it(stack: Raw, account: Account) -> None:
    def program(_: str) -> None:
        topic = f"projects/{PROJECT}/topics/orders"
        gcp.pubsub.Subscription("subscription", project=PROJECT, name="orders", topic=topic, ack_deadline_seconds=5)

    refusal = stack.refusal(program)
    assert "ackDeadlineSeconds is 5; allowed is 10 to 600" in refusal
    assert "Traceback" not in refusal
    assert account.resources() == {}


def test_what_no_enabled_api_makes_is_refused(stack: Raw, account: Account) -> None:
    def program(_: str) -> None:
        gcp.pubsub.Topic("topic", project=PROJECT, name="orders")

    assert "pubsub.googleapis.com has not been used in the project before or is disabled" in stack.refusal(program)
    assert account.resources() == {}


def test_everything_is_there_after_up_and_the_apis_alone_after_destroy(up: Raw, account: Account) -> None:
    kinds = [kind for kind in account.kinds() if kind != "Service"]
    assert kinds == [
        "Account",
        "Api",
        "ApiConfig",
        "Bucket",
        "BucketObject",
        "Database",
        "Function",
        "Gateway",
        "Secret",
        "SecretVersion",
        "ServiceIamMember",
        "Subscription",
        "Topic",
    ]
    assert up.stack.outputs()["number"].value == "123456789012"
    assert up.outputs_of("function")["serviceConfig"]["uri"].endswith(".a.run.app")
    up.destroy()
    assert set(account.kinds()) == {"Service"}


def test_labels_of_the_provider_are_on_what_has_labels(up: Raw) -> None:
    assert up.stack.outputs()["labels"].value == {"goog-pulumi-provisioned": "true", "owner": "tests"}


def test_a_second_up_changes_nothing(up: Raw, small: Small) -> None:
    assert up.up(small) == {}


def test_more_memory_updates_the_function_in_place_and_leaves_its_address(up: Raw, small: Small) -> None:
    before = up.outputs_of("function")["serviceConfig"]
    more = replace(small, memory="1024Mi")
    assert up.preview(more)["update"] == 1
    assert up.up(more) == {"update": 1}
    assert up.outputs_of("function")["serviceConfig"] == {**before, "availableMemory": "1024Mi"}


def test_the_same_sources_at_another_place_change_nothing(up: Raw, small: Small, tmp_path: Path) -> None:
    moved = tmp_path / "moved.zip"
    moved.write_bytes(small.package.read_bytes())
    assert up.up(replace(small, package=moved)) == {}


def test_other_sources_are_uploaded_anew(up: Raw, small: Small, account: Account, tmp_path: Path) -> None:
    package = written(tmp_path / "code.zip", "second")
    assert up.up(replace(small, package=package)) == {"replace": 1}
    uploaded = account.uploaded(account.resources()[SOURCE]["inputs"]["source"])
    assert uploaded.read_bytes() == package.read_bytes()


def test_sources_that_changed_behind_our_back_are_uploaded_anew_in_place(
    up: Raw, small: Small, account: Account
) -> None:
    """The provider tells by the hash of what is there, whose change alone makes no other object."""
    uploaded = account.uploaded(account.resources()[SOURCE]["inputs"]["source"])
    account.drift(SOURCE, detectMd5hash="another")
    uploaded.unlink()
    up.refresh()
    assert up.up(small) == {"update": 1}
    assert uploaded.read_bytes() == small.package.read_bytes()


def test_a_new_name_replaces_a_topic_and_the_subscription_on_it(up: Raw, small: Small, account: Account) -> None:
    assert up.up(replace(small, topic="others"))["replace"] == 2
    assert account.resources()[SUBSCRIPTION]["inputs"]["topic"] == f"projects/{PROJECT}/topics/others"
    assert TOPIC not in account.resources()


def test_another_document_is_another_config_that_the_gateway_gets_before_the_old_one_goes(
    up: Raw, small: Small, account: Account
) -> None:
    assert up.up(replace(small, audience="others")) == {"replace": 1, "update": 1}
    assert account.kinds().count("ApiConfig") == 1


def test_another_location_of_a_protected_database_is_refused(up: Raw, small: Small, account: Account) -> None:
    up.up(replace(small, protect=True))
    before = account.resources()
    assert 'deletion_policy "PREVENT"' in up.refusal(replace(small, protect=True, locations="eur3"))
    assert account.resources() == before


def test_another_value_of_a_secret_is_another_version(up: Raw, small: Small) -> None:
    before = int(up.outputs_of("value")["version"])
    assert up.up(replace(small, value="another")) == {"replace": 1}
    assert up.outputs_of("value")["version"] == str(before + 1)


def test_what_changed_behind_our_back_is_found_by_refresh_and_mended_by_up(
    up: Raw, small: Small, account: Account
) -> None:
    account.drift(SUBSCRIPTION, ackDeadlineSeconds=10)
    account.drift(f"gcp:firestore/database:Database projects/{PROJECT}/databases/orders")
    up.refresh()
    assert up.outputs_of("subscription")["ackDeadlineSeconds"] == 10
    assert up.up(small) == {"update": 1, "create": 1}
    assert account.resources()[SUBSCRIPTION]["inputs"]["ackDeadlineSeconds"] == 60


def test_no_secret_is_in_plain_text_in_the_checkpoint(up: Raw, account: Account) -> None:
    (checkpoint,) = (up.folder / "state").rglob(f"{STACK}.json")
    assert SECRET in account.path.read_text()
    assert SECRET not in checkpoint.read_text()


def test_a_name_that_is_taken_is_refused_as_google_does(up: Raw, small: Small) -> None:
    def program(home: str) -> None:
        small(home)
        gcp.serviceaccount.Account("second", project=PROJECT, account_id="orders")

    assert f"orders@{PROJECT}.iam.gserviceaccount.com exists already" in up.refusal(program)
