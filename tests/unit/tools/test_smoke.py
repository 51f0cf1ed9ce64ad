"""What `make smoke` tells the scenarios of a stack, and the user who has no token yet."""

from __future__ import annotations

from tests.e2e.smoke import environment, how_to_get_a_token

POOL = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc"
HTTP = "https://a1b2.execute-api.eu-central-1.amazonaws.com"
GATEWAY = "https://orders-1a2b3c4d.ew.gateway.dev"


def test_a_rest_api_is_told_from_an_http_api_by_its_stage() -> None:
    assert environment({"api_url": HTTP, "target": "aws"})["ORDERLY_E2E_GATEWAY"] == "http-api"
    assert environment({"api_url": f"{HTTP}/prod", "target": "aws"})["ORDERLY_E2E_GATEWAY"] == "rest-api"
    assert environment({"api_url": "http://127.0.0.1:8080", "target": "local"}) == {
        "ORDERLY_E2E_URL": "http://127.0.0.1:8080"
    }


def test_googles_gateway_is_told_from_a_function_that_verifies_tokens_itself_by_its_address() -> None:
    assert environment({"api_url": GATEWAY, "target": "gcp"})["ORDERLY_E2E_GATEWAY"] == "api-gateway"
    for url in ("https://orders-ew.a.run.app", "https://orders.shop.example", "https://gateway.dev.shop.example"):
        assert environment({"api_url": url, "target": "gcp"}) == {"ORDERLY_E2E_URL": url}


def test_api_management_is_told_from_an_app_that_verifies_tokens_itself_by_its_address() -> None:
    gateway, app = "https://orders-1a2b3c4d.azure-api.net", "https://orders-1a2b3c4d.azurewebsites.net"
    assert environment({"api_url": gateway, "target": "azure"})["ORDERLY_E2E_GATEWAY"] == "api-management"
    assert environment({"api_url": app, "target": "azure"}) == {"ORDERLY_E2E_URL": app}


def test_whoever_has_no_token_learns_how_to_get_one_from_the_own_pool() -> None:
    told = how_to_get_a_token({"token_issuer": POOL, "token_audience": "client"})
    assert "eu-central-1_abc" in told
    assert "custom:tenant" in told


def test_whoever_has_no_token_learns_what_another_issuer_has_to_put_in_it() -> None:
    told = how_to_get_a_token({"token_issuer": "https://issuer.example", "token_audience": "orders"})
    assert "https://issuer.example" in told
    assert "cognito" not in told
