"""What each target cannot honour, refused when the configuration loads, and what it honours in another way.

The limits that all targets share are bounds in `components/*_blocks.py`; here is what is one target's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from components.errors import Problem
from components.system_settings import SystemSettings
from components.targets import TargetName


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A setting that a target has no equal for; `offence` gives what was written when it is one of those."""

    path: str
    offence: Callable[[SystemSettings], str | None]
    allowed: str
    because: str
    fix: str

    def problem(self, target: TargetName, written: str) -> Problem:
        return Problem(
            path=self.path,
            what=f"{written} is not allowed" if written else "missing",
            allowed=f"allowed on {target} is {self.allowed} ({self.because})",
            fix=self.fix,
            involves=frozenset({"target", self.path}),
        )


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A promise that a target keeps in another way; a line of the parity table."""

    promise: str
    here: str


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    refusals: tuple[Refusal, ...] = ()
    differences: tuple[Difference, ...] = ()


def refusals(config: SystemSettings) -> Iterator[Problem]:
    """Everything that the configuration asks of its target and the target does not have."""
    for refusal in CAPABILITIES[config.target].refusals:
        written = refusal.offence(config)
        if written is not None:
            yield refusal.problem(config.target, written)


def _needs_block(name: str, example: str) -> Refusal:
    return Refusal(
        path=name,
        offence=lambda config: "" if getattr(config, name) is None else None,
        allowed="a block of settings",
        because="nothing can be placed without it",
        fix=f"set it with: pulumi config set --path orderly:{name}.{example}",
    )


def _needs_issuer(because: str) -> Refusal:
    return Refusal(
        path="api.token",
        offence=lambda config: "" if config.api.token is None else None,
        allowed="an issuer, audience and keys_url of your own",
        because=because,
        fix="set the three under orderly:api.token",
    )


def _needs_public_issuer() -> Refusal:
    def offence(config: SystemSettings) -> str | None:
        token = config.api.token
        return token.issuer if token and not token.issuer.startswith("https://") else None

    return Refusal(
        path="api.token.issuer",
        offence=offence,
        allowed="an https:// address",
        because="API Gateway reads the issuer's keys from there",
        fix="use an issuer that AWS can reach",
    )


def _no_express() -> Refusal:
    return Refusal(
        path="workflow.durability",
        offence=lambda config: None if config.workflow.durability == "standard" else config.workflow.durability,
        allowed="standard",
        because="only Step Functions has express runs",
        fix="leave it out",
    )


CAPABILITIES: dict[TargetName, Capabilities] = {
    "aws": Capabilities(
        refusals=(_needs_block("aws", "region eu-central-1"), _needs_public_issuer()),
        differences=(
            Difference(promise="warm instances", here="provisioned concurrency, up to twice as many under load"),
            Difference(promise="token issuer", here="a Cognito user pool unless api.token is set"),
            Difference(
                promise="tokens of another issuer",
                here="with api_kind http by its discovery document, RSA keys only; with rest believed up to 5 minutes "
                "beyond their end",
            ),
            Difference(
                promise="problem documents",
                here="with api_kind http 401, 403 and 429 are the gateway's own JSON; with rest a 400 for a body that "
                "does not fit its model has no list of errors, and a missing scope may be a 401",
            ),
            Difference(promise="path of the API", here="with api_kind rest it begins with the stage's name"),
            Difference(
                promise="a record of the change feed that keeps failing",
                here="is tried for 6 hours, then parked; one that is no event at once; the event stays in the table",
            ),
            Difference(
                promise="max_receive_count",
                here="a batch that is throttled uses up a delivery too, unless aws.reserved_concurrency prevents it",
            ),
            Difference(promise="list of orders", here="from an index that shows a change a moment after it was made"),
            Difference(
                promise="webhook signature",
                here="EventBridge cannot sign: the secret itself travels over TLS in X-Orderly-Secret",
            ),
            Difference(
                promise="express runs",
                here="one that is not over after five minutes ends there, undone or not, and a start may come twice",
            ),
        ),
    ),
    "gcp": Capabilities(
        refusals=(
            _needs_block("gcp", "project my-project"),
            _no_express(),
            _needs_issuer("Identity Platform exists once for a project and cannot be deleted"),
        ),
        differences=(
            Difference(promise="warm instances", here="min instances; up to gcp.max_instances under load"),
            Difference(
                promise="rate and burst", here="nothing limits callers; gcp.max_instances limits what they start"
            ),
            Difference(
                promise="verified tokens",
                here="by API Gateway, or by the function with another gcp.api_kind; scopes by the function",
            ),
            Difference(
                promise="problem documents",
                here="401, 404 and 405 are API Gateway's own JSON, unless the function answers",
            ),
            Difference(
                promise="a tenant's orders", here="kept apart by the function alone; Firestore's roles are a database's"
            ),
            Difference(promise="batches", here="push delivers one message at a time"),
            Difference(
                promise="max_receive_count",
                here="counted by best effort, so a message may die twice; a call that is turned away because every "
                "instance has eight uses up a delivery too",
            ),
            Difference(
                promise="rules of the bus",
                here="a total is compared with orders.high_value_threshold_minor only, by the publisher; a topic gets "
                "every event or none",
            ),
            Difference(
                promise="permissions on the database",
                here="are for all of it: whoever may write the guard of runs may write orders, too",
            ),
            Difference(
                promise="a record of the change feed that keeps failing",
                here="is tried for 23 hours, then parked; the event stays in the database",
            ),
            Difference(
                promise="a clean-up that keeps failing", here="is an alarm; Cloud Scheduler has no dead letters"
            ),
            Difference(promise="a secret's new value", here="comes with the next deployment"),
            Difference(
                promise="workflow starts once",
                here="guarded in Firestore, as Workflows takes no name for a run: where the answer to a start was lost "
                "it may be started again, and finds everything done",
            ),
            Difference(
                promise="a call ends after timeout", here="the relay's after 10 s: Eventarc waits no longer for it"
            ),
        ),
    ),
    "azure": Capabilities(
        refusals=(
            _needs_block("azure", "location westeurope"),
            _no_express(),
            _needs_issuer("Azure's provider cannot register an application"),
            Refusal(
                path="schedule.timezone",
                offence=lambda config: config.schedule.timezone if config.schedule.timezone != "UTC" else None,
                allowed="UTC",
                because="Flex Consumption has no time zone setting",
                fix="convert schedule.cron to UTC",
            ),
        ),
        differences=(
            Difference(promise="warm instances", here="always ready; up to azure.max_instances under load"),
            Difference(
                promise="rate and burst",
                here="by API Management with azure.api_kind basic; else nothing limits callers, azure.max_instances "
                "limits what they start",
            ),
            Difference(
                promise="verified tokens", here="by API Management, or by the function with azure.api_kind direct"
            ),
            Difference(promise="tokens of another issuer", here="by its discovery document, unless with direct"),
            Difference(
                promise="problem documents", here="a wrong method is a 404, and what the gateway says has no `instance`"
            ),
            Difference(
                promise="a tenant's orders", here="kept apart by the function alone; roles are a container's at best"
            ),
            Difference(promise="batches", here="one message at a time"),
            Difference(promise="change feed", here="the newest version of an item, no deletes and no old image"),
            Difference(
                promise="a record of the change feed that keeps failing",
                here="waits while the bus is out or closed to the relay; is parked after about an hour if the bus "
                "refuses the event itself, and at once if it is no event; the event stays in the database",
            ),
            Difference(
                promise="permissions on the database",
                here="are for all of it, but for the change feed and the guard of runs, whose are a container's",
            ),
            Difference(promise="a clean-up that fails", here="is an alarm, and waits for the next time"),
            Difference(promise="a secret's new value", here="is there within a day, or with the next deployment"),
            Difference(
                promise="webhook signature",
                here="a Logic App cannot sign: the secret itself travels over TLS in X-Orderly-Secret",
            ),
            Difference(promise="notifications", here="up to a minute late, since the Logic App asks for them"),
            Difference(
                promise="workflow starts once",
                here="guarded in Cosmos DB; Durable Functions begins a run anew once it has ended",
            ),
        ),
    ),
    "local": Capabilities(
        refusals=(
            _no_express(),
            Refusal(
                path="database.point_in_time_recovery",
                offence=lambda config: "true" if config.database.point_in_time_recovery else None,
                allowed="false",
                because="SQLite keeps no history",
                fix="leave it out and copy the file instead",
            ),
        ),
        differences=(
            Difference(promise="warm instances", here="every function is always warm"),
            Difference(promise="memory", here="one process, with what the machine has"),
            Difference(promise="log retention", here="one file, kept until the system is deleted"),
            Difference(promise="deletion protection", here="Pulumi's own protection of the database's resource"),
            Difference(promise="encryption at rest", here="files that only their owner may read"),
        ),
    ),
}
