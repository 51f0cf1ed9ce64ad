"""API Gateway; or, by gcp.api_kind, a load balancer before the function, or the function's own address.

Only API Gateway verifies tokens. Before the other two everybody is let in as far as the function, which verifies them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components import api
from components.api import ApiArgs
from components.behind import behind
from components.errors import WiringError
from components.foundation import Foundation
from components.gcp import _gateway, _load_balancer
from components.gcp._alarms import Alarm
from components.gcp._front import Exposed, Front
from components.gcp._gateway import ApiGateway
from components.gcp._load_balancer import LoadBalancer
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.group import Transform


class Api(api.Api):
    CHILDREN = tuple(dict.fromkeys((*_gateway.CHILDREN, *_load_balancer.CHILDREN)))

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
        self._project = behind(foundation, Project)
        exposed = Exposed(name=name, project=self._project, child=self._child, function=behind(args.function, Deployed))
        self._front = self._made(exposed, args)
        self._project.watch(*self._front.alarms())
        self.register_outputs({})

    def serve(self) -> pulumi.Output[str]:
        return self._front.address

    def _made(self, exposed: Exposed, args: ApiArgs) -> Front:
        settings = self._project.config
        if settings.api_kind == "gateway":
            return ApiGateway(exposed, function=args.function, issuer=args.issuer)
        if settings.api_kind == "direct":
            return _Direct(exposed)
        if settings.domain is None:
            raise WiringError(f"api {self.name}: a load balancer's certificate is for a domain; set gcp.domain")
        return LoadBalancer(exposed, domain=settings.domain)


class _Direct:
    """Cloud Run's own address of the function, whose own alarms see every request."""

    def __init__(self, exposed: Exposed) -> None:
        self.address = exposed.function.url
        exposed.open_to_everybody()

    def alarms(self) -> Iterator[Alarm]:
        return iter(())
