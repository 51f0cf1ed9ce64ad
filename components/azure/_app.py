"""A function app from its identity to its code, for a function and for a workflow.

It is made last, once all that may call it is known: its own settings say who that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pulumi

from components.azure import _app_storage, _site
from components.azure._app_storage import make_app_storage
from components.azure._callers import let_in
from components.azure._connections import as_whom, identified
from components.azure._host import DurableBackend, host_settings
from components.azure._identity import ManagedIdentity, managed_identity
from components.azure._package import package
from components.azure._publish import Package
from components.azure._roles import Role
from components.azure._site import Site, Size, make_site
from components.azure._subscription import Subscription
from components.errors import WiringError
from components.group import Child
from components.link import Variables
from functions.environment import Variable

CHILDREN = ("identity", "telemetry-role", *_app_storage.CHILDREN, *_site.CHILDREN, "callers", "code")


class FunctionApp:
    """`called` is what its physical name is made of; `roles` are those that it needs on its own storage account besides
    its host's.
    """

    def __init__(
        self,
        name: str,
        *,
        subscription: Subscription,
        child: Child,
        called: str | None = None,
        roles: Sequence[Role] = (),
    ) -> None:
        self.name, self._called, self._subscription, self._child = name, called or name, subscription, child
        self.physical_name = subscription.name("function", self._called)
        self.identity = managed_identity(name, subscription=subscription, opts=child("identity"))
        self._storage = make_app_storage(
            name, identity=self.identity, roles=roles, subscription=subscription, child=child
        )
        self._may_tell = self.identity.allow(
            f"{name}-telemetry", role=Role.METRICS_PUBLISHER, on=subscription.insights.id, opts=child("telemetry-role")
        )
        self._callers: dict[str, ManagedIdentity] = {}
        self._told: dict[str, pulumi.Input[str]] = {}
        self._is_made = False

    @property
    def url(self) -> str:
        """Known before the app is there: whom it calls, and who calls it, may have to be told of each other."""
        return f"https://{self.physical_name}.azurewebsites.net"

    def let_call(self, caller: ManagedIdentity) -> None:
        self._require_unmade(f"{caller.name} cannot be let call it")
        self._callers[caller.name] = caller

    def tell(self, setting: str, value: pulumi.Input[str]) -> None:
        """One more setting, from what is made after the function."""
        self._require_unmade(f"{setting} cannot be set")
        self._told[setting] = value

    def make(
        self,
        *,
        handler: str,
        timeout: timedelta,
        size: Size,
        variables: Variables,
        after: Sequence[pulumi.Resource],
        backend: DurableBackend = "storage",
        is_everybodys: bool = False,
    ) -> None:
        """`after` is what has to be there before; an app that `is_everybodys` verifies its callers by itself."""
        self._is_made = True
        site = Site(
            name=self.name,
            physical_name=self.physical_name,
            plan=self._subscription.name("plan", self._called),
            identity=self.identity,
            storage=self._storage,
            size=size,
            is_open=is_everybodys or bool(self._callers),
            settings={
                **variables,
                **self._own_settings(handler, variables),
                **host_settings(
                    timeout=timeout,
                    log_level=str(variables[Variable.LOG_LEVEL]),
                    calls_at_once=size.at_once,
                    orchestrators=size.orchestrators,
                ),
                **self._told,
            },
        )
        waited = pulumi.ResourceOptions(depends_on=[*self._storage.granted, self._may_tell, *after])
        app, guarded = make_site(site, subscription=self._subscription, child=self._child, opts=waited)
        if self._callers and not is_everybodys:
            callers = list(self._callers.values())
            last = self._child("callers", pulumi.ResourceOptions(depends_on=[guarded]))
            guarded = let_in(self.name, app, callers, subscription=self._subscription, opts=last)
        # Its code comes once nobody reaches it who may not.
        Package(
            self.name,
            app=app.name,
            address=pulumi.Output.concat("https://", app.name, ".scm.azurewebsites.net"),
            package=package(backend),
            tenant=self._subscription.config.tenant_id,
            opts=self._child("code", pulumi.ResourceOptions(depends_on=[guarded])),
        )

    def _own_settings(self, handler: str, variables: Variables) -> Variables:
        """Each service is told as whom the app comes: an app can have several identities, and by default has none."""
        client_id = self.identity.client_id
        settings: dict[str, pulumi.Input[str]] = {
            Variable.HANDLER: handler,
            "AZURE_CLIENT_ID": client_id,
            "AzureWebJobsStorage__accountName": self._storage.account.name,
            **as_whom("AzureWebJobsStorage", client_id),
            "APPLICATIONINSIGHTS_CONNECTION_STRING": self._subscription.insights.connection_string,
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": pulumi.Output.concat(
                "ClientId=", client_id, ";Authorization=AAD"
            ),
            **identified(variables, client_id),
        }
        if self._callers:
            principals = [caller.principal_id for caller in self._callers.values()]
            settings[Variable.CALLERS] = pulumi.Output.all(*principals).apply(",".join)
        return settings

    def _require_unmade(self, what: str) -> None:
        if self._is_made:
            raise WiringError(f"app {self.name} is made already, so {what}; link it before the system is finished")
