"""Durable Functions in an app of its own: one orchestrator that interprets what each run is started with.

Its activity calls the tasks' apps as the workflow's identity, which may call those alone. Whoever starts a run asks the
app for it, and keeps in Cosmos DB who was started: Durable Functions would begin a run anew once it has ended.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pulumi

from components import workflow
from components.azure import _app, _durable
from components.azure._app import FunctionApp
from components.azure._deliveries import lease
from components.azure._durable import IN_STORAGE, STORAGE_ROLES, Backend, in_scheduler
from components.azure._guard import Guard
from components.azure._identity import ManagedIdentity
from components.azure._site import Size
from components.azure._subscription import Subscription
from components.azure._workflow_alarms import workflow_alarms
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Variables
from components.saga.durable import compile_durable
from components.workflow import WorkflowArgs
from functions.environment import Variable

HANDLER = "workflow"
LONGEST_CALL = timedelta(minutes=5)
"""Of its activity, which itself ends a call of a task when the step's time is over."""
ORCHESTRATORS = 8
"""On an instance at once. They wait for nothing: a step of a run is over in milliseconds."""


class Workflow(workflow.Workflow):
    CHILDREN = (*_app.CHILDREN, *_durable.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: WorkflowArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._subscription, self._settings = behind(foundation, Subscription), self._read(foundation, args)
        self._guard = behind(args.guard, Guard)
        self._is_in_storage = self._subscription.config.durable_backend == "storage"
        self._app = FunctionApp(
            f"{name}-workflow",
            subscription=self._subscription,
            child=self._child,
            roles=STORAGE_ROLES if self._is_in_storage else (),
        )
        for function in dict.fromkeys(args.tasks.values()):
            function.grant_invoke(self._app.identity)
        self._size = Size(
            memory_mb=foundation.config.functions.memory_mb,
            instances=self._subscription.config.max_instances,
            at_once=self._subscription.config.concurrency,
            orchestrators=ORCHESTRATORS,
        )
        self.variables = {
            Variable.WORKFLOW: f"{self._app.url}/runs",
            Variable.AUDIENCE: self._subscription.config.application_id,
            **lease(foundation.config.functions.timeout),
            **self._guard.variables,
        }
        self._subscription.watch(*workflow_alarms(name, self._app, args, subscription=self._subscription))
        self.register_outputs({})

    def grant_start(self, identity: Identity) -> Grant:
        """And to remember in the guard who was started."""
        starter = behind(identity, ManagedIdentity)
        return starter.grant(Verb.START, f"workflow/{self.name}", lambda: self._let_start(starter))

    def finish(self) -> None:
        backend = self._make_backend()
        self._app.make(
            handler=HANDLER,
            timeout=LONGEST_CALL,
            size=self._size,
            variables={**self._settings, **backend.settings},
            after=backend.made,
            backend=backend.kind,
        )

    def _let_start(self, starter: ManagedIdentity) -> tuple[pulumi.Resource, ...]:
        self._app.let_call(starter)
        return (self._guard.let_remember(starter),)

    def _make_backend(self) -> Backend:
        if self._is_in_storage:
            return IN_STORAGE
        return in_scheduler(self.name, app=self._app, subscription=self._subscription, child=self._child)

    @staticmethod
    def _read(foundation: Foundation, args: WorkflowArgs) -> Variables:
        """The definition is what a run is started with, and so keeps."""
        return {
            Variable.STAGE: foundation.config.stage,
            Variable.LOG_LEVEL: foundation.python_log_level,
            Variable.AUDIENCE: behind(foundation, Subscription).config.application_id,
            Variable.SAGA: _compact(compile_durable(args.saga)),
            Variable.TASKS: json.dumps(
                {task: f"{behind(function, FunctionApp).url}/task" for task, function in sorted(args.tasks.items())}
            ),
        }


def _compact(document: str) -> str:
    return json.dumps(json.loads(document), separators=(",", ":"))
