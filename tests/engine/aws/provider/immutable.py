"""What AWS cannot change of a resource that exists, so that a change makes another one."""

from __future__ import annotations

from collections.abc import Mapping

from tests.aws.limits import NAMED
from tests.sdk import input_names

ALWAYS = frozenset({"region", "restApi", "restApiId", "apiId", "resourceId", "httpMethod", "userPoolId", "queueUrl"})
"""What a resource is a part of."""

IMMUTABLE: Mapping[str, frozenset[str]] = {
    "aws:lambda/function:Function": frozenset({"packageType", "tenancyConfig", "durableConfig"}),
    "aws:lambda/alias:Alias": frozenset({"functionName"}),
    "aws:lambda/eventSourceMapping:EventSourceMapping": frozenset({"eventSourceArn", "startingPosition"}),
    "aws:lambda/permission:Permission": frozenset(
        {"action", "function", "principal", "qualifier", "sourceArn", "sourceAccount", "statementId"}
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": frozenset({"functionName", "qualifier"}),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": frozenset({"functionName", "qualifier"}),
    "aws:appautoscaling/target:Target": frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
    "aws:appautoscaling/policy:Policy": frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
    "aws:iam/role:Role": frozenset({"path"}),
    "aws:iam/rolePolicy:RolePolicy": frozenset({"role"}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": frozenset({"role", "policyArn"}),
    "aws:sqs/queue:Queue": frozenset({"fifoQueue"}),
    "aws:sns/topic:Topic": frozenset({"fifoTopic"}),
    "aws:sns/topicPolicy:TopicPolicy": frozenset({"arn"}),
    "aws:sns/topicSubscription:TopicSubscription": frozenset({"topic", "protocol", "endpoint"}),
    "aws:cloudwatch/eventArchive:EventArchive": frozenset({"eventSourceArn"}),
    "aws:cloudwatch/eventRule:EventRule": frozenset({"eventBusName"}),
    "aws:cloudwatch/eventTarget:EventTarget": frozenset({"rule", "eventBusName"}),
    "aws:cloudwatch/logGroup:LogGroup": frozenset({"logGroupClass"}),
    "aws:dynamodb/table:Table": frozenset({"hashKey", "rangeKey", "localSecondaryIndexes"}),
    "aws:sfn/stateMachine:StateMachine": frozenset({"type"}),
    "aws:scheduler/schedule:Schedule": frozenset({"groupName"}),
    "aws:secretsmanager/secretVersion:SecretVersion": frozenset({"secretId", "secretString", "secretBinary"}),
    "aws:secretsmanager/secretPolicy:SecretPolicy": frozenset({"secretArn"}),
    "aws:kms/key:Key": frozenset({"keyUsage", "multiRegion"}),
    "aws:cognito/userPool:UserPool": frozenset({"usernameAttributes", "aliasAttributes", "usernameConfiguration"}),
    "aws:cognito/resourceServer:ResourceServer": frozenset({"identifier"}),
    "aws:cognito/userPoolClient:UserPoolClient": frozenset({"generateSecret"}),
    "aws:cognito/userPoolDomain:UserPoolDomain": frozenset({"domain"}),
    "aws:apigatewayv2/api:Api": frozenset({"protocolType"}),
    "aws:apigatewayv2/integration:Integration": frozenset({"integrationType"}),
    "aws:apigateway/resource:Resource": frozenset({"parentId"}),
    "aws:apigateway/methodResponse:MethodResponse": frozenset({"statusCode"}),
    "aws:apigateway/integration:Integration": frozenset({"type", "uri"}),
    "aws:apigateway/integrationResponse:IntegrationResponse": frozenset({"statusCode"}),
    "aws:apigateway/model:Model": frozenset({"contentType"}),
    "aws:apigateway/response:Response": frozenset({"responseType"}),
    "aws:apigateway/deployment:Deployment": frozenset({"triggers"}),
    "aws:apigateway/methodSettings:MethodSettings": frozenset({"stageName", "methodPath"}),
    "aws:apigateway/usagePlanKey:UsagePlanKey": frozenset({"keyId", "keyType", "usagePlanId"}),
    "aws:wafv2/webAcl:WebAcl": frozenset({"scope"}),
    "aws:wafv2/webAclAssociation:WebAclAssociation": frozenset({"resourceArn", "webAclArn"}),
}
"""By type, as the provider's schema has it, besides its name and what it is a part of."""

RENAMED_IN_PLACE = frozenset(
    {
        "aws:apigateway/restApi:RestApi",
        "aws:apigatewayv2/api:Api",
        "aws:apigateway/usagePlan:UsagePlan",
        "aws:cognito/userPoolClient:UserPoolClient",
        "aws:cognito/userPool:UserPool",
        "aws:cognito/resourceServer:ResourceServer",
        "aws:apigateway/requestValidator:RequestValidator",
        "aws:apigateway/authorizer:Authorizer",
        "aws:apigatewayv2/authorizer:Authorizer",
    }
)
"""Where a name is no more than a label."""


def physical_name_of(type_token: str) -> str | None:
    """The input that no two resources of this type may share."""
    name = NAMED.get(type_token, "name")
    return name if name in input_names(type_token) and type_token not in RENAMED_IN_PLACE else None


def immutable(type_token: str) -> frozenset[str]:
    name = physical_name_of(type_token)
    own = IMMUTABLE.get(type_token, frozenset()) | (frozenset({name}) if name else frozenset())
    parts = ALWAYS & input_names(type_token)
    bucket = frozenset({"bucket"}) & input_names(type_token)
    return own | parts | bucket
