"""A queue that the rule feeds, and a Logic App that reads it, shapes each order and posts it to the webhook.

The queue, and no call from Event Grid, because that would need a key in an address; by the queue all is by identity,
and what fails is tried again and counted. A Logic App cannot sign: what it posts carries the shared secret itself, over
TLS, in `X-Orderly-Secret`, read from the vault for each message. Without a webhook the run's history has the message.
"""

from __future__ import annotations

import pulumi

from components import notification
from components.azure import _logic_app
from components.azure._backlog import backlog_alarm
from components.azure._entities import Inlet
from components.azure._event_subscription import Bus
from components.azure._identity import ManagedIdentity, managed_identity
from components.azure._logic_app import LogicApp, Webhook, failures, make_logic_app
from components.azure._mounts import Mount
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.azure.queue import Queue
from components.behind import behind
from components.errors import WiringError
from components.foundation import Foundation
from components.group import Transform
from components.notification import NotificationArgs
from functions.environment import Variable


class Notification(notification.Notification):
    CHILDREN = (*Queue.CHILDREN, "identity", "consumer", *_logic_app.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: NotificationArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._subscription = behind(foundation, Subscription)
        queue = Queue(
            name,
            args=args.queue,
            foundation=foundation,
            transform=self._hooks(*Queue.CHILDREN),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._inlet = behind(queue, Inlet)
        self._post(args)
        behind(args.bus, Bus).deliver(args.rule, where=args.where, to=self._inlet.queue)
        self.queues, self.functions = (queue,), ()
        self.register_outputs({})

    def _post(self, args: NotificationArgs) -> None:
        identity = managed_identity(self.name, subscription=self._subscription, opts=self._child("identity"))
        granted = [self._let_receive(identity)]
        if args.webhook_secret:
            granted += args.webhook_secret.grant_read(identity).carried_by
        app = make_logic_app(
            LogicApp(
                name=self.name,
                identity=identity,
                queue=self._inlet.queue,
                at_once=args.max_concurrency,
                webhook=self._webhook(args),
                granted=granted,
            ),
            subscription=self._subscription,
            child=self._child,
        )
        self._subscription.watch(
            failures(self.name, app),
            backlog_alarm(self.name, self._inlet.queue, at_once=args.max_concurrency, subscription=self._subscription),
        )

    def _let_receive(self, identity: ManagedIdentity) -> pulumi.Resource:
        return identity.allow(
            f"{self.name}-{identity.name}-receiver",
            role=Role.SERVICE_BUS_RECEIVER,
            on=self._inlet.queue.id,
            opts=self._child("consumer"),
        )

    def _webhook(self, args: NotificationArgs) -> Webhook | None:
        if args.webhook_url is None:
            return None
        mount = args.webhook_secret.reader(Variable.WEBHOOK_SECRET) if args.webhook_secret else None
        if not isinstance(mount, Mount):
            raise WiringError(f"notification {self.name}: nothing is posted without a secret of the vault; give it one")
        return Webhook(url=args.webhook_url, secret=mount)
