"""A journal in the run time's store, and one pure function that says what is next."""

from __future__ import annotations

import pulumi

from components import workflow
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from components.saga.json import to_document
from components.workflow import WorkflowArgs
from functions.environment import Variable


class Workflow(workflow.Workflow):
    CHILDREN = ("workflow",)

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
        home = home_of(foundation)
        home.declare(
            local.Workflow(
                name,
                home=home.folder,
                saga=to_document(args.saga),
                tasks={task: function.name for task, function in args.tasks.items()},
                delay_scale=foundation.config.local.delay_scale,
                opts=self._child("workflow"),
            )
        )
        self.variables = {Variable.WORKFLOW: name}
        self.register_outputs({})

    def grant_start(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.START, resource=f"workflow/{self.name}")
