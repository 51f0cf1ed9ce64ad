"""Settings of the block `gcp` that cannot be together with each other, or with the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.errors import Problem
from components.gcp_blocks import GATEWAY_REGIONS
from components.settings import either
from components.shared_contradictions import fewer_than_are_kept_warm
from components.system_settings import SystemSettings


def _no_gateway_in_region(config: SystemSettings) -> Iterator[Problem]:
    gcp = config.gcp
    if gcp and gcp.api_kind == "gateway" and gcp.gateway_region is None and gcp.region not in GATEWAY_REGIONS:
        yield Problem(
            path="gcp.gateway_region",
            what="missing",
            allowed=f"allowed is {either(GATEWAY_REGIONS)} (there is no API Gateway in gcp.region {gcp.region})",
            fix="take the nearest, or set gcp.api_kind to load_balancer or direct",
            involves=frozenset({"gcp.region", "gcp.gateway_region", "gcp.api_kind"}),
        )


def _region_of_no_gateway(config: SystemSettings) -> Iterator[Problem]:
    gcp = config.gcp
    if gcp and gcp.api_kind != "gateway" and gcp.gateway_region is not None:
        yield Problem(
            path="gcp.gateway_region",
            what=f"{gcp.gateway_region} is not allowed",
            allowed=f"allowed is nothing with gcp.api_kind {gcp.api_kind} (there is no gateway then)",
            fix="leave it out, or set gcp.api_kind to gateway",
            involves=frozenset({"gcp.gateway_region", "gcp.api_kind"}),
        )


def _balanced_without_domain(config: SystemSettings) -> Iterator[Problem]:
    gcp = config.gcp
    if gcp and gcp.api_kind == "load_balancer" and gcp.domain is None:
        yield Problem(
            path="gcp.domain",
            what="missing",
            allowed="allowed with gcp.api_kind load_balancer is a domain, as in orders.example.com (its certificate is "
            "for one)",
            fix="name one of yours, or set gcp.api_kind to gateway or direct",
            involves=frozenset({"gcp.domain", "gcp.api_kind"}),
        )


def _domain_of_no_balancer(config: SystemSettings) -> Iterator[Problem]:
    gcp = config.gcp
    if gcp and gcp.api_kind != "load_balancer" and gcp.domain is not None:
        yield Problem(
            path="gcp.domain",
            what=f"{gcp.domain} is not allowed",
            allowed=f"allowed is nothing with gcp.api_kind {gcp.api_kind} (it answers to a name of Google's alone)",
            fix="leave it out, or set gcp.api_kind to load_balancer",
            involves=frozenset({"gcp.domain", "gcp.api_kind"}),
        )


def _more_warm_than_there_may_be(config: SystemSettings) -> Iterator[Problem]:
    maximum = config.gcp.max_instances if config.gcp else None
    yield from fewer_than_are_kept_warm(config, "gcp.max_instances", maximum)


def _keys_out_of_reach(config: SystemSettings) -> Iterator[Problem]:
    gcp, token = config.gcp, config.api.token
    if gcp and gcp.api_kind == "gateway" and token and token.keys_url.startswith("http://"):
        yield Problem(
            path="api.token.keys_url",
            what=f"{token.keys_url} is not allowed",
            allowed="allowed on gcp is an https:// address (API Gateway reads the issuer's keys from there)",
            fix="use an issuer that Google can reach",
            involves=frozenset({"target", "api.token.keys_url", "gcp.api_kind"}),
        )


GCP_CHECKS: tuple[Callable[[SystemSettings], Iterator[Problem]], ...] = (
    _no_gateway_in_region,
    _region_of_no_gateway,
    _balanced_without_domain,
    _domain_of_no_balancer,
    _more_warm_than_there_may_be,
    _keys_out_of_reach,
)
