"""API Gateway: HTTP APIs and REST APIs, whose identifiers AWS chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.aws.cloud.making import Maker, Making, sent

REST_NAMES = {
    "restApi": "restApiId",
    "authorization": "authorizationType",
    "deployment": "deploymentId",
    "timeoutMilliseconds": "timeoutInMillis",
}


def _execution_arn(making: Making, api_id: str) -> str:
    place = making.place
    return f"arn:aws:execute-api:{place.region}:{place.account}:{api_id}"


def _identified(member: str) -> Maker:
    """Its identifier is this member of the answer."""

    def made(making: Making) -> Mapping[str, Any]:
        return {"id": making.send()[member]}

    return made


def _http_api(making: Making) -> Mapping[str, Any]:
    api_id = making.send()["ApiId"]
    endpoint = f"https://{api_id}.execute-api.{making.place.region}.amazonaws.com"
    return {"id": api_id, "executionArn": _execution_arn(making, api_id), "apiEndpoint": endpoint}


def _rest_api(making: Making) -> Mapping[str, Any]:
    made = making.send()
    return {
        "id": made["id"],
        "rootResourceId": made["rootResourceId"],
        "executionArn": _execution_arn(making, made["id"]),
    }


def _of_rest_api(making: Making) -> Mapping[str, Any]:
    """A part of a REST API. Some have an identifier of their own; the others are known by whose part they are."""
    renamed = {theirs: making.inputs[ours] for ours, theirs in REST_NAMES.items() if ours in making.inputs}
    made = making.send(**renamed)
    return {"id": made["id"]} if "id" in made else {}


MAKERS: Mapping[str, Maker] = {
    "aws:apigatewayv2/api:Api": _http_api,
    "aws:apigatewayv2/authorizer:Authorizer": _identified("AuthorizerId"),
    "aws:apigatewayv2/integration:Integration": _identified("IntegrationId"),
    "aws:apigatewayv2/route:Route": _identified("RouteId"),
    "aws:apigatewayv2/stage:Stage": sent,
    "aws:apigateway/restApi:RestApi": _rest_api,
    **dict.fromkeys(
        (
            "aws:apigateway/resource:Resource",
            "aws:apigateway/method:Method",
            "aws:apigateway/methodResponse:MethodResponse",
            "aws:apigateway/integration:Integration",
            "aws:apigateway/integrationResponse:IntegrationResponse",
            "aws:apigateway/authorizer:Authorizer",
            "aws:apigateway/model:Model",
            "aws:apigateway/requestValidator:RequestValidator",
            "aws:apigateway/response:Response",
            "aws:apigateway/deployment:Deployment",
            "aws:apigateway/stage:Stage",
        ),
        _of_rest_api,
    ),
}
