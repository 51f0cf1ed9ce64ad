"""The groups of settings that only one target has; a stack file may hold those of targets it does not use."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from components.platform_blocks import FunctionName
from components.settings import Block, setting

AWS_REGION = (
    r"^(af|ap|ca|eu|il|me|mx|sa|us)-(central|north|south|east|west|northeast|northwest|southeast|southwest)-[1-9]$"
)
MAIL_ADDRESS = r"^[^@\s]{1,64}@[^@\s]{1,190}$"
AWS_POLICY = r"^(own|arn:aws:iam::([0-9]{12}|aws):policy/[A-Za-z0-9/+=,.@_-]{1,512})$"


class DatabaseCapacity(Block):
    """Bounds between which the database's capacity follows its load, in units of DynamoDB."""

    minimum: int = setting(
        5, "Read and write units that are always there.", allowed="1 to 40000", fix="lower it", ge=1, le=40_000
    )
    maximum: int = setting(
        100,
        "Read and write units that it grows to.",
        allowed="minimum to 40000",
        because="DynamoDB's quota of a table",
        fix="raise it to the minimum at least",
        ge=1,
        le=40_000,
    )


class AwsConfig(Block):
    """What only AWS has."""

    region: str = setting(
        ...,
        "Where everything runs.",
        allowed="a region of AWS's public partition, as in eu-central-1",
        fix="correct it; China, GovCloud and the sovereign clouds name their services otherwise",
        pattern=AWS_REGION,
    )
    account: str | None = setting(
        None,
        "The account that everything belongs to; with another account's credentials nothing is deployed.",
        allowed="twelve digits",
        fix="copy it from the console, without hyphens, in quotes",
        pattern=r"^[0-9]{12}$",
    )
    api_kind: Literal["http", "rest"] = setting(
        "http",
        "What answers HTTP: an HTTP API at a third of the price, or a REST API, which checks bodies against their "
        "models, has usage plans and can stand behind a WAF.",
        allowed="http or rest",
        fix="choose one of them",
    )
    waf: bool | None = setting(
        None,
        "A web application firewall with AWS's managed rules before the API. By default only before a REST API.",
        allowed="true or false, and true only with api_kind rest",
        because="an HTTP API cannot have one",
        fix="leave it out",
    )
    api_keys: bool = setting(
        False,
        "Callers show an API key beside their token, and a usage plan limits each key to api.rate_per_second and "
        "api.burst. The keys are yours to make and hand out.",
        allowed="true or false, and true only with api_kind rest",
        because="an HTTP API knows no keys",
        fix="leave it out",
    )
    manage_api_logging_role: bool = setting(
        False,
        "Set the role by which API Gateway writes logs, which account and region have only one of. Needed once, for a "
        "REST API, where nobody has set it yet; it is kept on `destroy`.",
        allowed="true or false",
        fix="choose one of them",
    )
    cold_start: Literal["none", "snapstart", "provisioned"] | None = setting(
        None,
        "What is done about cold starts of functions that a caller waits for: nothing, resuming from a snapshot, or "
        "keeping functions.warm_instances ready. By default provisioned where there are any.",
        allowed="none, snapstart or provisioned",
        because="aws: SnapStart and provisioned concurrency exclude each other",
        fix="choose one of them",
    )
    provisioned_maximum: int | None = setting(
        None,
        "Up to how many instances are kept ready under load. By default twice functions.warm_instances.",
        allowed="functions.warm_instances to 1000",
        fix="raise it",
        ge=1,
        le=1_000,
    )
    reserved_concurrency: dict[FunctionName, Annotated[int, Field(ge=1, le=10_000)]] = setting(
        {},
        "For a function's name how many of its executions can always run, and no more than those.",
        allowed="1 to 10000 for functions of the system, and together account_concurrency less 100",
        because="Lambda keeps 100 of the account unreserved",
        fix="lower them, or raise account_concurrency to the account's quota",
    )
    account_concurrency: int = setting(
        1_000,
        "The account's quota of concurrent executions in the region.",
        allowed="10 to 1000000",
        fix="look it up: aws service-quotas get-service-quota --service-code lambda --quota-code L-B99A9384",
        ge=10,
        le=1_000_000,
    )
    database_capacity: DatabaseCapacity | None = Field(
        default=None, description="Provisioned capacity that follows the load; without it, on demand."
    )
    tenant_isolation: bool = setting(
        True,
        "The API reads and writes orders as a role that IAM confines to the tenant of the request.",
        allowed="true or false",
        fix="choose one of them",
    )
    permissions_boundary: str | None = setting(
        None,
        "A policy that no role goes beyond, whatever it is granted: `own` for one that denies deleting and changing "
        "what keeps data, or the ARN of yours.",
        allowed="own or a policy's ARN",
        fix="correct the ARN",
        pattern=AWS_POLICY,
    )
    alarm_email: str | None = setting(
        None,
        "Who is told of alarms; they have to confirm it by the mail that AWS sends.",
        allowed="a mail address",
        fix="correct it",
        pattern=MAIL_ADDRESS,
    )


class LocalConfig(Block):
    """What only a system on one machine has."""

    port: int = setting(
        8080,
        "The port of the API on 127.0.0.1; 0 chooses a free one.",
        allowed="0 or 1024 to 65535",
        fix="choose a free port that needs no privileges",
        ge=0,
        le=65535,
    )
    folder: str | None = setting(
        None,
        "Where its files are, from the project's folder; another folder is another system, without this one's orders. "
        "Unset: .orderly/ and the stack's name.",
        allowed="a path of 1 to 200 characters",
        fix="shorten it",
        min_length=1,
        max_length=200,
    )
    retain_database: bool = setting(
        False,
        "Keep the orders and the event archive after `destroy`.",
        allowed="true or false",
        fix="choose one of them",
    )
    delay_scale: float = setting(
        1.0,
        "Multiplies each wait of the saga before a retry; tests scale it down.",
        allowed="0 to 1",
        fix="choose within it",
        ge=0,
        le=1,
    )

    @field_validator("port")
    @classmethod
    def _needs_no_privileges(cls, port: int) -> int:
        if 0 < port < 1024:
            raise ValueError("a privileged port")
        return port
