"""The one stage of a REST API: what is deployed, within its limits, logged and traced."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws._gateway import Gateway, log_line
from components.aws._rest_parts import Parts

LOG_FOLDER = "/aws/apigateway"
LOG_FIELDS = {
    "requestId": "requestId",
    "traceId": "xrayTraceId",
    "time": "requestTime",
    "method": "httpMethod",
    "route": "resourcePath",
    "status": "status",
    "responseLatencyMs": "responseLatency",
    "integrationLatencyMs": "integration.latency",
    "responseBytes": "responseLength",
    "functionRequestId": "integration.requestId",
    "error": "error.message",
    "errorType": "error.responseType",
    "integrationError": "integration.error",
    "authorizerError": "authorizer.error",
    "firewallStatus": "waf.status",
}


def stage(parts: Parts, gateway: Gateway, *, logging: tuple[pulumi.Resource, ...]) -> aws.apigateway.Stage:
    """`logging` is what lets API Gateway write logs in this account and region, where this stack sets it."""
    logs = gateway.access_logs(LOG_FOLDER)
    made = aws.apigateway.Stage(
        gateway.name,
        rest_api=parts.api.id,
        deployment=parts.deploy().id,
        stage_name=gateway.stage,
        access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
            destination_arn=logs.arn, format=log_line(LOG_FIELDS)
        ),
        xray_tracing_enabled=True,
        opts=gateway.child("stage", pulumi.ResourceOptions(depends_on=logging)),
    )
    _settings(made, gateway, _execution_logs(parts, gateway))
    if gateway.account.config.api_keys:
        _usage_plan(made, gateway)
    return made


def _execution_logs(parts: Parts, gateway: Gateway) -> aws.cloudwatch.LogGroup:
    """Under the name that API Gateway looks for; it would make one itself and keep it for ever."""
    return aws.cloudwatch.LogGroup(
        f"{gateway.name}-execution",
        name=pulumi.Output.concat("API-Gateway-Execution-Logs_", parts.api.id, f"/{gateway.stage}"),
        retention_in_days=gateway.log_retention_days,
        opts=gateway.child("execution-logs"),
    )


def _settings(made: aws.apigateway.Stage, gateway: Gateway, logs: aws.cloudwatch.LogGroup) -> None:
    aws.apigateway.MethodSettings(
        gateway.name,
        rest_api=made.rest_api,
        stage_name=made.stage_name,
        method_path="*/*",
        settings=aws.apigateway.MethodSettingsSettingsArgs(
            throttling_rate_limit=gateway.rate_per_second,
            throttling_burst_limit=gateway.burst,
            metrics_enabled=True,
            logging_level="ERROR",
            # It would log whole requests, tokens included.
            data_trace_enabled=False,
        ),
        opts=gateway.child("method-settings", pulumi.ResourceOptions(depends_on=[logs])),
    )


def _usage_plan(made: aws.apigateway.Stage, gateway: Gateway) -> None:
    """Its limits hold for each of the keys that an operator makes and adds to it."""
    aws.apigateway.UsagePlan(
        gateway.name,
        name=gateway.physical_name,
        api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=made.rest_api, stage=made.stage_name)],
        throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
            rate_limit=gateway.rate_per_second, burst_limit=gateway.burst
        ),
        opts=gateway.child("usage-plan"),
    )
