"""The routes on loopback, served by the run time; `Foundation.serve` knows the port."""

from __future__ import annotations

import pulumi

from components import api
from components.api import ApiArgs
from components.component import Transform
from components.foundation import Foundation
from components.local import _resources as local
from components.local._home import home_of


class Api(api.Api):
    CHILDREN = ("api",)

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
        home = home_of(foundation)
        home.declare(
            local.Api(
                name,
                home=home.folder,
                function=args.function.name,
                rate_per_second=args.rate_per_second,
                burst=args.burst,
                opts=self._child("api"),
            )
        )
        self.register_outputs({})
