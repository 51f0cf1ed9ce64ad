"""The groups of settings that only one target has; a stack file may hold those of targets it does not use."""

from pydantic import field_validator

from components.settings import Block, setting

AWS_REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"
GCP_REGION = r"^[a-z]+-[a-z]+[0-9]+$"


class AwsConfig(Block):
    """What only AWS has."""

    region: str = setting(
        ..., "Where everything runs.", allowed="a region, as in eu-central-1", fix="correct it", pattern=AWS_REGION
    )


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
        ..., "Where everything runs.", allowed="a region, as in europe-west1", fix="correct it", pattern=GCP_REGION
    )


class AzureConfig(Block):
    """What only Azure has."""

    location: str = setting(
        ..., "Where everything runs.", allowed="a location, as in westeurope", fix="correct it", pattern=r"^[a-z0-9]+$"
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
