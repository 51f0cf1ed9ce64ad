"""API Gateway: verifies tokens, and calls the function in an account of its own, which nobody else acts as.

What no route takes it refuses itself, in its own words, as it does what carries no token or a bad one. It limits nobody
by rate: it counts by API key only. The time of an answer is watched at the function, whose metrics have it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pulumi
import pulumi_gcp as gcp

from components.function import Function
from components.gcp._account import service_account
from components.gcp._alarms import Alarm, Metric
from components.gcp._front import Exposed, failures
from components.gcp._openapi2 import Backend, Tokens, openapi2
from components.issuer import Issuer

CHILDREN = ("gateway-account", "gateway-api", "managed-service", "api-config", "gateway")
APIS = ("apigateway", "servicecontrol", "servicemanagement")
"""Without the last two a configuration cannot be made: it is one of a managed service."""
DOCUMENT = "openapi2.json"
PATIENCE_SECONDS = 1
"""It waits so much longer than the function may take: the function's own failure is then told, not a 504."""
REQUESTS = "apigateway.googleapis.com/proxy/request_count"
RESOURCE = "apigateway.googleapis.com/Gateway"


class ApiGateway:
    def __init__(self, exposed: Exposed, *, function: Function, issuer: Issuer) -> None:
        self._exposed, self._project = exposed, exposed.project
        self._physical_name = self._project.name("gateway", exposed.name)
        self._account = service_account(
            f"{exposed.name}-gateway",
            project=self._project,
            says=f"Gateway of {exposed.name}",
            opts=exposed.child("gateway-account"),
        )
        may_call = function.grant_invoke(self._account).carried_by
        api = self._api()
        config = self._config(api, issuer)
        self._gateway = self._make_gateway(config, [self._managed_service(api, config), *may_call])

    @property
    def address(self) -> pulumi.Output[str]:
        return pulumi.Output.concat("https://", self._gateway.default_hostname)

    def alarms(self) -> Iterator[Alarm]:
        yield failures(
            self._exposed, failed=self._requests({"response_code_class": "5xx"}), requests=self._requests({})
        )

    def _requests(self, metric_labels: dict[str, str | int]) -> Metric:
        return Metric(
            type=REQUESTS, resource=RESOURCE, labels={"gateway_id": self._physical_name}, metric_labels=metric_labels
        )

    def _api(self) -> gcp.apigateway.Api:
        return gcp.apigateway.Api(
            self._exposed.name,
            project=self._project.id,
            api_id=self._physical_name,
            opts=self._exposed.child("gateway-api", self._project.ready(*APIS)),
        )

    def _managed_service(self, api: gcp.apigateway.Api, config: gcp.apigateway.ApiConfig) -> gcp.projects.Service:
        """The API as one of Google's services, which its first configuration makes something that can be enabled.

        Until it is, the gateway answers 403.
        """
        return gcp.projects.Service(
            f"{self._exposed.name}-managed",
            project=self._project.id,
            service=api.managed_service,
            disable_on_destroy=True,
            disable_dependent_services=True,
            opts=self._exposed.child("managed-service", pulumi.ResourceOptions(depends_on=[config])),
        )

    def _config(self, api: gcp.apigateway.Api, issuer: Issuer) -> gcp.apigateway.ApiConfig:
        """It cannot change: a new one takes its place, under another name because the gateway still uses the old."""
        return gcp.apigateway.ApiConfig(
            self._exposed.name,
            project=self._project.id,
            # Of the id alone: the whole name would be looked for below itself.
            api=api.api_id,
            api_config_id_prefix=f"{self._project.name('api_config', self._exposed.name)}-",
            openapi_documents=[
                gcp.apigateway.ApiConfigOpenapiDocumentArgs(
                    document=gcp.apigateway.ApiConfigOpenapiDocumentDocumentArgs(
                        path=DOCUMENT, contents=self._document(issuer)
                    )
                )
            ],
            gateway_config=gcp.apigateway.ApiConfigGatewayConfigArgs(
                backend_config=gcp.apigateway.ApiConfigGatewayConfigBackendConfigArgs(
                    google_service_account=self._account.email
                )
            ),
            opts=self._exposed.child("api-config", self._project.ready(*APIS)),
        )

    def _document(self, issuer: Issuer) -> pulumi.Output[str]:
        deadline = float(self._exposed.function.timeout_seconds + PATIENCE_SECONDS)
        told = pulumi.Output.all(self._exposed.function.url, issuer.issuer, issuer.audience, issuer.keys)
        return told.apply(
            lambda found: _encoded(
                openapi2(
                    Backend(url=found[0], deadline_seconds=deadline),
                    Tokens(issuer=found[1], audience=found[2], keys_url=found[3]),
                )
            )
        )

    def _make_gateway(self, config: gcp.apigateway.ApiConfig, after: list[pulumi.Resource]) -> gcp.apigateway.Gateway:
        return gcp.apigateway.Gateway(
            self._exposed.name,
            project=self._project.id,
            region=self._project.config.gateway_region or self._project.region,
            gateway_id=self._physical_name,
            api_config=config.id,
            opts=self._exposed.child(
                "gateway",
                pulumi.ResourceOptions.merge(self._project.ready(*APIS), pulumi.ResourceOptions(depends_on=after)),
            ),
        )


def _encoded(document: str) -> str:
    return base64.b64encode(document.encode()).decode()
