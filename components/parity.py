"""Prints docs/parity.md: what each target does, from the contracts' own docstrings, and what has been shown.

python -m components.parity > docs/parity.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from components.capabilities import CAPABILITIES
from components.targets import TARGET_NAMES, TargetName, existing

CONTRACTS = (
    "function",
    "api",
    "issuer",
    "queue",
    "topic",
    "event_bus",
    "database",
    "workflow",
    "schedule",
    "secret",
    "bucket",
    "notification",
    "observability",
    "foundation",
)

SAGA_RUNS = Path(__file__).parents[1] / "docs" / "saga-runs.json"
"""Written by the run of the conformance suite that `make parity` starts."""
ENGINES = {
    "local": ("local", "our own executor, on a real file, cut off in the middle of calls"),
    "step-functions": ("Step Functions", "ministack, with Python tasks through awslambdaric"),
    "workflows": ("Workflows", "workflows-emulator, with tasks over HTTP"),
    "durable": ("Durable Functions", "Microsoft's own replay executor of azure-functions-durable"),
}
"""Each engine by the name of its driver: what the page calls it, and what ran."""

HEAD = """\
# Parity

Printed by `python -m components.parity`; a test holds it current. The tables are the contracts' own docstrings: what a
target that is not built yet will be is what its contract was shaped for, and says nothing of having run."""

SAGAS = """\
## One saga, four engines

Each rule of `docs/saga.md` has a test of its name, which ran on each engine; this table is written by that run, and CI
fails when it says something else. Beyond the rules, the order saga with every fault at every step, and generated sagas
under generated faults, left on every engine the trace that the reference interpreter leaves. What ran:"""

SHOWN = """\
## What shows it

| claim | shown by |
|---|---|
| a system on one machine is deployed, changed in place, healed and removed by the real engine | `tests/engine` |
| orders flow through it over HTTP to each of their ends | `tests/e2e`, `make demo` |
| a port keeps its promise on a target | `tests/conformance`, for each target that exists |
| a saga goes on where `kill -9` cut it off and repeats no step that was done | `tests/conformance/local_runtime` |
| the same orders over HTTP reach the same ends on AWS, with both kinds of API and of workflow | `tests/e2e/aws` |
| the same orders over HTTP reach the same ends on Google Cloud, behind each kind of API | `tests/e2e/gcp` |
| the same orders over HTTP reach the same ends on Azure, behind each kind of API | `tests/e2e/azure` |
| each input for AWS, and each name and enum in it, fits the SDK and botocore's models | in every test that builds one |
| the failures of a deployment that `tests/aws/refusals.py` knows are refused | `tests/unit/aws`, each by its name |
| each input for Google Cloud fits the discovery document of its API | in every test that builds one |
| the failures of a deployment that `tests/gcp/refusals.py` knows are refused | `tests/unit/gcp`, each by its name |
| each input for Azure fits the SDK, with the enums and limits that it leaves open | in every test that builds one |
| the failures of a deployment that `tests/azure/refusals.py` knows are refused | `tests/unit/azure`, each by its name |
| a function may do exactly what it was granted | `tests/architecture` |
| no policy has a wildcard without a listed reason | `tests/unit/aws`, `tests/conformance/test_parliament.py` |
| a system on AWS is planned, changed in place, protected, healed and removed by the real engine | `tests/engine/aws` |
| a system on Google Cloud is, too, and made again (without the wait for the database's name) | `tests/engine/gcp` |
| a system on Azure is, too, and its code published by our own provider within the same `up` | `tests/engine/azure` |
| the same saga under the same faults leaves the same trace on four engines | `tests/conformance/saga` |
| the suite notices when a compiler is wrong | `make conformance-mutants`, in CI |
| a target has every component of the contract, with the same members | `tests/architecture` |
| a stack file builds the graph it should, with every input a provider would refuse refused | `tests/program` |

## What has not been shown

- Anything on a cloud: no account was reached. What stood in for each, and what that leaves open, is in the table below;
  much of it is closed by `make smoke STACK=prod`, which a person with an account runs.
- Skipped, and said so in the output: that another tenant sees nothing, when `tests/e2e` runs against an address for
  which it was given no second token; that objects are flushed to disk, where the system has no `/proc/self/fd`."""


STAND_INS: Mapping[TargetName, tuple[tuple[str, str, str], ...]] = {
    "aws": (
        (
            "the provider",
            "our simulation under the real engine, which checks by botocore's models",
            "what AWS refuses beside its models and `tests/aws/refusals.py`",
        ),
        (
            "its services",
            "ministack, with IAM on",
            "throttles, alarms, the firewall, autoscaling, encryption, lifecycles; a batch of the stream that fails in "
            "part; SQS's own redrive; a rule's log group",
        ),
        (
            "Lambda",
            "the built package under awslambdaric, built for the machine of the tests",
            "arm64, SnapStart, provisioned instances",
        ),
        (
            "IAM for functions",
            "ministack's evaluation, which is told the keys of a request and the tag of its session",
            "that AWS fills in `dynamodb:LeadingKeys` as its documents say",
        ),
        (
            "IAM for services",
            "nothing: ministack lets services do what their roles do not",
            "that a rule (to the topic in a role of its own), a queue's poller or a schedule may deliver; their "
            "policies are checked as text",
        ),
        (
            "Cognito",
            "ministack's pool: a code with PKCE, our trigger, tokens that its gateways verify",
            "the hosted sign-in page",
        ),
        (
            "REST API",
            "ministack's",
            "a preflight that names one of several origins: skipped, and said so in the output",
        ),
        (
            "Step Functions",
            "ministack, with what it lacks made even, as above",
            "the five minutes of an express run",
        ),
    ),
    "gcp": (
        (
            "the provider",
            "our simulation under the real engine, which checks by Google's discovery documents",
            "what Google refuses beside them and `tests/gcp/refusals.py`; how long anything takes to be made, or seen",
        ),
        (
            "Firestore",
            "a fake of ours behind Google's own client, with preconditions and contention",
            "how Firestore itself locks, and its limits under load; the client's calls were reviewed against its "
            "documents",
        ),
        (
            "Pub/Sub",
            "Google's `pstest`, and a bridge of ours that pushes, counts and sets aside",
            "the pace at which Pub/Sub pushes, and how it slows down",
        ),
        (
            "Cloud Run functions",
            "the uploaded archive under functions-framework and gunicorn, by the Python of the tests",
            "the build, instances that start and end, CPU that is taken away between requests",
        ),
        (
            "IAM",
            "ours: a call and each method of an API against the members that were deployed",
            "how conditions and custom roles are evaluated, and how long a grant takes to be seen",
        ),
        (
            "API Gateway, load balancer, Eventarc, Scheduler",
            "stand-ins of ours, each after its documents: they read what was deployed",
            "whatever the documents do not say",
        ),
        (
            "Workflows",
            "workflows-emulator, with what it lacks made even, as above",
            "quotas, and runs that outlive the process",
        ),
        ("alarms, dashboard, log buckets", "nothing", "that an alarm opens: their filters are checked as text"),
    ),
    "azure": (
        (
            "the provider",
            "our simulation under the real engine, which checks by the provider's SDK; our publisher runs as it is",
            "what Azure refuses beside it and `tests/azure/refusals.py`; how long anything takes to be made, or seen; "
            "what an app answers to a package",
        ),
        (
            "Cosmos DB",
            "a fake of ours behind Microsoft's own client, with preconditions, transactional batches and ETags",
            "how Cosmos DB throttles, and what it charges; the fake was written from the documents",
        ),
        (
            "Service Bus, Event Grid, Logic App, API Management, App Service authentication",
            "stand-ins of ours, each after its documents: they read what was deployed",
            "whatever the documents do not say",
        ),
        (
            "Flex Consumption",
            "the posted package but for its root, under Microsoft's worker core where Python 3.13 is, else the SDK "
            "alone; the host around it is ours",
            "instances that start and end, the host itself with its extensions, .NET on both ends of the worker",
        ),
        (
            "roles",
            "ours: a call against the role assignments that were deployed",
            "how long an assignment takes to be seen; the actions of a role are from memory",
        ),
        (
            "Durable Functions",
            "Microsoft's own replay executor, and a task hub of ours",
            "the storage provider, the Durable Task Scheduler, runs that outlive the process",
        ),
        ("alarms, workbook", "nothing", "that an alarm opens: their queries are checked as text"),
    ),
}
"""What of a target something else stood in for, and what is not shown for that."""


def page() -> str:
    return "\n\n".join((HEAD, _states(), *_contracts(), *_sagas(), _differences(), SHOWN, _stand_ins())) + "\n"


def _stand_ins() -> str:
    rows = [
        f"| {target} | {' | '.join(stand_in)} |" for target, stand_ins in STAND_INS.items() for stand_in in stand_ins
    ]
    return "\n".join(("| target | of it | stood in | so this is not shown |", "|---|---|---|---|", *rows))


def _states() -> str:
    rows = (f"| `{target}` | {'built' if target in existing() else 'not built yet'} |" for target in TARGET_NAMES)
    return "\n".join(("| target | components |", "|---|---|", *rows))


def _contracts() -> Iterator[str]:
    for contract in CONTRACTS:
        promise = import_module(f"components.{contract}").__doc__ or ""
        yield f"## {contract.replace('_', ' ').capitalize()}\n\n{promise.strip()}"


def _sagas() -> Iterator[str]:
    """What each engine showed of the rules of docs/saga.md, and what stands behind the rest."""
    runs = json.loads(SAGA_RUNS.read_text(encoding="utf-8"))
    reasons: list[str] = []
    rows = [
        " | ".join((f"| {rule}", *(_word(words[engine], reasons) for engine in ENGINES))) + " |"
        for rule, words in runs["rules"].items()
    ]
    yield SAGAS
    yield "\n".join(f"- {title}: {ran}." for title, ran in ENGINES.values())
    heads = [title for title, _ in ENGINES.values()]
    yield "\n".join((f"| rule | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|", *rows))
    yield "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, start=1))
    ways = ", ".join(f"`{source}` in {number}" for source, number in runs["mutants"].items())
    yield f"In how many ways `make conformance-mutants` breaks each, and has the suite notice every one: {ways}."
    yield "Where what ran differs from the cloud's own engine, and the suite's driver evens it out:"
    yield "\n".join(f"- {ENGINES[engine][0]}: {each}" for engine in ENGINES for each in runs["levelled"][engine])


def _word(word: tuple[str, str], reasons: list[str]) -> str:
    said, reason = word
    if not reason:
        return said
    if reason not in reasons:
        reasons.append(reason)
    return f"{said} ({reasons.index(reason) + 1})"


def _differences() -> str:
    lines = ["## Kept in another way", "", "| target | promise | how it is there |", "|---|---|---|"]
    for target in TARGET_NAMES:
        lines += [f"| {target} | {one.promise} | {one.here} |" for one in CAPABILITIES[target].differences]
    lines += [
        "",
        "## Refused when the configuration loads",
        "",
        "| target | setting | allowed | because |",
        "|---|---|---|---|",
    ]
    for target in TARGET_NAMES:
        lines += [f"| {target} | `{no.path}` | {no.allowed} | {no.because} |" for no in CAPABILITIES[target].refusals]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")
