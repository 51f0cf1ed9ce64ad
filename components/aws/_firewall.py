"""A web application firewall before a stage: AWS's managed rules, and a share of the load for each address."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import Input

from components.aws._gateway import Gateway
from components.aws._rest_responses import REFUSALS, document

CHILDREN = ("firewall", "firewall-association")
MANAGED = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY", "NoUserAgent_HEADER"),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
}
"""By group its rules that only count: a large order has more than their 8 KB, and a program need not say its name."""
WINDOW_SECONDS = 60
BUSY = "too-many-requests"


def firewall(gateway: Gateway, stage_arn: Input[str]) -> None:
    name = gateway.account.name("web_acl", gateway.name)
    acl = aws.wafv2.WebAcl(
        gateway.name,
        name=name,
        scope="REGIONAL",
        default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
        rules=[_rate_rule(gateway.rate_per_second), *_managed_rules()],
        custom_response_bodies=[
            aws.wafv2.WebAclCustomResponseBodyArgs(
                key=BUSY, content=document(REFUSALS["THROTTLED"]), content_type="APPLICATION_JSON"
            )
        ],
        visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
            metric_name=name, cloudwatch_metrics_enabled=True, sampled_requests_enabled=False
        ),
        opts=gateway.child("firewall"),
    )
    aws.wafv2.WebAclAssociation(
        gateway.name, resource_arn=stage_arn, web_acl_arn=acl.arn, opts=gateway.child("firewall-association")
    )


def _rate_rule(rate_per_second: int) -> aws.wafv2.WebAclRuleArgs:
    """One address gets at most half of what the stage lets through, so that it cannot keep all others out."""
    return aws.wafv2.WebAclRuleArgs(
        name="rate-by-address",
        priority=0,
        action=aws.wafv2.WebAclRuleActionArgs(block=_block_for_a_while()),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP",
                evaluation_window_sec=WINDOW_SECONDS,
                limit=rate_per_second * WINDOW_SECONDS // 2,
            )
        ),
        visibility_config=_measured("rate-by-address"),
    )


def _block_for_a_while() -> aws.wafv2.WebAclRuleActionBlockArgs:
    pause = aws.wafv2.WebAclRuleActionBlockCustomResponseResponseHeaderArgs(
        name="Retry-After", value=str(WINDOW_SECONDS)
    )
    return aws.wafv2.WebAclRuleActionBlockArgs(
        custom_response=aws.wafv2.WebAclRuleActionBlockCustomResponseArgs(
            response_code=429, custom_response_body_key=BUSY, response_headers=[pause]
        )
    )


def _managed_rules() -> list[aws.wafv2.WebAclRuleArgs]:
    return [
        aws.wafv2.WebAclRuleArgs(
            name=group,
            priority=priority,
            override_action=_as_the_group_says(),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                    vendor_name="AWS", name=group, rule_action_overrides=[_only_count(rule) for rule in counting]
                )
            ),
            visibility_config=_measured(group),
        )
        for priority, (group, counting) in enumerate(MANAGED.items(), start=1)
    ]


def _as_the_group_says() -> aws.wafv2.WebAclRuleOverrideActionArgs:
    return aws.wafv2.WebAclRuleOverrideActionArgs(
        none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]  # it has no arguments
    )


def _only_count(rule: str) -> aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    return aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
        name=rule,
        action_to_use=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
            count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
        ),
    )


def _measured(name: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    """Without samples: one would show whole requests, tokens included."""
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        metric_name=name, cloudwatch_metrics_enabled=True, sampled_requests_enabled=False
    )
