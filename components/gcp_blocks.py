"""The settings that only Google Cloud has."""

from typing import Literal, get_args

from components.settings import Block, either, setting
from components.vendor_blocks import MAIL_ADDRESS

REGION = r"^[a-z]+-[a-z]+[0-9]+$"
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = rf"^({LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]$"
GatewayRegion = Literal[
    "asia-northeast1",
    "australia-southeast1",
    "europe-west1",
    "europe-west2",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-west2",
    "us-west3",
    "us-west4",
]
"""Where API Gateway is (cloud.google.com/api-gateway/docs/deployment-model)."""
GATEWAY_REGIONS: tuple[GatewayRegion, ...] = get_args(GatewayRegion)


class GcpConfig(Block):
    """What only Google Cloud has."""

    project: str = setting(
        ...,
        "The project that everything belongs to.",
        allowed="a project id of 6 to 30 characters",
        fix="use the id, not the name or the number",
        pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$",
    )
    region: str = setting(
        ..., "Where everything runs.", allowed="a region, as in europe-west1", fix="correct it", pattern=REGION
    )
    firestore_location: str | None = setting(
        None,
        "Where the orders are: a region, or several at once. By default in region. It can never change.",
        allowed="a region, eur3, nam5 or nam7",
        fix="correct it",
        pattern=rf"{REGION}|^(eur3|nam[57])$",
    )
    api_kind: Literal["gateway", "load_balancer", "direct"] = setting(
        "gateway",
        "What answers HTTP: API Gateway, which verifies tokens; a load balancer with a domain of your own, at a fixed "
        "price a month; or the function itself. With the last two the function verifies them.",
        allowed="gateway, load_balancer or direct",
        fix="choose one of them",
    )
    gateway_region: GatewayRegion | None = setting(
        None,
        "Where API Gateway runs. By default in region.",
        allowed=f"{either(GATEWAY_REGIONS)}, and only with api_kind gateway",
        because="there is no API Gateway elsewhere",
        fix="take the nearest",
    )
    domain: str | None = setting(
        None,
        "The name that the load balancer answers to; its address record is yours to set.",
        allowed="a domain of up to 64 characters in lower case, as in orders.example.com, with api_kind load_balancer "
        "and only then",
        because="a certificate's common name has room for 64",
        fix="write it without https:// and without a path",
        max_length=64,
        pattern=DOMAIN,
    )
    concurrency: int = setting(
        8,
        "Requests that an instance of the API serves at once; each has a thread, and more than one a whole CPU.",
        allowed="1 to 80",
        because="Cloud Run's own default",
        fix="lower it; more requests get more instances",
        ge=1,
        le=80,
    )
    max_instances: int = setting(
        100,
        "Up to how many instances a function grows; one that consumes a queue has the queue's max_concurrency.",
        allowed="functions.warm_instances to 1000",
        because="the quota of a region is for all functions of the project",
        fix="choose within it",
        ge=1,
        le=1_000,
    )
    alarm_email: str | None = setting(
        None,
        "Who is told of alarms.",
        allowed="a mail address",
        fix="correct it",
        pattern=MAIL_ADDRESS,
    )
