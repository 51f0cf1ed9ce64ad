"""The tracer, and what X-Ray is told of an error: its type and where it was raised, never what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools.tracing import Tracer
from aws_xray_sdk.core import xray_recorder  # type: ignore[import-untyped]
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter  # type: ignore[import-untyped]


def tracer(service: str, *, calls_aws: bool) -> Tracer:
    """`calls_aws` loads botocore, so that each of its calls is a subsegment."""
    xray_recorder.emitter = DiscreetEmitter()
    made = Tracer(service=service, auto_patch=False)
    if calls_aws:
        made.patch(("botocore",))
    return made


class DiscreetEmitter(UDPEmitter):  # type: ignore[misc]
    """The SDK sends what an error says, whatever Powertools is told; an error of ours may name a customer."""

    def send_entity(self, entity: Any) -> None:  # noqa: ANN401 -- a segment or subsegment of the SDK
        for part in _with_its_parts(entity):
            if isinstance(part.cause, dict):
                for error in part.cause.get("exceptions", ()):
                    error.message = None
        super().send_entity(entity)


def _with_its_parts(entity: Any) -> Iterator[Any]:  # noqa: ANN401
    yield entity
    for part in entity.subsegments:
        yield from _with_its_parts(part)
