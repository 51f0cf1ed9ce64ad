"""API Management: verifies tokens and scopes, answers preflights, and calls the app as an identity of its own.

On the tier Consumption nothing limits the rate: there it counts by subscription key only, and nobody has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components.azure._alarms import Alarm, Metric
from components.azure._front import Exposed
from components.azure._identity import managed_identity
from components.azure._policy import Caller, Rate, Tokens, api_policy, operation_policy
from components.azure._routes import Operation, operations

CHILDREN = ("gateway-identity", "gateway", "gateway-api", "api-policy", "operation", "operation-policy")
SKUS: Mapping[str, tuple[str, int]] = {"consumption": ("Consumption", 0), "basic": ("BasicV2", 1)}
"""By azure.api_kind, tier and units."""
PATIENCE_SECONDS = 1
"""It waits so much longer than the function may take: the function's own failure is then told, not the gateway's."""
XML = azure.apimanagement.PolicyContentFormat.XML
FAILED, LOOKED_AT = 5, timedelta(minutes=15)
LONGEST_RATE_SECONDS = 300
"""API Management's."""


class ApiGateway:
    def __init__(self, exposed: Exposed) -> None:
        self._exposed, self._subscription = exposed, exposed.subscription
        self._identity = managed_identity(
            f"{exposed.name}-gateway", subscription=self._subscription, opts=exposed.child("gateway-identity")
        )
        exposed.args.function.grant_invoke(self._identity)
        self._gateway = self._make_gateway()
        api = self._make_api()
        self._policy_of_all(api)
        for operation in operations():
            self._operation(operation, api)

    @property
    def address(self) -> pulumi.Output[str]:
        return self._gateway.gateway_url

    def alarms(self) -> Iterator[Alarm]:
        name = self._exposed.name
        yield Alarm(
            about="api-errors",
            contract="api",
            of=name,
            says=f"More than {FAILED} requests to {name} failed on our side in {LOOKED_AT}; its app logged why.",
            measured=Metric(
                name="Requests",
                namespace="microsoft.apimanagement/service",
                of=self._gateway.id,
                aggregation="Total",
                dimensions={"GatewayResponseCodeCategory": "5xx"},
            ),
            threshold=FAILED,
            window=LOOKED_AT,
        )

    def _make_gateway(self) -> azure.apimanagement.ApiManagementService:
        config = self._subscription.config
        tier, units = SKUS[config.api_kind]
        return azure.apimanagement.ApiManagementService(
            self._exposed.name,
            resource_group_name=self._subscription.group_name,
            location=config.location,
            # One of Consumption never becomes one of another tier.
            service_name=self._subscription.name("gateway", f"{self._exposed.name}-{config.api_kind}"),
            sku=azure.apimanagement.ApiManagementServiceSkuPropertiesArgs(name=tier, capacity=units),
            publisher_name="Orderly",
            publisher_email=str(config.publisher_email or config.alarm_email),
            identity=azure.apimanagement.ApiManagementServiceIdentityArgs(
                type=azure.apimanagement.ApimIdentityType.USER_ASSIGNED,
                # A mapping, where other services take a list.
                user_assigned_identities=self._identity.id.apply(
                    lambda found: {found: azure.apimanagement.UserIdentityPropertiesArgs()}
                ),
            ),
            # The portal would show the API to anybody; the document is at /openapi.json.
            developer_portal_status=azure.apimanagement.DeveloperPortalStatus.DISABLED,
            legacy_portal_status=azure.apimanagement.LegacyPortalStatus.DISABLED,
            # Where nothing was deleted, Azure refuses to restore it.
            restore=config.recover,
            opts=self._exposed.child("gateway"),
        )

    def _make_api(self) -> azure.apimanagement.Api:
        return azure.apimanagement.Api(
            self._exposed.name,
            resource_group_name=self._subscription.group_name,
            service_name=self._gateway.name,
            api_id=self._exposed.name,
            display_name="Orderly",
            path="",
            protocols=[azure.apimanagement.Protocol.HTTPS],
            service_url=self._exposed.app.url,
            subscription_required=False,
            opts=self._exposed.child("gateway-api"),
        )

    def _policy_of_all(self, api: azure.apimanagement.Api) -> None:
        args = self._exposed.args
        azure.apimanagement.ApiPolicy(
            self._exposed.name,
            resource_group_name=self._subscription.group_name,
            service_name=self._gateway.name,
            api_id=api.name,
            policy_id="policy",
            format=XML,
            value=api_policy(
                origins=args.cors_origins,
                rate=_rate(args.rate_per_second, args.burst) if self._subscription.config.api_kind == "basic" else None,
                patience_seconds=self._exposed.timeout_seconds + PATIENCE_SECONDS,
            ),
            opts=self._exposed.child("api-policy"),
        )

    def _operation(self, operation: Operation, api: azure.apimanagement.Api) -> None:
        made = azure.apimanagement.ApiOperation(
            f"{self._exposed.name}-{operation.id}",
            resource_group_name=self._subscription.group_name,
            service_name=self._gateway.name,
            api_id=api.name,
            operation_id=operation.id,
            display_name=operation.route.summary,
            method=operation.method,
            url_template=operation.route.path,
            template_parameters=[
                azure.apimanagement.ParameterContractArgs(name=name, type=kind, required=True)
                for name, kind in operation.in_path.items()
            ],
            opts=self._exposed.child("operation"),
        )
        azure.apimanagement.ApiOperationPolicy(
            f"{self._exposed.name}-{operation.id}",
            resource_group_name=self._subscription.group_name,
            service_name=self._gateway.name,
            api_id=api.name,
            operation_id=made.name,
            policy_id="policy",
            format=XML,
            value=self._policy_of(operation),
            opts=self._exposed.child("operation-policy"),
        )

    def _policy_of(self, operation: Operation) -> pulumi.Output[str]:
        issuer = self._exposed.args.issuer
        told = pulumi.Output.all(issuer.issuer, issuer.audience, self._identity.client_id)
        return told.apply(
            lambda found: operation_policy(
                scope=operation.route.scope,
                tokens=Tokens(issuer=found[0], audience=found[1]),
                caller=Caller(client_id=found[2], application=self._subscription.config.application_id),
            )
        )


def _rate(per_second: int, burst: int) -> Rate:
    """Counted over so many seconds that a burst fits in; in the long run it is the rate that is asked for."""
    seconds = min(-(-burst // per_second), LONGEST_RATE_SECONDS)
    return Rate(calls=per_second * seconds, seconds=seconds)
