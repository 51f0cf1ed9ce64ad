"""Packages on the real engine, by the executable that it starts: published once, again when changed, and never told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from components.azure._publish import Package
from tests.azure.loopback import TOKEN
from tests.azure.serving import answer
from tests.azure.site_fake import SiteFake
from tests.engine.systems import IGNORED_LEAK, Program, Raw

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings(IGNORED_LEAK)]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteFake]:
    """It is also where whoever deploys gets a token, as on a machine of Azure that has an identity."""
    with SiteFake() as site:
        monkeypatch.delenv("ARM_CLIENT_ID", raising=False)
        for name, value in site.identity.items():
            monkeypatch.setenv(name, value)
        yield site


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "azure.zip"
    path.write_bytes(b"the first")
    return path


def publishing(site: SiteFake, package: Path) -> Program:
    return lambda _: Package(
        "fulfil",
        app="orders-fulfil",
        address=site.url,
        package=package,
        tenant="tenant-of-the-tests",
        opts=pulumi.ResourceOptions(),
    )


def test_a_package_is_published_when_it_has_changed_and_only_then(raw: Raw, site: SiteFake, package: Path) -> None:
    assert raw.preview(publishing(site, package))["create"] == 2, "with the stack"
    assert site.taken == []
    assert raw.up(publishing(site, package)) == {"create": 2}
    assert raw.up(publishing(site, package)) == {}
    moved = package.rename(package.with_name("moved.zip"))
    assert raw.up(publishing(site, moved)) == {}
    assert site.taken == [b"the first"]
    moved.write_bytes(b"the second")
    assert raw.up(publishing(site, moved)) == {"update": 1}
    assert site.taken == [b"the first", b"the second"]
    assert raw.outputs_of("fulfil")["deployment"] == "deployment-2"
    assert set(site.resources) == {"https://management.azure.com"}
    assert TOKEN not in str(raw.stack.export_stack().deployment)


def test_a_refusal_reaches_the_user_as_text_and_the_next_up_goes_on(raw: Raw, site: SiteFake, package: Path) -> None:
    site.publish_answers = [answer(400, "host.json is missing")]
    refusal = raw.refusal(publishing(site, package))
    assert 'orders-fulfil did not take its package: it answered 400: "host.json is missing"' in refusal
    assert "Traceback" not in refusal
    assert TOKEN not in refusal
    assert raw.up(publishing(site, package)) == {"create": 1}


def test_an_app_that_is_gone_takes_its_package_along_and_gets_it_anew(raw: Raw, site: SiteFake, package: Path) -> None:
    raw.up(publishing(site, package))
    site.is_gone = True
    raw.refresh()
    site.is_gone = False
    assert raw.up(publishing(site, package)) == {"create": 1}
    assert len(site.taken) == 2


def test_destroying_asks_the_app_for_nothing(raw: Raw, site: SiteFake, package: Path) -> None:
    raw.up(publishing(site, package))
    asked = len(site.asked)
    raw.destroy()
    assert len(site.asked) == asked
