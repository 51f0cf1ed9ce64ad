"""Wrong configurations, each with the one line that its author gets; and what the right ones mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components import azure_blocks, gcp_blocks, platform_blocks, shop_blocks, vendor_blocks
from components.config import OrderSystemConfig
from components.errors import ConfigError
from components.settings import Block

BLOCKS = [
    kind
    for module in (platform_blocks, shop_blocks, vendor_blocks, gcp_blocks, azure_blocks)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Block)
]
NAMES = st.sampled_from(
    sorted(
        {
            *OrderSystemConfig.model_fields,
            *(name for block in BLOCKS for name in block.model_fields),
        }
    )
)
SOUND: dict[str, Any] = {"stage": "dev", "target": "local"}
QUEUE_LIMIT = (
    "allowed is 10s to 5m (gcp: Pub/Sub ack deadline at least 10s; azure: Service Bus lock at most 5m); "
    "shorten it or split the step"
)
URL_LIMIT = "allowed is an https:// address (http:// only on this machine)"
NOT_SHOWN = "the value (not shown: it holds a secret) is not allowed"
CRON_LIMIT = (
    "allowed is five fields of numbers with * , - and /, one of the two days left as * "
    '(aws: a schedule takes one of the two days; azure: no L, W or #); write it as in "0 2 * * *"'
)

OWN_ISSUER = {"issuer": "https://login.example", "audience": "orders", "keys_url": "https://login.example/jwks"}
IN_BELGIUM = {"project": "my-shop", "region": "europe-west1"}
IN_HOLLAND = {
    "subscription": "11111111-2222-3333-4444-555555555555",
    "tenant_id": "66666666-7777-8888-9999-aaaaaaaaaaaa",
    "application_id": "bbbbbbbb-cccc-dddd-eeee-ffffffffffff",
    "location": "westeurope",
}
GUID_LIMIT = "allowed is a GUID in lower case, as in 00000000-0000-0000-0000-000000000000"
DOMAIN_LIMIT = (
    "is not allowed; allowed is a domain of up to 64 characters in lower case, as in orders.example.com, with api_kind "
    "load_balancer and only then (a certificate's common name has room for 64); "
    "write it without https:// and without a path"
)

WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"stage": "production"},
        "stage: production is not allowed; allowed is dev, staging or prod; set it with: pulumi config set stage dev",
    ),
    (
        {"target": "heroku"},
        "target: heroku is not allowed; allowed is aws, gcp, azure or local; "
        "set it with: pulumi config set target local",
    ),
    (
        {"target": "aws"},
        "aws: missing; allowed on aws is a block of settings (nothing can be placed without it); "
        "set it with: pulumi config set --path orderly:aws.region eu-central-1",
    ),
    (
        {"target": "gcp", "api": {"token": OWN_ISSUER}},
        "gcp: missing; allowed on gcp is a block of settings (nothing can be placed without it); "
        "set it with: pulumi config set --path orderly:gcp.project my-project",
    ),
    (
        {"target": "azure", "api": {"token": OWN_ISSUER}},
        "azure: missing; allowed on azure is a block of settings (nothing can be placed without it); "
        "set it with: pulumi config set --path orderly:azure.location westeurope",
    ),
    (
        {"queues": {"visibility_timeout": "10m"}},
        f"queues.visibility_timeout: 10m is not allowed; {QUEUE_LIMIT}",
    ),
    (
        {"queues": {"visibility_timeout": 60}},
        f"queues.visibility_timeout: 60 is not allowed; {QUEUE_LIMIT}",
    ),
    (
        {"queues": {"fulfilment": {"visibility_timeout": "2 minutes"}}},
        f"queues.fulfilment.visibility_timeout: 2 minutes is not allowed; {QUEUE_LIMIT}",
    ),
    (
        {"queues": {"max_receive_count": 3}},
        "queues.max_receive_count: 3 is not allowed; allowed is 5 to 100 (gcp: Pub/Sub max_delivery_attempts); "
        "choose within it; a handler refuses at once what can never succeed",
    ),
    (
        {"queues": {"max_concurrency": 1}},
        "queues.max_concurrency: 1 is not allowed; "
        "allowed is 2 to 100 (aws: an SQS event source runs at least 2; local: at most 100); choose within it",
    ),
    (
        {"queues": {"visibilty_timeout": "30s"}},
        "queues.visibilty_timeout: unknown setting; "
        "known are visibility_timeout, max_receive_count, max_concurrency, fulfilment; "
        "did you mean visibility_timeout?",
    ),
    (
        {"queus": {}},
        "queus: unknown setting; known are stage, target, orders, api, queues, functions, database, workflow, "
        "schedule, payments, notification, observability, aws, gcp, azure, local; did you mean queues?",
    ),
    (
        {"orders": "EUR"},
        "orders: EUR is not allowed; allowed is a block of settings; indent its settings under it",
    ),
    (
        {"orders": {"currencies": ["EUR", "euro"]}},
        "orders.currencies[1]: euro is not allowed; allowed is 1 to 50 ISO 4217 codes, as in [EUR, USD]; "
        "write each as three capital letters",
    ),
    (
        {"orders": {"currencies": []}},
        "orders.currencies: [] is not allowed; allowed is 1 to 50 ISO 4217 codes, as in [EUR, USD]; "
        "write each as three capital letters",
    ),
    (
        {"orders": {"high_value_threshold_minor": 500, "max_total_minor": 400}},
        "orders.high_value_threshold_minor: 500 is not allowed; allowed is 1 to 400 (orders.max_total_minor); "
        "lower it, or raise orders.max_total_minor",
    ),
    (
        {"orders": {"sandbox_stock": "plenty"}},
        "orders.sandbox_stock: plenty is not allowed; allowed is 0 to 1000000; lower it",
    ),
    (
        {"api": {"cors_origins": ["https://shop.example/path"]}},
        "api.cors_origins[0]: https://shop.example/path is not allowed; "
        "allowed is origins as in [https://shop.example], without a path, or [*]; write scheme and host only",
    ),
    (
        {"api": {"timeout": "1m"}},
        "api.timeout: 1m is not allowed; allowed is 1s to 29s (aws: API Gateway ends a request after 29s); "
        "shorten it; what takes longer belongs behind a queue",
    ),
    (
        {"api": {"token": {"issuer": "https://login.example", "keys_url": "https://login.example/jwks"}}},
        "api.token.audience: missing; allowed is 1 to 256 characters without spaces; "
        "copy it from the issuer's settings for this API",
    ),
    (
        {"functions": {"memory_mb": 128}},
        "functions.memory_mb: 128 is not allowed; "
        "allowed is 512, 2048 or 4096 (azure: the instance sizes of Flex Consumption); take the next larger",
    ),
    (
        {"functions": {"memory_mb": "512"}},
        'functions.memory_mb: "512" is not allowed; '
        "allowed is 512, 2048 or 4096 (azure: the instance sizes of Flex Consumption); take the next larger",
    ),
    (
        {"functions": {"timeout": "2m"}},
        "functions.timeout: 2m is not allowed; "
        "allowed is 1s to 59s (queues.visibility_timeout: a message comes again after 1m); "
        "shorten it, or lengthen queues.visibility_timeout",
    ),
    (
        {"queues": {"fulfilment": {"visibility_timeout": "30s"}}, "functions": {"timeout": "30s"}},
        "functions.timeout: 30s is not allowed; "
        "allowed is 1s to 29s (queues.fulfilment.visibility_timeout: a message comes again after 30s); "
        "shorten it, or lengthen queues.fulfilment.visibility_timeout",
    ),
    (
        {"functions": {"log_level": "TRACE"}},
        "functions.log_level: TRACE is not allowed; allowed is DEBUG, INFO, WARN or ERROR; choose one of them",
    ),
    (
        {"database": {"point_in_time_recovery": True}},
        "database.point_in_time_recovery: true is not allowed; allowed on local is false (SQLite keeps no history); "
        "leave it out and copy the file instead",
    ),
    ({"schedule": {"cron": "0 2 1 * 1"}}, f"schedule.cron: 0 2 1 * 1 is not allowed; {CRON_LIMIT}"),
    ({"schedule": {"cron": "0 0 2 * * *"}}, f"schedule.cron: 0 0 2 * * * is not allowed; {CRON_LIMIT}"),
    ({"schedule": {"cron": "61 2 * * *"}}, f"schedule.cron: 61 2 * * * is not allowed; {CRON_LIMIT}"),
    (
        {"schedule": {"timezone": "Mars/Olympus"}},
        "schedule.timezone: Mars/Olympus is not allowed; allowed is an IANA name, as in Europe/Berlin; "
        "correct the name",
    ),
    (
        {"payments": {"url": "http://pay.example", "api_key": "s3cret"}},
        f"payments.url: http://pay.example is not allowed; {URL_LIMIT}; correct the address",
    ),
    (
        {"payments": {"url": "https://pay.example"}},
        "payments.api_key: missing; allowed is a secret text; "
        "set it with: pulumi config set --secret --path orderly:payments.api_key",
    ),
    (
        {"payments": {"url": "https://pay.example", "api_key": ["s3cret"]}},
        f"payments.api_key: {NOT_SHOWN}; allowed is a secret text; "
        "set it with: pulumi config set --secret --path orderly:payments.api_key",
    ),
    (
        {"payments": "s3cret"},
        f"payments: {NOT_SHOWN}; allowed is a block of settings; indent its settings under it",
    ),
    (
        {"notification": {"webhook_url": "ops.example", "webhook_secret": "s3cret"}},
        f"notification.webhook_url: ops.example is not allowed; {URL_LIMIT}; correct the address",
    ),
    (
        {"observability": {"log_retention_days": 14}},
        "observability.log_retention_days: 14 is not allowed; "
        "allowed is 30, 60, 90, 120, 150, 180, 365, 400 or 545 "
        "(aws: CloudWatch takes only these numbers; azure: Log Analytics keeps 30 to 730); take the next longer",
    ),
    (
        {"gcp": {"project": "My Shop", "region": "europe-west1"}},
        "gcp.project: My Shop is not allowed; allowed is a project id of 6 to 30 characters; "
        "use the id, not the name or the number",
    ),
    (
        {"gcp": {**IN_BELGIUM, "firestore_location": "eu"}},
        "gcp.firestore_location: eu is not allowed; allowed is a region, eur3, nam5 or nam7; correct it",
    ),
    (
        {"gcp": {**IN_BELGIUM, "api_kind": "rest"}},
        "gcp.api_kind: rest is not allowed; allowed is gateway, load_balancer or direct; choose one of them",
    ),
    (
        {"gcp": {**IN_BELGIUM, "gateway_region": "europe-west3"}},
        "gcp.gateway_region: europe-west3 is not allowed; allowed is asia-northeast1, australia-southeast1, "
        "europe-west1, europe-west2, us-central1, us-east1, us-east4, us-west2, us-west3 or us-west4, and only with "
        "api_kind gateway (there is no API Gateway elsewhere); take the nearest",
    ),
    ({"gcp": {**IN_BELGIUM, "domain": "https://a.example"}}, f"gcp.domain: https://a.example {DOMAIN_LIMIT}"),
    ({"gcp": {**IN_BELGIUM, "domain": "localhost"}}, f"gcp.domain: localhost {DOMAIN_LIMIT}"),
    ({"gcp": {**IN_BELGIUM, "domain": "a..example"}}, f"gcp.domain: a..example {DOMAIN_LIMIT}"),
    ({"gcp": {**IN_BELGIUM, "domain": "10.0.0.1"}}, f"gcp.domain: 10.0.0.1 {DOMAIN_LIMIT}"),
    (
        {"gcp": {**IN_BELGIUM, "domain": f"{'x' * 60}.shop"}},
        f"gcp.domain: {'x' * 60}... {DOMAIN_LIMIT}",
    ),
    (
        {"gcp": {**IN_BELGIUM, "concurrency": 81}},
        "gcp.concurrency: 81 is not allowed; allowed is 1 to 80 (Cloud Run's own default); "
        "lower it; more requests get more instances",
    ),
    (
        {"gcp": {**IN_BELGIUM, "max_instances": 0}},
        "gcp.max_instances: 0 is not allowed; allowed is functions.warm_instances to 1000 "
        "(the quota of a region is for all functions of the project); choose within it",
    ),
    (
        {"gcp": {**IN_BELGIUM, "alarm_email": "ops"}},
        "gcp.alarm_email: ops is not allowed; allowed is a mail address; correct it",
    ),
    (
        {"azure": {**IN_HOLLAND, "subscription": "My Subscription"}},
        f"azure.subscription: My Subscription is not allowed; {GUID_LIMIT}; copy it from: az account show --query id",
    ),
    (
        {"azure": {**IN_HOLLAND, "application_id": "BBBBBBBB-CCCC-DDDD-EEEE-FFFFFFFFFFFF"}},
        f"azure.application_id: BBBBBBBB-CCCC-DDDD-EEEE-FFFFFFFFFFFF is not allowed; {GUID_LIMIT}; "
        "make one as docs/azure.md says, and copy its appId",
    ),
    (
        {"azure": {**IN_HOLLAND, "location": "West Europe"}},
        "azure.location: West Europe is not allowed; allowed is a location, as in westeurope; correct it",
    ),
    (
        {"azure": {**IN_HOLLAND, "api_kind": "gateway"}},
        "azure.api_kind: gateway is not allowed; allowed is consumption, basic or direct; choose one of them",
    ),
    (
        {"azure": {**IN_HOLLAND, "database_capacity": 1500}},
        "azure.database_capacity: 1500 is not allowed; allowed is 1000 to 1000000, in thousands (Cosmos DB's "
        "autoscale); round it to a thousand",
    ),
    (
        {"azure": {**IN_HOLLAND, "durable_backend": "netherite"}},
        "azure.durable_backend: netherite is not allowed; allowed is storage or scheduler; choose one of them",
    ),
    (
        {"azure": {**IN_HOLLAND, "concurrency": 0}},
        "azure.concurrency: 0 is not allowed; allowed is 1 to 100 (an instance of 512 MiB has a quarter of a CPU); "
        "lower it; more requests get more instances",
    ),
    (
        {"azure": {**IN_HOLLAND, "max_instances": 0}},
        "azure.max_instances: 0 is not allowed; allowed is functions.warm_instances, and 1 at least, to 1000 (Flex "
        "Consumption's most; the location's quota of cores is for all apps of the subscription); choose within it",
    ),
    (
        {"azure": {**IN_HOLLAND, "publisher_email": "ops"}},
        "azure.publisher_email: ops is not allowed; allowed is a mail address of up to 100 characters (API Management "
        "asks for one); correct it",
    ),
    (
        {"local": {"port": 80}},
        "local.port: 80 is not allowed; allowed is 0 or 1024 to 65535; choose a free port that needs no privileges",
    ),
    (
        {"local": {"delay_scale": 2}},
        "local.delay_scale: 2 is not allowed; allowed is 0 to 1; choose within it",
    ),
]


@pytest.mark.parametrize(("written", "line"), WRONG, ids=[line.partition(";")[0] for _, line in WRONG])
def test_a_wrong_setting_gets_one_line_that_says_what_to_do(written: dict[str, Any], line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        OrderSystemConfig.parse(SOUND | written)
    assert str(refused.value).splitlines() == [f"orderly:{line}"]
    assert "s3cret" not in str(refused.value)


def _problems(written: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        OrderSystemConfig.parse(written, hidden=hidden)
    return [problem.path for problem in refused.value.problems]


def test_every_problem_is_reported_at_once_also_those_between_settings() -> None:
    written = {
        "stage": "dev",
        "target": "aws",
        "queues": {"max_receive_count": 1, "visibility_timeout": "20s"},
        "orders": {"high_value_threshold_minor": 9, "max_total_minor": 5, "currency": "EUR"},
        "payments": {"url": "https://pay.example"},
        "functions": {"timeout": "25s"},
    }
    assert _problems(written) == [
        "orders.currency",
        "queues.max_receive_count",
        "payments.api_key",
        "orders.high_value_threshold_minor",
        "functions.timeout",
        "aws",
    ]


def test_a_setting_that_is_wrong_by_itself_is_not_reported_again_for_its_relations() -> None:
    written = SOUND | {"queues": {"visibility_timeout": "1s"}, "functions": {"timeout": "2m"}}
    assert _problems(written) == ["queues.visibility_timeout"]


def test_an_empty_stack_file_says_what_it_needs() -> None:
    assert _problems({}) == ["stage", "target"]


def test_nothing_of_a_block_that_pulumi_holds_as_secret_is_shown() -> None:
    with pytest.raises(ConfigError) as refused:
        OrderSystemConfig.parse(SOUND | {"api": {"burst": "hidden-word"}}, hidden=frozenset({"api"}))
    assert "hidden-word" not in str(refused.value)
    assert "orderly:api.burst: the value (not shown" in str(refused.value)


def test_a_long_value_is_cut_and_stays_on_one_line() -> None:
    with pytest.raises(ConfigError) as refused:
        OrderSystemConfig.parse(SOUND | {"local": {"port": "a\n" * 500}})
    (line,) = str(refused.value).splitlines()
    assert len(line) < 250


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(written=st.dictionaries(st.text(max_size=8) | NAMES, JSON, max_size=5))
def test_whatever_is_written_is_understood_or_refused_line_by_line(written: dict[str, Any]) -> None:
    refused = None
    try:
        OrderSystemConfig.parse(SOUND | written)
    except ConfigError as error:
        refused = error
    if refused:
        lines = str(refused).splitlines()
        assert len(lines) == len(refused.problems)
        assert all(line.startswith("orderly:") and line.count("; ") >= 2 for line in lines)


def test_secrets_are_masked_wherever_a_configuration_is_shown() -> None:
    config = OrderSystemConfig.parse(SOUND | {"payments": {"url": "https://pay.example", "api_key": "s3cret"}})
    assert "s3cret" not in f"{config!r} {config} {config.model_dump_json()}"


def test_durations_are_written_with_their_unit() -> None:
    for written, meant in {"45s": 45, "2m": 120, "300s": 300}.items():
        config = OrderSystemConfig.parse(SOUND | {"queues": {"visibility_timeout": written}})
        assert config.queues.visibility_timeout == timedelta(seconds=meant)


def test_what_is_dumped_can_be_parsed_again() -> None:
    config = OrderSystemConfig.parse(SOUND | {"queues": {"fulfilment": {"visibility_timeout": "90s"}}})
    assert OrderSystemConfig.parse(config.model_dump(mode="json", exclude_none=True)) == config


@pytest.mark.parametrize(
    ("stage", "log_level", "warm", "days", "protected"),
    [("dev", "DEBUG", 0, 30, False), ("staging", "INFO", 2, 90, False), ("prod", "WARN", 10, 365, True)],
)
def test_the_stage_decides_what_the_stack_file_leaves_open(
    stage: str, log_level: str, warm: int, days: int, protected: bool
) -> None:
    profile = OrderSystemConfig.parse(SOUND | {"stage": stage}).profile
    assert (profile.log_level, profile.warm_instances) == (log_level, warm)
    assert (profile.log_retention_days, profile.deletion_protection) == (days, protected)


def test_the_stack_file_overrides_its_stage_one_setting_at_a_time() -> None:
    written = {"stage": "prod", "functions": {"warm_instances": 0}, "database": {"deletion_protection": False}}
    profile = OrderSystemConfig.parse(SOUND | written).profile
    assert (profile.warm_instances, profile.deletion_protection) == (0, False)
    assert (profile.log_level, profile.log_retention_days) == ("WARN", 365)


class Stack(Protocol):
    def __call__(self, name: str, settings: Mapping[str, Any], secret: Sequence[str] = ()) -> None:
        """Give the program this stack's settings; those in `secret` are encrypted in the stack file."""


@pytest.fixture
def stack() -> Iterator[Stack]:
    """Pulumi's configuration as the engine hands it over: each block as JSON text."""

    def select(name: str, settings: Mapping[str, Any], secret: Sequence[str] = ()) -> None:
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
        pulumi.runtime.set_all_config(texts, list(secret))
        pulumi.runtime.configure(pulumi.runtime.Settings(project="orderly", stack=name))

    yield select
    pulumi.runtime.set_all_config({}, [])


def test_a_stack_file_is_read_block_by_block(stack: Stack) -> None:
    stack("local", {"orderly:target": "local", "orderly:queues": {"max_receive_count": 9}, "aws:region": "x"})
    assert OrderSystemConfig.from_pulumi().queues.max_receive_count == 9


def test_a_stack_named_as_a_stage_is_that_stage_and_local_is_dev(stack: Stack) -> None:
    for name, stage in {"local": "dev", "dev": "dev", "staging": "staging", "prod": "prod"}.items():
        stack(name, {"orderly:target": "local"})
        assert OrderSystemConfig.from_pulumi().stage == stage


def test_any_other_stack_has_to_say_its_stage(stack: Stack) -> None:
    stack("berlin", {"orderly:target": "local"})
    with pytest.raises(ConfigError, match=r"^orderly:stage: missing; allowed is dev, staging or prod; set it with"):
        OrderSystemConfig.from_pulumi()


def test_the_stack_file_goes_before_the_stacks_name(stack: Stack) -> None:
    stack("prod", {"orderly:target": "local", "orderly:stage": "staging"})
    assert OrderSystemConfig.from_pulumi().stage == "staging"


def test_a_misspelt_setting_of_the_stack_file_is_found(stack: Stack) -> None:
    stack("local", {"orderly:target": "local", "orderly:querys": {}})
    with pytest.raises(ConfigError, match=r"orderly:querys: unknown setting; .* did you mean queues\?"):
        OrderSystemConfig.from_pulumi()


def test_a_value_that_pulumi_holds_as_secret_is_not_shown(stack: Stack) -> None:
    block = {"payments": {"url": "word-that-is-secret", "api_key": "s3cret"}}
    stack("local", {"orderly:target": "local", "orderly:payments": block["payments"]}, ("orderly:payments",))
    with pytest.raises(ConfigError) as refused:
        OrderSystemConfig.from_pulumi()
    assert "word-that-is-secret" not in str(refused.value)


def test_a_wrong_configuration_ends_a_program_without_a_traceback() -> None:
    assert issubclass(ConfigError, pulumi.RunError)


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_block_that_was_left_empty_has_its_defaults(nothing: object) -> None:
    left_empty = OrderSystemConfig.parse({"stage": "dev", "target": "local", "api": nothing})
    assert left_empty == OrderSystemConfig.parse({"stage": "dev", "target": "local"})
