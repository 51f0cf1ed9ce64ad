"""Who publishes: whoever deploys, with one token for all apps of a tenant."""

from __future__ import annotations

import pytest
from azure.core.credentials import TokenCredential
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.identity import ClientSecretCredential, CredentialUnavailableError, DefaultAzureCredential

from azure_publisher.credential import Tokens, whoever_deploys
from azure_publisher.errors import NotYetError, PublishError
from tests.azure.loopback import TOKEN
from tests.unit.azure_publisher.publications import TENANT, Login

MANAGEMENT = "https://management.azure.com/.default"


def test_one_token_serves_every_app_of_a_tenant() -> None:
    login = Login()
    tokens = Tokens(lambda _: login)
    assert [tokens.of(TENANT), tokens.of(TENANT), tokens.of("another")] == [TOKEN] * 3
    assert login.asked == [(MANAGEMENT, TENANT), (MANAGEMENT, "another")]


def test_a_token_that_has_ended_is_asked_for_anew() -> None:
    login = Login(ends=0)
    tokens = Tokens(lambda _: login)
    tokens.of(TENANT)
    tokens.of(TENANT)
    assert len(login.asked) == 2


def test_without_a_login_the_text_says_how_to_log_in() -> None:
    def nobody(_: str) -> TokenCredential:
        raise CredentialUnavailableError(
            "DefaultAzureCredential failed to retrieve a token\nAttempted credentials: ..."
        )

    with pytest.raises(PublishError) as refused:
        Tokens(nobody).of(TENANT)
    assert f"run `az login --tenant {TENANT}`" in str(refused.value)
    assert "failed to retrieve a token)" in str(refused.value)
    assert "Attempted" not in str(refused.value)


def test_a_login_that_cannot_be_reached_from_here_is_waited_for() -> None:
    nowhere = ClientSecretCredential(
        TENANT,
        "a-client",
        "of the tests alone",
        authority="https://127.0.0.1:1",
        disable_instance_discovery=True,
        retry_total=0,
    )
    with pytest.raises(NotYetError, match="the login to Azure cannot be reached") as refused:
        Tokens(lambda _: nowhere).of(TENANT)
    assert "login.microsoftonline.com" in refused.value.remedy


@pytest.mark.parametrize("fault", [ServiceRequestError("no such host"), ServiceResponseError("the line was cut")])
def test_a_line_to_the_login_that_breaks_is_waited_for(fault: Exception) -> None:
    def cut_off(_: str) -> TokenCredential:
        raise fault

    with pytest.raises(NotYetError, match=str(fault)):
        Tokens(cut_off).of(TENANT)


def test_a_login_that_answers_what_is_no_token_is_told_as_text() -> None:
    def broken(_: str) -> TokenCredential:
        raise HttpResponseError("the login answered 500")

    with pytest.raises(PublishError, match=r"there is no login to Azure .*the login answered 500"):
        Tokens(broken).of(TENANT)


def test_the_variables_of_pulumis_own_provider_go_before_any_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARM_CLIENT_ID", raising=False)
    assert isinstance(whoever_deploys(TENANT), DefaultAzureCredential)
    monkeypatch.setenv("ARM_CLIENT_ID", "a-client")
    monkeypatch.setenv("ARM_CLIENT_SECRET", "of the tests alone")
    assert isinstance(whoever_deploys(TENANT), ClientSecretCredential)
