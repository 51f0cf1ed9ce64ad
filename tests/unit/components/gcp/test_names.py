"""Every name that we give is one that Google Cloud takes, by what its discovery documents say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import LONGEST_COMPONENT_NAME, RULES, physical_name


@dataclass(frozen=True, kw_only=True)
class Said:
    """Where a document speaks of a name, the words that its bounds are in, and what they come to."""

    document: str
    of: str
    words: tuple[str, ...]
    lowest: int
    highest: int
    pattern: str


def pubsub(resource: str) -> Said:
    return Said(
        document="pubsub.v1",
        of=resource,
        words=("start with a letter", "between 3 and 255 characters", 'must not start with `"goog"`'),
        lowest=3,
        highest=255,
        pattern=r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]*",
    )


RFC1035 = r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
SAID: Mapping[str, Said] = {
    "function": Said(
        document="run.v2",
        of="serviceId",
        words=("must begin with letter", "cannot end with hyphen", "fewer than 50 characters"),
        lowest=1,
        highest=49,
        pattern=r"[a-z][a-z0-9-]*[a-z0-9]",
    ),
    "service_account": Said(
        document="iam.v1",
        of="CreateServiceAccountRequest.accountId",
        words=("6-30 characters", "`[a-z]([-a-z0-9]*[a-z0-9])`"),
        lowest=6,
        highest=30,
        pattern=r"[a-z]([-a-z0-9]*[a-z0-9])",
    ),
    "custom_role": Said(
        document="iam.v1",
        of="CreateRoleRequest.roleId",
        words=("alphanumeric characters, underscores (`_`), and periods", "minimum of 3", "maximum of 64"),
        lowest=3,
        highest=64,
        pattern=r"[A-Za-z0-9_.]+",
    ),
    "topic": pubsub("Topic.name"),
    "subscription": pubsub("Subscription.name"),
    "database": Said(
        document="firestore.v1",
        of="databaseId",
        words=("4-63 characters", "first character a letter and the last a letter or a number", "not be UUID-like"),
        lowest=4,
        highest=63,
        pattern=r"(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)[a-z][a-z0-9-]*[a-z0-9]",
    ),
    "workflow": Said(
        document="workflows.v1",
        of="workflowId",
        words=("letters, numbers, underscores and hyphens", "start with a letter", "1-64", "end with a number or a"),
        lowest=1,
        highest=64,
        pattern=r"[A-Za-z][A-Za-z0-9_-]*[A-Za-z0-9]",
    ),
    "schedule": Said(
        document="cloudscheduler.v1",
        of="Job.name",
        words=("hyphens (-), or underscores (_). The maximum length is 500 characters",),
        lowest=1,
        highest=500,
        pattern=r"[A-Za-z0-9_-]+",
    ),
    "secret": Said(
        document="secretmanager.v1",
        of="secretId",
        words=("maximum length of 255 characters", "hyphen (`-`) and underscore (`_`)"),
        lowest=1,
        highest=255,
        pattern=r"[A-Za-z0-9_-]+",
    ),
    "log_metric": Said(
        document="logging.v2",
        of="LogMetric.name",
        words=("limited to 100 characters", "cannot be the first character"),
        lowest=1,
        highest=100,
        pattern=r"(?!/)[A-Za-z0-9_.,+!*',()%/-]+",
    ),
    "log_bucket": Said(
        document="logging.v2",
        of="bucketId",
        words=("limited to 100 characters", "must start with an alphanumeric character"),
        lowest=1,
        highest=100,
        pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    ),
    "load_balancer": Said(
        document="compute.v1",
        of="BackendService.name",
        words=("1-63 characters",),
        lowest=1,
        highest=63,
        pattern=RFC1035,
    ),
}
ELSEWHERE: Mapping[str, str] = {
    "repository": r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "trigger": r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "gateway": r"[a-z]([a-z0-9-]{0,47}[a-z0-9])?",
    "api_config": r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "bucket": r"(?!goog)(?!.*(google|g00gle))[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
}
"""What the documents leave out, as the products' pages have it."""
ENDINGS: Mapping[str, str] = {"custom_role": "_123456789012345678901", "api_config": f"-{'1' * 26}"}
"""What the provider, or Google, writes behind the name."""
KINDS = sorted(kind for target, kind in RULES if target == "gcp")
SYLLABLES = ("goog", "le", "g00gle", "abc", "x", "Z", "0", "9", "-", "_", ".", "long-winded")
PULUMI_NAME = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=40).map(lambda parts: "".join(parts)[:100])
COMPONENT = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True).filter(
    lambda name: len(name) <= LONGEST_COMPONENT_NAME
)
PARTS = st.sampled_from(["", "-dead-letters", "-feed", "-endpoints", "-orders.example.com", "-source-my-shop-123456"])


def test_every_kind_of_name_has_a_rule_of_googles_to_be_held_against() -> None:
    assert set(KINDS) == SAID.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("kind", KINDS)
@given(project=PULUMI_NAME, stack=PULUMI_NAME, component=COMPONENT, part=PARTS)
def test_a_name_is_legal_whatever_project_and_stack_are_called(
    kind: str, project: str, stack: str, component: str, part: str
) -> None:
    name = physical_name(RULES["gcp", kind], project=project, stack=stack, name=f"{component}{part}")
    whole = f"{name}{ENDINGS.get(kind, '')}"
    if kind in ELSEWHERE:
        assert re.fullmatch(ELSEWHERE[kind], whole)
        return
    said = SAID[kind]
    assert said.lowest <= len(whole) <= said.highest
    assert re.fullmatch(said.pattern, whole)


@pytest.mark.parametrize("kind", SAID)
def test_the_bounds_are_what_the_document_says(kind: str) -> None:
    said = SAID[kind]
    spoken = [" ".join(text.split()) for text in _descriptions(said.document, said.of)]
    assert spoken
    for words in said.words:
        assert all(words in text for text in spoken), words


@pytest.mark.parametrize(
    "resource",
    [
        "Address",
        "BackendService",
        "ForwardingRule",
        "SslCertificate",
        "SslPolicy",
        "TargetHttpsProxy",
        "UrlMap",
    ],
)
def test_all_of_a_load_balancers_parts_are_named_alike(resource: str) -> None:
    assert _document("compute.v1")["schemas"][resource]["properties"]["name"]["pattern"] == RFC1035


@cache
def _document(name: str) -> Mapping[str, Any]:
    path = files("googleapiclient") / "discovery_cache" / "documents" / f"{name}.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _descriptions(document: str, of: str) -> Iterator[str]:
    """Of a property, as `Topic.name`, or of a parameter of every method that has it."""
    schema, _, name = of.rpartition(".")
    if schema:
        yield _document(document)["schemas"][schema]["properties"][name]["description"]
    else:
        yield from _of_parameters(_document(document), name)


def _of_parameters(resource: Mapping[str, Any], name: str) -> Iterator[str]:
    for method in resource.get("methods", {}).values():
        if name in method.get("parameters", {}):
            yield method["parameters"][name]["description"]
    for inner in resource.get("resources", {}).values():
        yield from _of_parameters(inner, name)
