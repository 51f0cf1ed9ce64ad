"""A Cloud Run function of the second generation: built from the one source archive, acting as an account of its own.

Whatever is called by Google's services alone can be reached by nobody else: Pub/Sub, Eventarc, Workflows and Scheduler
of the same project count as internal where they use the service's own address, as all of ours do
(cloud.google.com/run/docs/securing/ingress).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import pulumi
import pulumi_gcp as gcp

from components import function
from components.behind import behind
from components.foundation import Foundation
from components.function import FunctionArgs
from components.gcp._account import ServiceAccount, service_account
from components.gcp._build import Build
from components.gcp._called import WAITING, longest_call, most_at_once
from components.gcp._function_alarms import function_alarms
from components.gcp._mounts import mounted
from components.gcp._package import BUILD_VARIABLES
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import Link, Variables, wire
from functions.environment import Variable

RUNTIME = "python313"
CPUS: Mapping[int, str] = {512: "1", 2048: "1", 4096: "2"}
"""By MiB of memory. More than one request at once needs a whole CPU, and 4 GiB need two."""
THREADS = "THREADS"
"""How many functions-framework serves with; by itself four for each CPU."""
INGRESS: Mapping[str, str] = {
    "gateway": "ALLOW_ALL",
    "load_balancer": "ALLOW_INTERNAL_AND_GCLB",
    "direct": "ALLOW_ALL",
}
"""By gcp.api_kind. API Gateway calls from outside; who may call is IAM's to say."""


class Function(function.Function):
    CHILDREN = ("account", "function", "invoker")

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
        self._project, self._build = behind(foundation, Project), behind(foundation, Build)
        self._physical_name = self._name_of_the_service(args)
        self.identity = self._account = service_account(
            name, project=self._project, says=f"function {name}", opts=self._child("account")
        )
        links = (*self._links(args, foundation), Link(variables={Variable.PROJECT: self._project.id}))
        wiring = wire(name, self._account, links)
        self.grants = wiring.grants
        made = self._function(args, self._service(args, links, wiring.variables))
        self._behind = self._deployed = Deployed(
            project=self._project,
            service=made.name,
            url=made.service_config.apply(_address),
            physical_name=self._physical_name,
            account=self._account,
            timeout_seconds=_timeout_seconds(args),
        )
        self._project.watch(*function_alarms(name, self._deployed))
        self.register_outputs({})
        if args.trigger:
            args.trigger.attach(self)

    def grant_invoke(self, identity: Identity) -> Grant:
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.INVOKE, f"function/{self.name}", lambda: (self._let_invoke(account),))

    def _let_invoke(self, account: ServiceAccount) -> pulumi.Resource:
        return self._deployed.let_call(
            f"{self.name}-{account.name}", member=account.member, opts=self._child("invoker")
        )

    def _name_of_the_service(self, args: FunctionArgs) -> str:
        """Behind another front the API is another service: one that believes what the gateway says of a caller has
        never been open to everybody, not even while an update is under way.
        """
        front = self._project.config.api_kind.replace("_", "-")
        return self._project.name("function", f"{self.name}-{front}" if args.is_awaited else self.name)

    def _function(
        self, args: FunctionArgs, service: gcp.cloudfunctionsv2.FunctionServiceConfigArgs
    ) -> gcp.cloudfunctionsv2.Function:
        # A revision that may not do yet what it was granted fails its first calls, or does not start at all.
        granted = [*chain.from_iterable(grant.carried_by for grant in self.grants), *self._build.granted]
        return gcp.cloudfunctionsv2.Function(
            self.name,
            project=self._project.id,
            location=self._project.region,
            name=self._physical_name,
            build_config=self._build_config(args.handler),
            service_config=service,
            deletion_policy="DELETE",
            opts=self._child(
                "function",
                pulumi.ResourceOptions.merge(
                    self._project.ready("cloudfunctions", "cloudbuild", "run"),
                    pulumi.ResourceOptions(depends_on=granted),
                ),
            ),
        )

    def _build_config(self, handler: str) -> gcp.cloudfunctionsv2.FunctionBuildConfigArgs:
        source = self._build.source
        return gcp.cloudfunctionsv2.FunctionBuildConfigArgs(
            runtime=RUNTIME,
            entry_point=handler,
            environment_variables=BUILD_VARIABLES,
            service_account=self._build.account.id,
            docker_repository=self._build.repository.id,
            source=gcp.cloudfunctionsv2.FunctionBuildConfigSourceArgs(
                storage_source=gcp.cloudfunctionsv2.FunctionBuildConfigSourceStorageSourceArgs(
                    bucket=source.bucket, object=source.name
                )
            ),
            # Patches of the base image come without a deployment.
            automatic_update_policy=gcp.cloudfunctionsv2.FunctionBuildConfigAutomaticUpdatePolicyArgs(),  # type: ignore[no-untyped-call]
        )

    def _service(
        self, args: FunctionArgs, links: Sequence[Link], variables: Variables
    ) -> gcp.cloudfunctionsv2.FunctionServiceConfigArgs:
        threads = self._project.config.concurrency if args.is_awaited else 1
        most = most_at_once(args.trigger)
        taken = WAITING if most else threads
        return gcp.cloudfunctionsv2.FunctionServiceConfigArgs(
            available_memory=f"{args.memory_mb}Mi",
            # Left out, it is what Google gives for the memory, which is less than a whole one for the least.
            available_cpu=CPUS[args.memory_mb] if taken > 1 else None,
            max_instance_request_concurrency=taken,
            min_instance_count=args.warm_instances,
            max_instance_count=most or self._project.config.max_instances,
            timeout_seconds=_timeout_seconds(args),
            service_account_email=self._account.email,
            ingress_settings=INGRESS[self._project.config.api_kind] if args.is_awaited else "ALLOW_INTERNAL_ONLY",
            all_traffic_on_latest_revision=True,
            environment_variables={**variables, THREADS: str(threads)},
            secret_environment_variables=list(mounted(links, self._project)) or None,
        )


def _timeout_seconds(args: FunctionArgs) -> int:
    """No longer than whoever calls waits."""
    return int(longest_call(args.trigger, allowed=args.timeout).total_seconds())


def _address(service: gcp.cloudfunctionsv2.outputs.FunctionServiceConfig | None) -> str:
    """The service's own, which every function has once it is made."""
    return str(service and service.uri)
