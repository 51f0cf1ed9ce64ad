"""A load balancer before a function, found by the names of its certificate: what was recorded leads from part to part.

It passes every request on as it is, as Google's own does but for headers of its own. TLS ends before it, and the
address, the proxy's policy and the certificate's making are not played.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.e2e.gcp.world.cloud_run import CloudRun, Origin
from tests.e2e.world.http import Asked, Reply
from tests.e2e.world.records import Record, Records


@dataclass(frozen=True)
class LoadBalancer:
    host: str
    service: str
    cloud_run: CloudRun

    def answer(self, asked: Asked) -> Reply:
        url = self.cloud_run.service(self.service).url
        return self.cloud_run.answer(str(urlsplit(url).hostname), asked, Origin.LOAD_BALANCER)


def load_balancers(records: Records, cloud_run: CloudRun) -> Iterator[LoadBalancer]:
    for rule in records.of("compute.GlobalForwardingRule"):
        proxy = records.one("compute.TargetHttpsProxy", id=rule["target"])
        service = _service_behind(records.one("compute.URLMap", id=proxy["urlMap"]), records)
        for named in proxy["sslCertificates"]:
            certificate = records.one("compute.ManagedSslCertificate", id=named)
            yield from (LoadBalancer(host, service, cloud_run) for host in certificate["managed"]["domains"])


def _service_behind(paths: Record, records: Records) -> str:
    backend = records.one("compute.BackendService", id=paths["defaultService"])
    (group,) = (each["group"] for each in backend["backends"])
    return str(records.one("compute.RegionNetworkEndpointGroup", id=group)["cloudRun"]["service"])
