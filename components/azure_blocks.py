"""The settings that only Azure has."""

from typing import Literal

from components.settings import Block, setting
from components.vendor_blocks import MAIL_ADDRESS

GUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
GUID_ALLOWED = "a GUID in lower case, as in 00000000-0000-0000-0000-000000000000"


class AzureConfig(Block):
    """What only Azure has."""

    subscription: str = setting(
        ...,
        "The subscription that everything belongs to.",
        allowed=GUID_ALLOWED,
        fix="copy it from: az account show --query id",
        pattern=GUID,
    )
    tenant_id: str = setting(
        ...,
        "The Entra tenant that the subscription trusts.",
        allowed=GUID_ALLOWED,
        fix="copy it from: az account show --query tenantId",
        pattern=GUID,
    )
    application_id: str = setting(
        ...,
        "The client id of an Entra application that stands for the system's own apps when they call each other. It has "
        "no secret, and one serves many systems.",
        allowed=GUID_ALLOWED,
        fix="make one as docs/azure.md says, and copy its appId",
        pattern=GUID,
    )
    location: str = setting(
        ..., "Where everything runs.", allowed="a location, as in westeurope", fix="correct it", pattern=r"^[a-z0-9]+$"
    )
    api_kind: Literal["consumption", "basic", "direct"] = setting(
        "consumption",
        "What answers HTTP: API Management by the call; its tier Basic v2 at a fixed price a month, which also limits "
        "the rate; or the function app itself, which then verifies tokens.",
        allowed="consumption, basic or direct",
        fix="choose one of them",
    )
    publisher_email: str | None = setting(
        None,
        "The address that API Management gives for whoever publishes the API. By default alarm_email.",
        allowed="a mail address of up to 100 characters",
        because="API Management asks for one",
        fix="correct it",
        max_length=100,
        pattern=MAIL_ADDRESS,
    )
    database_capacity: int | None = setting(
        None,
        "Request units a second that the database grows to, and pays a tenth of when it is idle; without it, by the "
        "request (serverless). To change from one to the other takes another database.",
        allowed="1000 to 1000000, in thousands",
        because="Cosmos DB's autoscale",
        fix="round it to a thousand",
        ge=1_000,
        le=1_000_000,
        multiple_of=1_000,
    )
    durable_backend: Literal["storage", "scheduler"] = setting(
        "storage",
        "Where Durable Functions keeps the saga's runs: in the app's storage account, or in a Durable Task Scheduler, "
        "which is paid for by the action and is not in every location. Let the runs under way end before a change.",
        allowed="storage or scheduler",
        fix="choose one of them",
    )
    concurrency: int = setting(
        16,
        "Requests that an instance of an app that is called over HTTP serves at once; each has a thread.",
        allowed="1 to 100",
        because="an instance of 512 MiB has a quarter of a CPU",
        fix="lower it; more requests get more instances",
        ge=1,
        le=100,
    )
    max_instances: int = setting(
        100,
        "Up to how many instances an app grows; one that consumes a queue has as many as its max_concurrency needs.",
        allowed="functions.warm_instances, and 1 at least, to 1000",
        because="Flex Consumption's most; the location's quota of cores is for all apps of the subscription",
        fix="choose within it",
        ge=1,
        le=1_000,
    )
    recover: bool = setting(
        False,
        "Take back the API Management of the same name that was deleted: Azure keeps it and its name for two days.",
        allowed="true or false",
        fix="choose one of them",
    )
    alarm_email: str | None = setting(
        None,
        "Who is told of alarms.",
        allowed="a mail address",
        fix="correct it",
        pattern=MAIL_ADDRESS,
    )
