"""A workflow of Cloud Workflows that calls the tasks' functions in an account of its own, which may call those alone.

Workflows takes no id for an execution, so whoever starts one keeps in Firestore who was started. An execution keeps
the revision that it began with. Its history is in Workflows for 90 days, so only errors are logged.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components import workflow
from components.behind import behind
from components.foundation import Foundation
from components.gcp._account import ServiceAccount, service_account
from components.gcp._build import Build
from components.gcp._custom_role import custom_role
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.gcp._store import Store
from components.gcp._workflow_alarms import workflow_alarms
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.saga.workflows import compile_workflow
from components.workflow import WorkflowArgs
from functions.environment import Variable

START = ("workflows.executions.create",)
"""Google's own role for it also reads and cancels every execution of the project."""
LOG = "roles/logging.logWriter"


class Workflow(workflow.Workflow):
    CHILDREN = ("account", "logging", "workflow", "role", "starter", "compensations")

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
        self._project, self._guard = behind(foundation, Project), args.guard
        account = self._account()
        self._workflow = self._make_workflow(args, account, self._rights(args, account))
        self._starts = custom_role(
            f"{name}-start", permissions=START, build=behind(foundation, Build), opts=self._child("role")
        )
        self.variables = {
            Variable.WORKFLOW: self._workflow.id,
            Variable.DATABASE: args.guard.variables[Variable.DATABASE],
        }
        self._project.watch(
            *workflow_alarms(name, self._physical_name, args, project=self._project, opts=self._child("compensations"))
        )
        self.register_outputs({})

    def grant_start(self, identity: Identity) -> Grant:
        """And to keep in the guard who was started."""
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.START, f"workflow/{self.name}", lambda: self._let_start(account))

    def _let_start(self, account: ServiceAccount) -> tuple[pulumi.Resource, ...]:
        started = account.allow(
            f"{self.name}-{account.name}-starter",
            role=self._starts,
            opts=self._child("starter", self._project.ready("workflows", "workflowexecutions")),
        )
        return (started, *behind(self._guard, Store).grant(Verb.START, account).carried_by)

    @property
    def _physical_name(self) -> str:
        return self._project.name("workflow", self.name)

    def _account(self) -> ServiceAccount:
        return service_account(
            f"{self.name}-workflow",
            project=self._project,
            says=f"Workflow {self.name}",
            opts=self._child("account"),
        )

    def _rights(self, args: WorkflowArgs, account: ServiceAccount) -> tuple[pulumi.Resource, ...]:
        called = dict.fromkeys(args.tasks.values())
        may_call = [right for function in called for right in function.grant_invoke(account).carried_by]
        may_log = account.allow(f"{self.name}-workflow-logging", role=LOG, opts=self._child("logging"))
        return (*may_call, may_log)

    def _make_workflow(
        self, args: WorkflowArgs, account: ServiceAccount, rights: tuple[pulumi.Resource, ...]
    ) -> gcp.workflows.Workflow:
        urls = {task: behind(function, Deployed).url for task, function in args.tasks.items()}
        ready = pulumi.ResourceOptions.merge(
            self._project.ready("workflows", "workflowexecutions"), self._project.protected
        )
        return gcp.workflows.Workflow(
            self.name,
            project=self._project.id,
            region=self._project.region,
            name=self._physical_name,
            service_account=account.id,
            source_contents=pulumi.Output.all(**urls).apply(lambda found: compile_workflow(args.saga, found)),
            call_log_level="LOG_ERRORS_ONLY",
            # Deleted with runs under way, it takes them with it, paid or not.
            deletion_protection=self._project.is_protected,
            opts=self._child(
                "workflow", pulumi.ResourceOptions.merge(ready, pulumi.ResourceOptions(depends_on=list(rights)))
            ),
        )
