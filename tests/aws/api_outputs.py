"""What AWS computes of the resources of an API: API Gateway, Cognito and the web application firewall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.aws.templates import arn
from tests.templates import Shape, constant

REST_API = "arn:aws:apigateway:{region}::/restapis/"
HTTP_API = "arn:aws:apigateway:{region}::/apis/"
HOST = "execute-api.{region}.amazonaws.com"


def _scope_identifiers(known: Mapping[str, Any]) -> list[str]:
    return [f"{known['identifier']}/{scope['scopeName']}" for scope in known.get("scopes", ())]


def _http_invoke_url(known: Mapping[str, Any]) -> str:
    """The stage `$default` has no path."""
    stage = "" if known["name"] == "$default" else known["name"]
    return f"https://{known['apiId']}.execute-api.{known['region']}.amazonaws.com/{stage}"


API_OUTPUTS: Mapping[str, Shape] = {
    "aws:apigatewayv2/api:Api": {
        "id": "{digest:.10}",
        "arn": f"{HTTP_API}{{id}}",
        "apiEndpoint": f"https://{{id}}.{HOST}",
        "executionArn": arn("execute-api", "{id}"),
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "routeSelectionExpression": "$request.method $request.path",
    },
    "aws:apigatewayv2/authorizer:Authorizer": {"id": "{digest:.6}"},
    "aws:apigatewayv2/integration:Integration": {"id": "{digest:.7}", "integrationResponseSelectionExpression": ""},
    "aws:apigatewayv2/route:Route": {"id": "{digest:.7}"},
    "aws:apigatewayv2/stage:Stage": {
        "id": "{name}",
        "arn": f"{HTTP_API}{{apiId}}/stages/{{name}}",
        "executionArn": arn("execute-api", "{apiId}/{name}"),
        "invokeUrl": _http_invoke_url,
        "deploymentId": lambda known: known.get("deploymentId", ""),
    },
    "aws:apigateway/restApi:RestApi": {
        "id": "{digest:.10}",
        "arn": f"{REST_API}{{id}}",
        "executionArn": arn("execute-api", "{id}"),
        "rootResourceId": lambda known: known["digest"][10:20],
        "createdDate": "{created}",
    },
    "aws:apigateway/resource:Resource": {"id": "{digest:.6}", "path": "/{pathPart}"},
    "aws:apigateway/method:Method": {"id": "agm-{restApi}-{resourceId}-{httpMethod}"},
    "aws:apigateway/methodResponse:MethodResponse": {"id": "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}"},
    "aws:apigateway/integration:Integration": {
        "id": "agi-{restApi}-{resourceId}-{httpMethod}",
        "cacheNamespace": "{resourceId}",
        "passthroughBehavior": lambda known: known.get("passthroughBehavior", "WHEN_NO_MATCH"),
    },
    "aws:apigateway/integrationResponse:IntegrationResponse": {
        "id": "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}"
    },
    "aws:apigateway/authorizer:Authorizer": {
        "id": "{digest:.6}",
        "arn": f"{REST_API}{{restApi}}/authorizers/{{id}}",
    },
    "aws:apigateway/model:Model": {"id": "{digest:.6}"},
    "aws:apigateway/requestValidator:RequestValidator": {"id": "{digest:.6}"},
    "aws:apigateway/response:Response": {"id": "aggr-{restApiId}-{responseType}"},
    "aws:apigateway/deployment:Deployment": {"id": "{digest:.6}", "createdDate": "{created}"},
    "aws:apigateway/stage:Stage": {
        "id": "ags-{restApi}-{stageName}",
        "arn": f"{REST_API}{{restApi}}/stages/{{stageName}}",
        "executionArn": arn("execute-api", "{restApi}/{stageName}"),
        "invokeUrl": f"https://{{restApi}}.{HOST}/{{stageName}}",
        "webAclArn": "",
    },
    "aws:apigateway/methodSettings:MethodSettings": {"id": "{restApi}-{stageName}-{methodPath}"},
    "aws:apigateway/account:Account": {
        "id": "api-gateway-account",
        "apiKeyVersion": "4",
        "features": constant(["UsagePlans"]),
        "throttleSettings": constant([{"burstLimit": 5000, "rateLimit": 10000}]),
    },
    "aws:apigateway/usagePlan:UsagePlan": {
        "id": "{digest:.6}",
        "arn": "arn:aws:apigateway:{region}::/usageplans/{id}",
    },
    "aws:apigateway/apiKey:ApiKey": {
        "id": "{digest:.10}",
        "arn": "arn:aws:apigateway:{region}::/apikeys/{id}",
        "value": "{digest:.40}",
        "createdDate": "{created}",
        "lastUpdatedDate": "{created}",
    },
    "aws:apigateway/usagePlanKey:UsagePlanKey": {"id": "{keyId}", "name": "{logical_name}", "value": "{digest:.40}"},
    "aws:apigateway/restApiPolicy:RestApiPolicy": {"id": "{restApiId}"},
    "aws:cognito/userPool:UserPool": {
        "id": "{region}_{digest:.9}",
        "arn": arn("cognito-idp", "userpool/{id}"),
        "endpoint": "cognito-idp.{region}.amazonaws.com/{id}",
        "creationDate": "{created}",
        "lastModifiedDate": "{created}",
        "customDomain": "",
        "domain": "",
        "estimatedNumberOfUsers": constant(0),
    },
    "aws:cognito/resourceServer:ResourceServer": {
        "id": "{userPoolId}|{identifier}",
        "scopeIdentifiers": _scope_identifiers,
    },
    "aws:cognito/userPoolClient:UserPoolClient": {
        "id": "{digest:.26}",
        "clientSecret": lambda known: known["digest"][:52] if known.get("generateSecret") else "",
    },
    "aws:cognito/userPoolDomain:UserPoolDomain": {
        "id": "{domain}",
        "awsAccountId": "{account}",
        "cloudfrontDistribution": "{digest:.14}.cloudfront.net",
        "cloudfrontDistributionArn": "{cloudfrontDistribution}",
        "cloudfrontDistributionZoneId": "Z2FDTNDATAQYW2",
        "s3Bucket": "aws-cognito-prod-{region}-assets",
        "version": "{digest:.14}",
    },
    "aws:wafv2/webAcl:WebAcl": {
        "id": "{uuid}",
        "arn": arn("wafv2", "regional/webacl/{name}/{uuid}"),
        "capacity": constant(2),
        "lockToken": "{uuid}",
        "applicationIntegrationUrl": "",
    },
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"id": "{webAclArn},{resourceArn}"},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {"id": "{resourceArn}"},
}
