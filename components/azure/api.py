"""API Management; or, by azure.api_kind, the app's own address, where everybody is let in and the function verifies."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components import api
from components.api import ApiArgs
from components.azure import _gateway
from components.azure._alarms import Alarm
from components.azure._app import FunctionApp
from components.azure._front import Exposed, Front
from components.azure._gateway import ApiGateway
from components.azure._subscription import Subscription
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform


class Api(api.Api):
    CHILDREN = _gateway.CHILDREN

    def __init__(
        self,
        name: str,
        *,
        args: ApiArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        subscription = behind(foundation, Subscription)
        exposed = Exposed(
            name=name,
            args=args,
            app=behind(args.function, FunctionApp),
            timeout_seconds=int(foundation.config.api.timeout.total_seconds()),
            subscription=subscription,
            child=self._child,
        )
        self._front: Front = _Direct(exposed) if subscription.config.api_kind == "direct" else ApiGateway(exposed)
        subscription.watch(*self._front.alarms())
        self.register_outputs({})

    def serve(self) -> pulumi.Output[str]:
        return self._front.address


class _Direct:
    """The app's own address; its own alarms see every request."""

    def __init__(self, exposed: Exposed) -> None:
        self.address = pulumi.Output.from_input(exposed.app.url)

    def alarms(self) -> Iterator[Alarm]:
        return iter(())
