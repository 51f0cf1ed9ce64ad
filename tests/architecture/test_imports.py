"""Arrows never turn back, and nothing is loaded that the work at hand does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.targets import TARGET_NAMES
from tests.architecture.source import ROOT, imports, modules

CLOUD_SDKS = (
    "pulumi_aws",
    "pulumi_gcp",
    "pulumi_azure_native",
    "boto3",
    "botocore",
    "google.cloud",
    "google.auth",
    "azure",
)
MEETING = ("functions.environment", "functions.domain.events")
HTTP_CONTRACT = (
    "functions.api.bodies.MAX_BODY_BYTES",
    "functions.api.cors",
    "functions.api.problems",
    "functions.api.routes",
)
GATEWAYS = (
    "components.aws._cognito",
    "components.aws._http_api",
    "components.aws._rest_methods",
    "components.aws._rest_models",
    "components.aws._rest_preflight",
    "components.aws._rest_responses",
    "components.aws._routes",
    "components.azure._policy",
    "components.azure._refusals",
    "components.azure._routes",
    "components.gcp._openapi2",
    "components.gcp._routes",
)
"""They are made from the same data as the OpenAPI document."""
INDEXED = {
    "components.azure._cosmos": "functions.adapters.azure.layout",
    "components.azure._feed": "functions.adapters.azure.layout",
    "components.azure._guard": "functions.adapters.azure.layout",
    "components.gcp._feed": "functions.adapters.gcp.layout",
    "components.gcp._firestore": "functions.adapters.gcp.layout",
}
"""They make the containers, the indexes and the trigger that the adapter's documents need, as it declares them."""
DEPLOY_TIME_ONLY = ("pulumi", "pydantic", "pydantic_core", "pydantic_settings")


def _named(imported: str, *packages: str) -> bool:
    return any(imported == package or imported.startswith(f"{package}.") for package in packages)


def _offences(paths: dict[str, Path], *forbidden: str, allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, path in paths.items()
        for name in sorted(imports(path))
        if _named(name, *forbidden) and not _named(name, *allowed)
    ]


def test_the_domain_and_the_saga_import_the_standard_library_only() -> None:
    for package in ("functions.domain", "components.saga"):
        foreign = {
            f"{module} imports {name}"
            for module, path in modules(package).items()
            for name in imports(path)
            if name.partition(".")[0] not in sys.stdlib_module_names and not _named(name, package)
        }
        assert foreign == set()


def test_functions_load_nothing_that_is_for_deploying() -> None:
    offences = _offences(
        modules("functions"),
        *DEPLOY_TIME_ONLY,
        "components",
        "local_provider",
        "azure_publisher",
        "portal",
        "tests",
        # What every target's workflow takes as a run's id and data is said once, where the saga is defined.
        allowed=("components.saga.start",),
    )
    assert offences == []


def test_the_run_time_loads_nothing_that_is_for_deploying() -> None:
    offences = _offences(
        modules("local_runtime"),
        *DEPLOY_TIME_ONLY,
        "components",
        "local_provider",
        "azure_publisher",
        "portal",
        "tests",
        allowed=("components.saga",),
    )
    assert offences == []


def test_the_run_time_knows_the_functions_by_name_only() -> None:
    assert _offences(modules("local_runtime"), "functions.domain", "functions.services", "functions.adapters") == []


def test_components_meet_the_functions_in_variables_and_event_names_only() -> None:
    others = {name: path for name, path in modules("components").items() if name not in (*GATEWAYS, *INDEXED)}
    assert _offences(others, "functions", allowed=MEETING) == []


def test_a_databases_indexes_are_those_that_its_adapter_declares() -> None:
    known = modules("components")
    offences = [
        _offences({name: known[name]}, "functions", allowed=(*MEETING, layout)) for name, layout in INDEXED.items()
    ]
    assert not any(offences)


def test_a_gateway_reads_the_http_contract_beside_them_and_no_more() -> None:
    gateways = {name: path for name, path in modules("components").items() if name in GATEWAYS}
    assert gateways.keys() == set(GATEWAYS)
    assert _offences(gateways, "functions", allowed=(*MEETING, *HTTP_CONTRACT)) == []


def test_the_local_provider_knows_no_other() -> None:
    assert _offences(modules("local_provider"), "azure_publisher") == []


def test_components_know_no_program_that_uses_them() -> None:
    users = ("local_provider", "local_runtime", "azure_publisher", "portal", "tests", "__main__")
    assert _offences(modules("components"), *users) == []


@pytest.mark.parametrize("target", TARGET_NAMES)
def test_a_targets_components_are_reached_by_name_only(target: str) -> None:
    others = {name: path for name, path in modules("components").items() if not _named(name, f"components.{target}")}
    assert _offences(others, f"components.{target}") == []


@pytest.mark.parametrize("target", TARGET_NAMES)
def test_a_target_knows_no_other(target: str) -> None:
    others = [f"components.{name}" for name in TARGET_NAMES if name != target]
    assert _offences(modules(f"components.{target}"), *others) == []


@pytest.mark.parametrize(
    ("sdk", "homes"),
    [
        ("pulumi_aws", ("components.aws",)),
        ("pulumi_gcp", ("components.gcp",)),
        ("pulumi_azure_native", ("components.azure",)),
        ("boto3", ("functions.adapters.aws", "functions.entrypoints.aws")),
        ("botocore", ("functions.adapters.aws", "functions.entrypoints.aws")),
        ("google.cloud", ("functions.adapters.gcp", "functions.entrypoints.gcp")),
        ("azure", ("functions.adapters.azure", "functions.entrypoints.azure", "azure_publisher")),
    ],
)
def test_a_clouds_sdk_stays_in_its_targets_folder(sdk: str, homes: tuple[str, ...]) -> None:
    everywhere = modules("components", "functions", "local_runtime", "local_provider", "azure_publisher", "portal")
    elsewhere = {name: path for name, path in everywhere.items() if not _named(name, *homes)}
    assert _offences(elsewhere, sdk) == []


def test_only_the_configuration_reads_pulumis() -> None:
    readers = [
        name
        for name, path in modules("components", "portal").items()
        if "pulumi.Config" in path.read_text(encoding="utf-8")
        or any("runtime.config" in found for found in imports(path))
    ]
    assert readers == ["components.config"]


def _loaded(statement: str) -> set[str]:
    """What a statement loads in a fresh interpreter, beyond what every start does by an installed package's .pth."""
    report = f"import sys; before = {{*sys.modules}}\n{statement}\nprint(*sys.modules.keys() - before, sep='\\n')"
    finished = subprocess.run([sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(finished.stdout.splitlines())


def _loaded_packages(statement: str, *packages: str) -> set[str]:
    return {name for name in _loaded(statement) if _named(name, *packages)}


def test_the_local_target_loads_no_cloud_sdk() -> None:
    built = "from tests.graph import build, config; build(config('local'))"
    assert _loaded_packages(built, *CLOUD_SDKS) == set()


@pytest.mark.parametrize(
    "module",
    [
        name
        for name in modules("components")
        if name.count(".") == 1 and name.removeprefix("components.") not in TARGET_NAMES
    ],
)
def test_a_contract_loads_no_targets_components(module: str) -> None:
    targets = [f"components.{target}" for target in TARGET_NAMES]
    assert _loaded_packages(f"import {module}", *CLOUD_SDKS, *targets) == set()


@pytest.mark.parametrize("target", TARGET_NAMES)
def test_a_targets_operations_are_reached_by_name_only(target: str) -> None:
    others = {name: path for name, path in modules("operations").items() if not _named(name, f"operations.{target}")}
    allowed = ("operations.local.reach_folder",)  # by its folder, only a local system can be reached
    assert _offences(others, f"operations.{target}", allowed=allowed) == []


def test_the_run_time_and_what_it_shows_load_nothing_of_the_command() -> None:
    statement = "import local_runtime.__main__, operations.local, operations.plain"
    assert _loaded_packages(statement, "typer", "rich", "yaml", *DEPLOY_TIME_ONLY, *CLOUD_SDKS) == set()


def test_the_command_loads_no_target_and_no_pulumi() -> None:
    targets = [f"operations.{target}" for target in TARGET_NAMES]
    assert _loaded_packages("import operations.__main__", *targets, "local_runtime", "pulumi", *CLOUD_SDKS) == set()


def test_a_page_of_the_console_knows_no_target() -> None:
    pages = {name: path for name, path in modules("console").items() if not name.startswith("console.local")}
    targets = tuple(f"operations.{name}" for name in TARGET_NAMES)
    others = ("components", "functions.adapters", "local_runtime", "local_provider", "azure_publisher", "portal")
    assert _offences(pages, *targets, *others) == []


def test_the_run_time_loads_the_console_when_it_is_asked_for_and_not_before() -> None:
    assert _offences(modules("local_runtime"), "console", "operations") == []
    started = "import local_runtime.__main__, local_runtime.console"
    assert _loaded_packages(started, "console", "operations", "jinja2", "markupsafe", "starlette", "anyio") == set()
    asked = f"{started}; from local_runtime.console import MAKER; import importlib"
    made = f"{asked}; getattr(importlib.import_module(MAKER.partition(':')[0]), MAKER.partition(':')[2])"
    assert "starlette" in _loaded_packages(made, "starlette")
    assert _loaded_packages(made, *DEPLOY_TIME_ONLY) == set()
