"""docs/gcp.md says of the system what its graph says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from components.gcp._account import PROJECT_LEVEL
from components.gcp._store import PERMISSIONS
from components.gcp_blocks import GATEWAY_REGIONS
from functions.adapters.gcp import layout
from functions.api.bodies import MAX_ITEMS
from functions.codec import encode_order
from functions.domain.order import Line
from tests.unit.functions.orders import placed
from tests.unit.gcp.breaking import FORMS, built

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "gcp.md").read_text(encoding="utf-8")
LONGEST_SKU = 64


def rows(heading: str) -> Iterator[list[str]]:
    """Of the first table below a heading, without its head."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] not in ("role", "it says"):
            yield cells


def test_the_roles_of_whoever_deploys_are_told_for_every_module_that_is_used() -> None:
    told = {module for *_, modules in rows("Who deploys") for module in re.findall(r"`(\w+)`", modules)}
    made = {each.kind.partition(".")[0] for form in FORMS for each in built(form) if each.type.startswith("gcp:")}
    assert told == made


def test_an_api_that_is_enabled_by_hand_is_one_that_the_program_leaves_alone() -> None:
    (command,) = re.findall(r"`gcloud services enable ([^`]+)`", PAGE)
    enabled = {each.inputs["service"] for each in built("dev").of("projects.Service").values()}
    assert not set(command.split()) & enabled


def test_no_error_of_a_first_up_is_told_without_a_cause_and_a_way_on() -> None:
    found = list(rows("What a first `up` may end with"))
    assert len(found) > 10
    assert all(len(cells) == 3 and all(cells) for cells in found)


def test_what_is_granted_on_the_whole_project_is_counted_as_it_is() -> None:
    roles = [each for each in PROJECT_LEVEL if each.startswith("roles/")]
    assert (len(roles), len(PROJECT_LEVEL)) == (2, 3)
    assert "Two roles, and the one permission to start a workflow, are the project's" in PAGE


def test_the_database_is_told_of_as_it_is() -> None:
    assert len(PERMISSIONS) == 3
    assert "three custom roles" in PAGE
    assert len(layout.INDEXES) == 2
    assert "two indexes" in PAGE


def test_an_order_of_as_many_lines_as_there_may_be_is_as_small_as_it_is_said_to_be() -> None:
    lines = [
        Line(sku=f"{number:0{LONGEST_SKU}}", quantity=1000, unit_price_minor=100_000_000) for number in range(MAX_ITEMS)
    ]
    assert f"the {MAX_ITEMS} lines that it may have are 12 KiB at the most" in PAGE
    assert 11 * 1024 < len(encode_order(placed(*lines)[0])) < 12 * 1024


def test_the_gateways_regions_are_counted_as_they_are() -> None:
    assert len(GATEWAY_REGIONS) == 10
    assert "API Gateway is in ten regions" in PAGE
