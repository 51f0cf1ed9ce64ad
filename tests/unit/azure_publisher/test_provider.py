"""What the provider answers to the engine's requests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental.provider import (
    CheckRequest,
    CreateRequest,
    DiffRequest,
    DiffResponse,
    PropertyDiffKind,
    ReadRequest,
    UpdateRequest,
)
from pulumi.runtime.rpc import UNKNOWN

from azure_publisher.errors import PublishError
from azure_publisher.provider import AzurePublisher
from local_provider.properties import plain, wrap
from tests.azure.site_fake import SiteFake
from tests.unit.azure_publisher.publications import inputs, sites, written

URN = "urn:pulumi:test::orderly::orderly:azure:Function$azurepublisher:index:Package::fulfil"
OTHER_DIGEST = "0" * 64


def provider() -> AzurePublisher:
    return AzurePublisher(sites())


@pytest.fixture
def declared(site: SiteFake, tmp_path: Path) -> dict[str, Any]:
    return inputs(site, written(tmp_path))


def diff(declared: dict[str, Any], **changed: object) -> DiffResponse:
    old = wrap({**declared, "deployment": "deployment-1"})
    return asyncio.run(provider().diff(DiffRequest(URN, "orders-fulfil", old, wrap({**declared, **changed}), [])))


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"address": "http://orders.scm.example"}, "address", '"http://orders.scm.example" is not allowed'),
        ({"address": "https://orders.scm.example/api"}, "address", "is not allowed"),
        ({"digest": "short"}, "digest", '"short" is not allowed'),
        ({"app": ""}, "app", "is not allowed"),
        ({"tenant": None}, "tenant", "is missing"),
        ({"packages": "a"}, "packages", "did you mean package?"),
    ],
)
def test_a_wrong_input_is_refused_by_its_name(
    declared: dict[str, Any], changed: dict[str, Any], field: str, reason: str
) -> None:
    answered = asyncio.run(provider().check(CheckRequest(URN, {}, wrap({**declared, **changed}), b"")))
    assert [failure.property for failure in answered.failures or []] == [field]
    assert reason in (answered.failures or [])[0].reason


def test_what_only_up_knows_is_not_judged_before(declared: dict[str, Any]) -> None:
    unknown = {**declared, "app": UNKNOWN, "address": UNKNOWN}
    assert not asyncio.run(provider().check(CheckRequest(URN, {}, wrap(unknown), b""))).failures


def test_where_the_package_lies_and_who_deploys_make_no_difference(declared: dict[str, Any]) -> None:
    assert not diff(declared).changes
    assert not diff(declared, package="elsewhere/package.zip", tenant="another").changes


def test_another_digest_publishes_and_another_app_replaces(declared: dict[str, Any]) -> None:
    changed = diff(declared, digest=OTHER_DIGEST)
    assert (changed.changes, changed.diffs, changed.replaces) == (True, ["digest"], [])
    assert changed.detailed_diff is not None
    assert {path: each.kind for path, each in changed.detailed_diff.items()} == {"digest": PropertyDiffKind.UPDATE}
    assert diff(declared, app="another", address="https://another.scm.example").replaces == ["app"]


def test_an_app_that_is_made_anew_under_its_name_gets_its_package_anew(declared: dict[str, Any]) -> None:
    assert diff(declared, app=UNKNOWN).replaces == ["app"]


def test_a_preview_publishes_nothing(site: SiteFake, declared: dict[str, Any]) -> None:
    created = asyncio.run(provider().create(CreateRequest(URN, wrap(declared), 0, True)))
    news = wrap({**declared, "digest": OTHER_DIGEST})
    updated = asyncio.run(provider().update(UpdateRequest(URN, "orders-fulfil", wrap(declared), news, 0, [], True)))
    assert plain(created.properties or {}) == {**declared, "deployment": UNKNOWN}
    assert plain(updated.properties or {}) == {**declared, "digest": OTHER_DIGEST, "deployment": UNKNOWN}
    assert site.asked == []


def test_the_state_holds_what_was_declared_and_the_deployment(site: SiteFake, declared: dict[str, Any]) -> None:
    created = asyncio.run(provider().create(CreateRequest(URN, wrap(declared), 0, False)))
    assert created.resource_id == "orders-fulfil"
    assert plain(created.properties) == {**declared, "deployment": "deployment-1"}
    request = UpdateRequest(URN, "orders-fulfil", created.properties, wrap(declared), 0, [], False)
    updated = asyncio.run(provider().update(request))
    assert plain(updated.properties or {}) == {**declared, "deployment": "deployment-2"}


def test_nothing_is_begun_once_the_update_is_cancelled(site: SiteFake, declared: dict[str, Any]) -> None:
    async def cancelled() -> None:
        cancelled = provider()
        await cancelled.cancel()
        await cancelled.create(CreateRequest(URN, wrap(declared), 0, False))

    with pytest.raises(PublishError, match="not begun"):
        asyncio.run(cancelled())
    assert site.asked == []


def test_a_package_is_gone_with_its_app(site: SiteFake, declared: dict[str, Any]) -> None:
    state = wrap({**declared, "deployment": "deployment-1"})
    request = ReadRequest(URN, "orders-fulfil", state, wrap(declared))
    assert asyncio.run(provider().read(request)).properties == state
    site.is_gone = True
    assert not asyncio.run(provider().read(request)).resource_id


def test_a_package_cannot_be_imported() -> None:
    with pytest.raises(PublishError, match="cannot be imported"):
        asyncio.run(provider().read(ReadRequest(URN, "orders-fulfil", {}, {})))
