"""A queue and a function on the simulated AWS: what the engine does with its checks, differences and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pulumi
import pulumi_aws as aws
import pytest

from tests.engine.simulated.account import Account
from tests.engine.systems import IGNORED_LEAK, STACK, Program, Raw

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
SECRET = "the-secret-of-the-webhook"  # noqa: S105


def written(path: Path, text: str) -> Path:
    with ZipFile(path, "w") as archive:
        archive.writestr("handler.py", text)
    return path


def small(package: Path, *, memory: int = 512, name: str = "orders", key: str = "pk", protect: bool = False) -> Program:
    def program(_: str) -> None:
        provider = aws.Provider(
            "aws", region="eu-west-1", default_tags=aws.ProviderDefaultTagsArgs(tags={"owner": "tests"})
        )
        opts = pulumi.ResourceOptions(provider=provider)
        queue = aws.sqs.Queue("queue", name=name, visibility_timeout_seconds=60, opts=opts)
        role = aws.iam.Role("role", name="orders", assume_role_policy=TRUST, opts=opts)
        function = aws.lambda_.Function(
            "function",
            name="orders",
            role=role.arn,
            code=pulumi.FileArchive(str(package)),
            handler="handler.handle",
            runtime=aws.lambda_.Runtime.PYTHON3D13,
            memory_size=memory,
            publish=True,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables={"ORDERLY_QUEUE": queue.url}),
            opts=opts,
        )
        aws.lambda_.Alias(
            "alias", name="live", function_name=function.name, function_version=function.version, opts=opts
        )
        aws.dynamodb.Table(
            "table",
            name="orders",
            billing_mode="PAY_PER_REQUEST",
            hash_key=key,
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S")],
            opts=pulumi.ResourceOptions(provider=provider, protect=protect),
        )
        secret = aws.secretsmanager.Secret("secret", name="webhook", recovery_window_in_days=0, opts=opts)
        aws.secretsmanager.SecretVersion(
            "value", secret_id=secret.id, secret_string=pulumi.Output.secret(SECRET), opts=opts
        )
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider))
        pulumi.export("account", account.account_id)

    return program


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("package") / "package.zip", "first")


@pytest.fixture
def up(stack: Raw, package: Path) -> Raw:
    """It is up as declared, whatever the test before did."""
    stack.up(small(package))
    return stack


def test_a_preview_changes_nothing(stack: Raw, package: Path, account: Account) -> None:
    assert stack.preview(small(package))["create"] == 9
    assert account.resources() == {}


def test_inputs_that_aws_refuses_never_reach_it(stack: Raw, account: Account) -> None:
    def program(_: str) -> None:
        aws.sqs.Queue("queue", name="x" * 81, visibility_timeout_seconds=60)

    told = stack.refusal(program)
    assert "name is 81; allowed is 1 to 80" in told
    assert "Traceback" not in told
    assert account.resources() == {}


def test_everything_is_there_after_up_and_nothing_after_destroy(up: Raw, account: Account) -> None:
    assert account.kinds() == ["Alias", "Function", "Queue", "Role", "Secret", "SecretVersion", "Table"]
    assert up.stack.outputs()["account"].value == "123456789012"
    assert up.outputs_of("queue")["url"] == "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    assert up.outputs_of("function")["tagsAll"] == {"owner": "tests"}
    up.destroy()
    assert account.resources() == {}


def test_a_second_up_changes_nothing(up: Raw, package: Path) -> None:
    assert up.up(small(package)) == {}


def test_more_memory_updates_the_function_in_place_and_moves_its_alias(up: Raw, package: Path) -> None:
    before = int(up.outputs_of("function")["version"])
    assert up.preview(small(package, memory=1024))["update"] == 2
    assert up.up(small(package, memory=1024)) == {"update": 2}
    assert up.outputs_of("function")["version"] == up.outputs_of("alias")["functionVersion"] == str(before + 1)


def test_the_same_package_at_another_place_changes_nothing(up: Raw, package: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.zip"
    moved.write_bytes(package.read_bytes())
    assert up.up(small(moved)) == {}


def test_another_package_is_another_version(up: Raw, tmp_path: Path) -> None:
    assert up.up(small(written(tmp_path / "package.zip", "second"))) == {"update": 2}


def test_a_new_name_replaces_a_queue(up: Raw, package: Path, account: Account) -> None:
    changes = up.up(small(package, name="other"))
    assert changes["replace"] == 1
    assert account.kinds().count("Queue") == 1


def test_another_key_of_a_protected_table_is_refused(up: Raw, package: Path, account: Account) -> None:
    up.up(small(package, protect=True))
    before = account.resources()
    assert "marked for protection" in up.refusal(small(package, key="id", protect=True))
    assert account.resources() == before


def test_what_changed_behind_our_back_is_found_by_refresh_and_mended_by_up(
    up: Raw, package: Path, account: Account
) -> None:
    queue = "aws:sqs/queue:Queue https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    account.drift(queue, visibilityTimeoutSeconds=5)
    account.drift("aws:dynamodb/table:Table orders")
    up.refresh()
    assert up.outputs_of("queue")["visibilityTimeoutSeconds"] == 5
    assert up.up(small(package)) == {"update": 1, "create": 1}
    assert account.resources()[queue]["inputs"]["visibilityTimeoutSeconds"] == 60


def test_no_secret_is_in_plain_text_in_the_checkpoint(up: Raw) -> None:
    (checkpoint,) = (up.folder / "state").rglob(f"{STACK}.json")
    assert "orders" in checkpoint.read_text()
    assert SECRET not in checkpoint.read_text()


def test_a_name_that_is_taken_is_refused_as_aws_does(up: Raw, package: Path) -> None:
    def program(home: str) -> None:
        small(package)(home)
        aws.iam.Role("second", name="orders", assume_role_policy=TRUST)

    assert "aws:iam/role:Role orders exists already" in up.refusal(program)
