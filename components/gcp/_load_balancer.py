"""A load balancer with a certificate of Google's for a domain of ours; who calls is verified by the function.

It needs an address record of the domain that points to `address`'s IP: until that is there the certificate is not
issued, and nothing is answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_gcp as gcp

from components.gcp._alarms import Alarm, Metric
from components.gcp._front import Exposed, failures, slowness

CHILDREN = (
    "ip-address",
    "endpoint-group",
    "backend-service",
    "url-map",
    "certificate",
    "tls-policy",
    "https-proxy",
    "forwarding-rule",
    "everybody",
)
SCHEME = "EXTERNAL_MANAGED"
LATENCIES = "loadbalancing.googleapis.com/https/total_latencies"
REQUESTS = "loadbalancing.googleapis.com/https/request_count"


class LoadBalancer:
    def __init__(self, exposed: Exposed, *, domain: str) -> None:
        self._exposed, self._project, self._domain = exposed, exposed.project, domain
        self._rule_name = self._name("rule")
        exposed.open_to_everybody()
        proxy = self._proxy(self._url_map(self._backend_service(self._endpoint_group())))
        self._forwarding_rule(proxy, self._ip_address())

    @property
    def address(self) -> pulumi.Output[str]:
        return pulumi.Output.from_input(f"https://{self._domain}")

    def alarms(self) -> Iterator[Alarm]:
        failed = self._measured(REQUESTS, {"response_code_class": 500})
        yield failures(self._exposed, failed=failed, requests=self._measured(REQUESTS, {}))
        yield slowness(
            self._exposed, self._measured(LATENCIES, {}, aligner="ALIGN_DELTA", reducer="REDUCE_PERCENTILE_95")
        )

    def _measured(
        self,
        metric: str,
        metric_labels: Mapping[str, str | int],
        aligner: str = "ALIGN_DELTA",
        reducer: str = "REDUCE_SUM",
    ) -> Metric:
        return Metric(
            type=metric,
            resource="https_lb_rule",
            labels={"forwarding_rule_name": self._rule_name},
            metric_labels=metric_labels,
            aligner=aligner,
            reducer=reducer,
        )

    def _name(self, part: str) -> str:
        return self._project.name("load_balancer", f"{self._exposed.name}-{part}")

    def _child(self, name: str) -> pulumi.ResourceOptions:
        return self._exposed.child(name, self._project.ready("compute"))

    def _ip_address(self) -> gcp.compute.GlobalAddress:
        return gcp.compute.GlobalAddress(
            self._exposed.name, project=self._project.id, name=self._name("address"), opts=self._child("ip-address")
        )

    def _endpoint_group(self) -> gcp.compute.RegionNetworkEndpointGroup:
        return gcp.compute.RegionNetworkEndpointGroup(
            self._exposed.name,
            project=self._project.id,
            region=self._exposed.function.location,
            name=self._name("endpoints"),
            network_endpoint_type="SERVERLESS",
            cloud_run=gcp.compute.RegionNetworkEndpointGroupCloudRunArgs(service=self._exposed.function.service),
            opts=self._child("endpoint-group"),
        )

    def _backend_service(self, endpoints: gcp.compute.RegionNetworkEndpointGroup) -> gcp.compute.BackendService:
        """Its logs are what Cloud Run logs of the same requests, so it writes none."""
        return gcp.compute.BackendService(
            self._exposed.name,
            project=self._project.id,
            name=self._name("backend"),
            protocol="HTTPS",
            load_balancing_scheme=SCHEME,
            backends=[gcp.compute.BackendServiceBackendArgs(group=endpoints.id)],
            log_config=gcp.compute.BackendServiceLogConfigArgs(enable=False),
            opts=self._child("backend-service"),
        )

    def _url_map(self, backend: gcp.compute.BackendService) -> gcp.compute.URLMap:
        return gcp.compute.URLMap(
            self._exposed.name,
            project=self._project.id,
            name=self._name("paths"),
            default_service=backend.id,
            opts=self._child("url-map"),
        )

    def _proxy(self, paths: gcp.compute.URLMap) -> gcp.compute.TargetHttpsProxy:
        return gcp.compute.TargetHttpsProxy(
            self._exposed.name,
            project=self._project.id,
            name=self._name("proxy"),
            url_map=paths.id,
            ssl_certificates=[self._certificate().id],
            ssl_policy=self._tls_policy().id,
            opts=self._child("https-proxy"),
        )

    def _certificate(self) -> gcp.compute.ManagedSslCertificate:
        """Named by its domain: it cannot change, and the proxy uses the old one until the new one is there."""
        return gcp.compute.ManagedSslCertificate(
            self._exposed.name,
            project=self._project.id,
            name=self._name(self._domain),
            managed=gcp.compute.ManagedSslCertificateManagedArgs(domains=[self._domain]),
            opts=self._child("certificate"),
        )

    def _tls_policy(self) -> gcp.compute.SSLPolicy:
        return gcp.compute.SSLPolicy(
            self._exposed.name,
            project=self._project.id,
            name=self._name("tls"),
            profile="MODERN",
            min_tls_version="TLS_1_2",
            opts=self._child("tls-policy"),
        )

    def _forwarding_rule(self, proxy: gcp.compute.TargetHttpsProxy, address: gcp.compute.GlobalAddress) -> None:
        """443 alone: a token in plain text is a token given away."""
        gcp.compute.GlobalForwardingRule(
            self._exposed.name,
            project=self._project.id,
            name=self._rule_name,
            target=proxy.id,
            ip_address=address.id,
            ip_protocol="TCP",
            port_range="443",
            load_balancing_scheme=SCHEME,
            opts=self._child("forwarding-rule"),
        )
