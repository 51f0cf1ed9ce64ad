"""An app on Flex Consumption that runs one handler of the one package, as an identity of its own.

It is called by the queue, feed or timer that its trigger names, or over HTTP by the identities that were let call it;
one that nobody calls over HTTP cannot be reached.
"""

from __future__ import annotations

from itertools import chain

import pulumi

from components import function
from components.azure import _app
from components.azure._app import FunctionApp
from components.azure._deliveries import Deliveries, held
from components.azure._function_alarms import function_alarms
from components.azure._identity import ManagedIdentity
from components.azure._mounts import mounted
from components.azure._site import Size
from components.azure._subscription import Subscription
from components.behind import behind
from components.foundation import Foundation
from components.function import FunctionArgs
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Variables, wire


class Function(function.Function):
    CHILDREN = _app.CHILDREN

    def __init__(
        self,
        name: str,
        *,
        args: FunctionArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._subscription, self._args = behind(foundation, Subscription), args
        self._behind = self._app = FunctionApp(
            name, called=self._name_of_the_app(), subscription=self._subscription, child=self._child
        )
        self.identity = self._app.identity
        links = self._links(args, foundation)
        wiring = wire(name, self.identity, links)
        self.grants, self._variables = wiring.grants, {**wiring.variables, **mounted(links)}
        self._subscription.watch(
            *function_alarms(name, self._app, timeout=args.timeout, subscription=self._subscription)
        )
        self.register_outputs({})
        if args.trigger:
            args.trigger.attach(self)

    def grant_invoke(self, identity: Identity) -> Grant:
        """App Service lets it in once the app is made, which is the last thing that happens."""
        caller = behind(identity, ManagedIdentity)
        return caller.grant(Verb.INVOKE, f"function/{self.name}", lambda: self._let_call(caller))

    def finish(self) -> None:
        self._app.make(
            handler=self._args.handler,
            timeout=self._args.timeout,
            size=self._size(),
            variables={**self._variables, **self._held()},
            # An app that may not do yet what it was granted fails its first calls.
            after=list(chain.from_iterable(grant.carried_by for grant in self.grants)),
            is_everybodys=self._args.is_awaited and self._subscription.config.api_kind == "direct",
        )

    def _let_call(self, caller: ManagedIdentity) -> tuple[pulumi.Resource, ...]:
        self._app.let_call(caller)
        return ()

    def _name_of_the_app(self) -> str:
        """Open to everybody the API is another app: one that believes what the gateway says of a caller has never been
        open, not even while an update is under way.
        """
        is_direct = self._args.is_awaited and self._subscription.config.api_kind == "direct"
        return f"{self.name}-direct" if is_direct else self.name

    def _held(self) -> Variables:
        return held(self._args.timeout) if isinstance(self._args.trigger, Deliveries) else {}

    def _size(self) -> Size:
        trigger, config = self._args.trigger, self._subscription.config
        if isinstance(trigger, Deliveries):
            instances, at_once = trigger.instances, trigger.of_an_instance
        else:
            instances, at_once = config.max_instances, 1 if trigger else config.concurrency
        return Size(
            memory_mb=self._args.memory_mb, instances=instances, at_once=at_once, warm=self._args.warm_instances
        )
