"""Which of AWS's requests each resource becomes, and where the provider calls a part of it otherwise.

The keys are the types that the tests know. A resource becomes several requests where its parts are put one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Call:
    """`renamed` has, by path without list indexes, the name that AWS gives to an input; `-` for none."""

    service: str
    structure: str
    renamed: Mapping[str, str] = field(default_factory=dict)


def _call(service: str, structure: str, /, **renamed: str) -> tuple[Call, ...]:
    return (Call(service=service, structure=structure, renamed=renamed),)


_MAPPING = {"destinationConfig.onFailure.destinationArn": "Destination"}
_TABLE_CALLS = (
    Call(
        service="dynamodb",
        structure="CreateTableInput",
        renamed={
            "name": "TableName",
            "attributes": "AttributeDefinitions",
            "attributes.name": "AttributeName",
            "attributes.type": "AttributeType",
            "globalSecondaryIndexes.name": "IndexName",
            "globalSecondaryIndexes.keySchemas": "KeySchema",
        },
    ),
    Call(service="dynamodb", structure="StreamSpecification"),
    Call(service="dynamodb", structure="UpdateTimeToLiveInput", renamed={"ttl": "TimeToLiveSpecification"}),
    Call(
        service="dynamodb",
        structure="UpdateContinuousBackupsInput",
        renamed={"pointInTimeRecovery": "PointInTimeRecoverySpecification"},
    ),
)
_TARGET_CALLS = (
    *_call("events", "PutTargetsRequest"),
    Call(
        service="events",
        structure="Target",
        renamed={"targetId": "Id", "inputTransformer.inputPaths": "InputPathsMap", "sqsTarget": "SqsParameters"},
    ),
)
_FUNCTION_CALLS = (
    Call(service="lambda", structure="CreateFunctionRequest", renamed={"name": "FunctionName", "code": "-"}),
)
_USER_POOL_CALLS = (
    Call(
        service="cognito-idp",
        structure="CreateUserPoolRequest",
        renamed={
            "name": "PoolName",
            "schemas": "Schema",
            "tags": "UserPoolTags",
            "softwareTokenMfaConfiguration": "-",
        },
    ),
    *_call("cognito-idp", "UserPoolPolicyType"),
)
_ALARM_CALLS = (
    Call(
        service="cloudwatch",
        structure="PutMetricAlarmInput",
        renamed={"name": "AlarmName", "metricQueries": "Metrics", "metricQueries.metric": "MetricStat"},
    ),
)

CALLS: Mapping[str, tuple[Call, ...]] = {
    "aws:lambda/function:Function": _FUNCTION_CALLS,
    "aws:lambda/alias:Alias": _call("lambda", "CreateAliasRequest"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        Call(service="lambda", structure="CreateEventSourceMappingRequest", renamed=_MAPPING),
    ),
    "aws:lambda/permission:Permission": _call("lambda", "AddPermissionRequest", function="FunctionName"),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": _call(
        "lambda", "PutFunctionEventInvokeConfigRequest"
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _call(
        "lambda", "PutProvisionedConcurrencyConfigRequest"
    ),
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": _call("lambda", "PutFunctionRecursionConfigRequest"),
    "aws:lambda/runtimeManagementConfig:RuntimeManagementConfig": _call("lambda", "PutRuntimeManagementConfigRequest"),
    "aws:appautoscaling/target:Target": _call("application-autoscaling", "RegisterScalableTargetRequest"),
    "aws:appautoscaling/policy:Policy": _call("application-autoscaling", "PutScalingPolicyRequest", name="PolicyName"),
    "aws:iam/role:Role": _call(
        "iam", "CreateRoleRequest", name="RoleName", assumeRolePolicy="AssumeRolePolicyDocument"
    ),
    "aws:iam/rolePolicy:RolePolicy": _call(
        "iam", "PutRolePolicyRequest", role="RoleName", name="PolicyName", policy="PolicyDocument"
    ),
    "aws:iam/policy:Policy": _call("iam", "CreatePolicyRequest", name="PolicyName", policy="PolicyDocument"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _call("iam", "AttachRolePolicyRequest", role="RoleName"),
    "aws:sqs/queue:Queue": _call("sqs", "CreateQueueRequest", name="QueueName"),
    "aws:sqs/queuePolicy:QueuePolicy": _call("sqs", "SetQueueAttributesRequest"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _call("sqs", "SetQueueAttributesRequest"),
    "aws:sns/topic:Topic": _call("sns", "CreateTopicInput"),
    "aws:sns/topicPolicy:TopicPolicy": _call("sns", "SetTopicAttributesInput", arn="TopicArn"),
    "aws:sns/topicSubscription:TopicSubscription": _call("sns", "SubscribeInput", topic="TopicArn"),
    "aws:cloudwatch/eventBus:EventBus": _call("events", "CreateEventBusRequest"),
    "aws:cloudwatch/eventArchive:EventArchive": _call("events", "CreateArchiveRequest", name="ArchiveName"),
    "aws:cloudwatch/eventRule:EventRule": _call("events", "PutRuleRequest"),
    "aws:cloudwatch/eventTarget:EventTarget": _TARGET_CALLS,
    "aws:cloudwatch/eventConnection:EventConnection": (
        Call(
            service="events",
            structure="CreateConnectionRequest",
            renamed={
                "authParameters.apiKey": "ApiKeyAuthParameters",
                "authParameters.apiKey.key": "ApiKeyName",
                "authParameters.apiKey.value": "ApiKeyValue",
                "authParameters.basic": "BasicAuthParameters",
            },
        ),
    ),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": _call("events", "CreateApiDestinationRequest"),
    "aws:cloudwatch/logGroup:LogGroup": _call("logs", "CreateLogGroupRequest", name="logGroupName"),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _call("logs", "PutResourcePolicyRequest"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _call(
        "logs", "PutMetricFilterRequest", name="filterName", pattern="filterPattern"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _ALARM_CALLS,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _call("cloudwatch", "PutCompositeAlarmInput"),
    "aws:cloudwatch/dashboard:Dashboard": _call("cloudwatch", "PutDashboardInput"),
    "aws:dynamodb/table:Table": _TABLE_CALLS,
    "aws:sfn/stateMachine:StateMachine": (
        Call(
            service="stepfunctions",
            structure="CreateStateMachineInput",
            renamed={"loggingConfiguration.logDestination": "-"},
        ),
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": _call("scheduler", "CreateScheduleGroupInput"),
    "aws:scheduler/schedule:Schedule": _call("scheduler", "CreateScheduleInput"),
    "aws:secretsmanager/secret:Secret": _call("secretsmanager", "CreateSecretRequest"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": _call(
        "secretsmanager", "PutResourcePolicyRequest", policy="ResourcePolicy", secretArn="SecretId"
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": _call("secretsmanager", "PutSecretValueRequest"),
    "aws:kms/key:Key": (
        *_call("kms", "CreateKeyRequest"),
        *_call("kms", "ScheduleKeyDeletionRequest", deletionWindowInDays="PendingWindowInDays"),
        *_call("kms", "EnableKeyRotationRequest"),
    ),
    "aws:kms/alias:Alias": _call("kms", "CreateAliasRequest", name="AliasName"),
    "aws:s3/bucket:Bucket": _call("s3", "CreateBucketRequest"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _call("s3", "BucketLifecycleConfiguration"),
    "aws:s3/bucketLogging:BucketLogging": _call("s3", "LoggingEnabled"),
    "aws:s3/bucketNotification:BucketNotification": _call("s3", "NotificationConfiguration"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _call("s3", "OwnershipControls"),
    "aws:s3/bucketPolicy:BucketPolicy": _call("s3", "PutBucketPolicyRequest"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _call("s3", "PublicAccessBlockConfiguration"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _call(
        "s3", "ServerSideEncryptionConfiguration"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _call("s3", "PutBucketVersioningRequest"),
    "aws:apigatewayv2/api:Api": _call("apigatewayv2", "CreateApiRequest"),
    "aws:apigatewayv2/authorizer:Authorizer": (
        Call(
            service="apigatewayv2",
            structure="CreateAuthorizerRequest",
            renamed={"identitySources": "IdentitySource", "jwtConfiguration.audiences": "Audience"},
        ),
    ),
    "aws:apigatewayv2/integration:Integration": _call(
        "apigatewayv2", "CreateIntegrationRequest", timeoutMilliseconds="TimeoutInMillis"
    ),
    "aws:apigatewayv2/route:Route": _call("apigatewayv2", "CreateRouteRequest"),
    "aws:apigatewayv2/stage:Stage": _call("apigatewayv2", "CreateStageRequest", name="StageName"),
    "aws:apigateway/restApi:RestApi": _call("apigateway", "CreateRestApiRequest"),
    "aws:apigateway/resource:Resource": _call("apigateway", "CreateResourceRequest"),
    "aws:apigateway/method:Method": _call("apigateway", "PutMethodRequest"),
    "aws:apigateway/methodResponse:MethodResponse": _call("apigateway", "PutMethodResponseRequest"),
    "aws:apigateway/integration:Integration": _call("apigateway", "PutIntegrationRequest"),
    "aws:apigateway/integrationResponse:IntegrationResponse": _call("apigateway", "PutIntegrationResponseRequest"),
    "aws:apigateway/authorizer:Authorizer": _call("apigateway", "CreateAuthorizerRequest"),
    "aws:apigateway/model:Model": _call("apigateway", "CreateModelRequest"),
    "aws:apigateway/requestValidator:RequestValidator": _call("apigateway", "CreateRequestValidatorRequest"),
    "aws:apigateway/response:Response": _call("apigateway", "PutGatewayResponseRequest"),
    "aws:apigateway/deployment:Deployment": _call("apigateway", "CreateDeploymentRequest"),
    "aws:apigateway/stage:Stage": _call("apigateway", "CreateStageRequest"),
    "aws:apigateway/methodSettings:MethodSettings": _call("apigateway", "MethodSetting"),
    "aws:apigateway/account:Account": _call("apigateway", "Account"),
    "aws:apigateway/usagePlan:UsagePlan": _call("apigateway", "CreateUsagePlanRequest", quotaSettings="quota"),
    "aws:apigateway/apiKey:ApiKey": _call("apigateway", "CreateApiKeyRequest"),
    "aws:apigateway/usagePlanKey:UsagePlanKey": _call("apigateway", "CreateUsagePlanKeyRequest"),
    "aws:apigateway/restApiPolicy:RestApiPolicy": _call("apigateway", "UpdateRestApiRequest"),
    "aws:cognito/userPool:UserPool": _USER_POOL_CALLS,
    "aws:cognito/resourceServer:ResourceServer": _call("cognito-idp", "CreateResourceServerRequest"),
    "aws:cognito/userPoolClient:UserPoolClient": _call("cognito-idp", "CreateUserPoolClientRequest", name="ClientName"),
    "aws:cognito/userPoolDomain:UserPoolDomain": _call("cognito-idp", "CreateUserPoolDomainRequest"),
    "aws:wafv2/webAcl:WebAcl": (
        Call(
            service="wafv2",
            structure="CreateWebACLRequest",
            renamed={"visibilityConfig.cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled"},
        ),
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _call("wafv2", "AssociateWebACLRequest"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": _call("wafv2", "LoggingConfiguration"),
}
