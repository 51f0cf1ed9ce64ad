"""What is started on Azure: each handler from the package as it is mounted, the bare clients of Cosmos DB and of the
app's identity, the same API as it is mostly written, and whole apps.

A start is over when what the first call needs is made and, for an API, when GET /health is answered by the function
itself. Making the client of Cosmos DB takes a token and two calls of the account: a stand-in on this machine answers
them, whose certificate the client does not verify, because it is called `localhost`. An app has started when
Microsoft's worker core has indexed it; the Functions host, which is Microsoft's too and begins before, is not here.
"""

from __future__ import annotations

import json
import platform
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cold_start.installing import rivals
from benchmarks.cold_start.measuring import Case, Limit, Target
from components.azure._package import FLEX, LIBRARIES, package
from components.wheels import Compiler, Platform
from functions.entrypoints.azure.handlers import ADAPTERS, MODULES
from tests.azure.worker import CORE, HAS_CORE, MAIN
from tests.e2e.world.http import Asked, Listener, Reply
from tests.e2e.world.internet import internet

HERE = Platform(machine=platform.machine(), python=FLEX.python)
BARE, SDK, API = "bare Python", "clients of Cosmos DB, identity", "api"
APPS = ("api", "relay", "fulfil", "cleanup", "workflow")
"""Started whole: one for each kind of trigger, the last with the most to load."""
LIMIT = Limit(seconds=30.0, of="Flex Consumption's limit for the start of an app")
"""learn.microsoft.com/azure/azure-functions/flex-consumption-plan"""
REACHED_WITHOUT_COSMOS = frozenset({"archive", "events"})
"""Adapters whose first call needs a token alone."""
CALLER = "11111111-2222-3333-4444-555555555555"

ENVIRONMENT: Mapping[str, str] = {
    "AZURE_CLIENT_ID": "00000000-0000-0000-0000-000000000001",
    "IDENTITY_HEADER": "none",
    "ORDERLY_AUDIENCE": "00000000-0000-0000-0000-000000000002",
    "ORDERLY_BUCKET": "https://shop.blob.core.windows.net/archive",
    "ORDERLY_CALLERS": CALLER,
    "ORDERLY_CURRENCIES": "EUR",
    "ORDERLY_DATABASE": "orders",
    "ORDERLY_EVENT_BUS": "https://shop.westeurope-1.eventgrid.azure.net/api/events",
    "ORDERLY_EXPIRE_AFTER_HOURS": "48",
    "ORDERLY_HIGH_VALUE_MINOR": "100000",
    "ORDERLY_IDEMPOTENCY_HOURS": "24",
    "ORDERLY_LEASE_SECONDS": "20",
    "ORDERLY_MAX_TOTAL_MINOR": "1000000",
    "ORDERLY_SANDBOX_STOCK": "100",
    "ORDERLY_WORKFLOW": "https://shop-order.azurewebsites.net/runs",
    "PYTHON_THREADPOOL_THREAD_COUNT": "16",
    "WEBSITE_SITE_NAME": "orders",
}
CLIENTS = """
import os
from azure.cosmos import CosmosClient
from azure.identity import ManagedIdentityCredential
identity = ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])
CosmosClient(os.environ["COSMOS_ENDPOINT"], identity)
"""
REQUEST = f"""
from azure.functions import HttpRequest
address, headers = "https://orders.azurewebsites.net/health", {{"X-MS-CLIENT-PRINCIPAL-ID": {CALLER!r}}}
request = HttpRequest(method="GET", url=address, headers=headers, body=b"")
"""
HEALTH = f"""{REQUEST}
from types import SimpleNamespace
trace = SimpleNamespace(trace_parent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
answer = function.get_user_function()(request, SimpleNamespace(trace_context=trace, invocation_id="1"))
assert answer.status_code == 200, answer.get_body()
"""
THEIR_HEALTH = f"""{REQUEST}
function = next(each for each in app.get_functions() if each.get_function_name() == "health")
assert function.get_user_function()(request).status_code == 200
"""
INDEXED = """
import runpy
sys.argv = [{main!r}, {app!r}]
runpy.run_path({main!r}, run_name="__main__")
"""


@contextmanager
def cases(scratch: Path, compiler: Compiler) -> Iterator[Mapping[str, Case]]:
    ours, theirs = unpacked(scratch), rivals(scratch, HERE, compiler)
    libraries = ours / LIBRARIES
    with answering(scratch) as found:
        variables = {**ENVIRONMENT, **found}
        yield {
            BARE: Case(script="", variables=variables),
            SDK: Case(script=CLIENTS, paths=[libraries], variables=variables),
            **{handler: case_of(handler, variables, libraries, ours) for handler in MODULES},
            "a function for each route, pydantic": written_by_others(variables, libraries, theirs),
            **{f"the app of {handler}": app_of(handler, variables, ours) for handler in APPS if HAS_CORE},
        }


def case_of(handler: str, variables: Mapping[str, str], *paths: Path) -> Case:
    """Its app is loaded as the worker loads it, and what its first call waits for is made."""
    needs_cosmos = set(ADAPTERS[handler]) - REACHED_WITHOUT_COSMOS
    client = "cosmos" if needs_cosmos else "credential.get_token('https://eventgrid.azure.net/.default')"
    start = (
        "from function_app import app\n"
        "function = app.get_functions()[-1]\n"
        "from functions.entrypoints.azure.application import ports\n"
        f"ports().clients.{client}\n"
    )
    script = start + HEALTH if handler == API else start
    return Case(script=script, paths=paths, variables={**variables, "ORDERLY_HANDLER": handler})


def written_by_others(variables: Mapping[str, str], *paths: Path) -> Case:
    return Case(script=f"from on_azure_functions import app\n{THEIR_HEALTH}", paths=paths, variables=variables)


def app_of(handler: str, variables: Mapping[str, str], app: Path) -> Case:
    """Microsoft's worker core with the app, until it has told which functions there are."""
    (core,) = (CORE.parents[1] / "lib").glob("python*/site-packages")
    script = INDEXED.format(main=str(MAIN), app=str(app))
    return Case(script=script, paths=[core], variables={**variables, "ORDERLY_HANDLER": handler}, limit=LIMIT)


@contextmanager
def answering(home: Path) -> Iterator[Mapping[str, str]]:
    """A STAND-IN for an account of Cosmos DB, which says what it is, and for the identity's endpoint; gives what tells
    a process where they are.
    """

    def account(_: Asked) -> Reply:
        here = [{"name": "here", "databaseAccountEndpoint": url}]
        consistency = {"defaultConsistencyLevel": "Strong"}
        return _told({"writableLocations": here, "readableLocations": here, "userConsistencyPolicy": consistency})

    with Listener(account, internet(home, ["localhost"]).tls) as cosmos, Listener(_token) as identity:
        url = f"https://localhost:{cosmos.port}/"
        yield {"COSMOS__accountEndpoint": url, "COSMOS_ENDPOINT": url, "IDENTITY_ENDPOINT": f"{identity.url}/token"}


def unpacked(scratch: Path) -> Path:
    with zipfile.ZipFile(package(platform=HERE)) as archive:
        archive.extractall(scratch / "ours")
    return scratch / "ours"


def _token(_: Asked) -> Reply:
    return _told({"access_token": "none", "expires_on": "4102444800", "resource": "any", "token_type": "Bearer"})


def _told(content: object) -> Reply:
    return Reply(status=200, headers=(("Content-Type", "application/json"),), body=json.dumps(content).encode())


TARGET = Target(
    name="azure",
    python=FLEX.python,
    sdk=SDK,
    compared=API,
    cases=cases,
    package_bytes=lambda: {"package": package().stat().st_size},
)
