"""The one typed description of an order system, and the only reader of Pulumi's configuration.

`python -m components.config` prints the JSON Schema that editors check stack files with.
"""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import get_config_env, get_config_secret_keys_env, is_config_secret
from pulumi.runtime.config import CONFIG

from components.contradictions import contradictions
from components.loading import load
from components.stackfile import NAMESPACE, block
from components.stages import STAGES, Stage
from components.system_settings import SystemSettings

STAGE_OF_STACK: dict[str, Stage] = {**{stage: stage for stage in STAGES}, "local": "dev"}


class OrderSystemConfig(SystemSettings):
    """An order-processing system; the settings are in `system_settings`, here are the ways to get one."""

    @classmethod
    def parse(cls, written: Mapping[str, Any], *, hidden: frozenset[str] = frozenset()) -> "OrderSystemConfig":
        """The configuration that the settings describe; ConfigError with one line for each problem otherwise.

        No value of a top-level setting named in `hidden` is ever shown.
        """
        return load(cls, written, hidden=hidden, contradictions=contradictions)

    @classmethod
    def from_pulumi(cls) -> "OrderSystemConfig":
        """The stack file's settings; a stack named as a stage is that stage, and `local` is dev, unless it says so."""
        config = pulumi.Config(NAMESPACE)
        everything = {**get_config_env(), **CONFIG.get()}
        names = [key.partition(":")[2] for key in everything if key.startswith(f"{NAMESPACE}:")]
        secret = {key for key in everything if is_config_secret(key)} | set(get_config_secret_keys_env())
        written = {name: block(config.require(name)) for name in names}
        stage = STAGE_OF_STACK.get(pulumi.get_stack())
        return cls.parse(
            ({"stage": stage} if stage else {}) | written,
            hidden=frozenset(name for name in names if f"{NAMESPACE}:{name}" in secret),
        )


if __name__ == "__main__":
    from components.schema import stack_file_schema

    print(json.dumps(stack_file_schema(), indent=2))
