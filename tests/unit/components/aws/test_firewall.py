"""The firewall before a REST API: what it blocks, and what it must let through."""

from __future__ import annotations

import json

import pytest

from tests.graph import Graph
from tests.unit.components.aws.gateways import gateway, usual


@pytest.fixture(scope="module")
def rest() -> Graph:
    return usual("rest")


def _groups(graph: Graph) -> dict[str, list[str]]:
    rules = graph.one("wafv2.WebAcl", "api").inputs["rules"]
    managed = [rule["statement"]["managedRuleGroupStatement"] for rule in rules if "overrideAction" in rule]
    return {each["name"]: [override["name"] for override in each.get("ruleActionOverrides", [])] for each in managed}


def test_a_firewall_stands_before_the_stage_unless_it_is_switched_off(rest: Graph) -> None:
    association = rest.one("wafv2.WebAclAssociation", "api").inputs
    assert association["resourceArn"] == rest.one("apigateway.Stage", "api").state["arn"]
    assert association["webAclArn"] == rest.one("wafv2.WebAcl", "api").state["arn"]
    assert gateway("rest", waf=False).of("wafv2.WebAcl") == {}


def test_the_firewall_lets_large_orders_and_nameless_programs_through(rest: Graph) -> None:
    """The managed rule blocks bodies over 8 KB; 99 articles take 20."""
    assert _groups(rest) == {
        "AWSManagedRulesAmazonIpReputationList": [],
        "AWSManagedRulesCommonRuleSet": ["SizeRestrictions_BODY", "NoUserAgent_HEADER"],
        "AWSManagedRulesKnownBadInputsRuleSet": [],
    }


def test_one_address_gets_half_of_what_the_stage_lets_through_and_then_a_429(rest: Graph) -> None:
    (rule,) = [rule for rule in rest.one("wafv2.WebAcl", "api").inputs["rules"] if "action" in rule]
    statement = rule["statement"]["rateBasedStatement"]
    assert (statement["limit"], statement["evaluationWindowSec"], statement["aggregateKeyType"]) == (600, 60, "IP")
    assert rule["action"]["block"]["customResponse"]["responseCode"] == 429
    (body,) = rest.one("wafv2.WebAcl", "api").inputs["customResponseBodies"]
    assert json.loads(body["content"])["type"] == "urn:orderly:problem:too-many-requests"


def test_the_firewall_keeps_no_samples_for_they_hold_tokens(rest: Graph) -> None:
    acl = rest.one("wafv2.WebAcl", "api").inputs
    configs = [acl["visibilityConfig"], *(rule["visibilityConfig"] for rule in acl["rules"])]
    assert {config["sampledRequestsEnabled"] for config in configs} == {False}
