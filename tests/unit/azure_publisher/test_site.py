"""A package is published once the app runs it, whatever its site answers on the way."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Event

import pytest

from azure_publisher.errors import PublishError
from tests.azure.loopback import TOKEN
from tests.azure.serving import Answer, answer
from tests.azure.site_fake import (
    BUILDING,
    CANCELLED,
    CONFLICT,
    FAILED,
    GONE,
    INACCESSIBLE,
    PARTIAL_SUCCESS,
    PENDING,
    SUCCESS,
    SiteFake,
    deployment,
)
from tests.unit.azure_publisher.publications import AT_ITS_END, CONTENT, package_for, sites


def refusal(site: SiteFake, folder: Path) -> str:
    with pytest.raises(PublishError) as refused:
        sites().publish(package_for(site, folder))
    return str(refused.value)


def test_a_package_is_sent_whole_and_followed_until_the_app_runs_it(site: SiteFake, tmp_path: Path) -> None:
    site.looks = [deployment(PENDING), deployment(BUILDING), deployment(SUCCESS)]
    assert sites().publish(package_for(site, tmp_path)) == "deployment-1"
    assert site.taken == [CONTENT]
    assert site.looked_at == ["/api/deployments/deployment-1"] * 3


@pytest.mark.parametrize(
    "refused",
    [answer(403), answer(404), answer(408), answer(409), answer(429), answer(500), answer(502), answer(503), None],
)
def test_what_passes_by_itself_is_tried_again(site: SiteFake, tmp_path: Path, refused: Answer | None) -> None:
    site.publish_answers = [refused, refused]
    assert sites().publish(package_for(site, tmp_path)) == "deployment-1"
    assert site.taken == [CONTENT]


@pytest.mark.parametrize(
    "ended",
    [
        deployment(FAILED, INACCESSIBLE),
        deployment(FAILED, f"{'a step that went well. ' * 100}{INACCESSIBLE}"),
        deployment(FAILED, "MSITokenUnavailableException: no token"),
        deployment(CONFLICT),
    ],
)
def test_a_deployment_that_ends_by_what_passes_is_begun_again(site: SiteFake, tmp_path: Path, ended: Answer) -> None:
    site.looks = [deployment(PENDING), ended]
    assert sites().publish(package_for(site, tmp_path)) == "deployment-2"
    assert site.taken == [CONTENT, CONTENT]


@pytest.mark.parametrize(
    "said",
    [deployment(FAILED, INACCESSIBLE), Answer(status=200, body=INACCESSIBLE.encode()), answer(400, INACCESSIBLE)],
)
def test_a_storage_account_that_does_not_know_the_app_yet_is_waited_for(
    site: SiteFake, tmp_path: Path, said: Answer
) -> None:
    site.publish_answers = [said]
    assert sites().publish(package_for(site, tmp_path)) == "deployment-1"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (deployment(FAILED, "ValidationException: no host.json"), "as FAILED: ValidationException: no host.json"),
        (Answer(status=200, body=b"Error: the package is empty"), "and no deployment: Error: the package is empty"),
        (answer(202, {"status": 99}), 'and no deployment: {"status": 99}'),
        (answer(400, {"Message": "no such setting"}), 'it answered 400: {"Message": "no such setting"}'),
        (answer(401), "az login --tenant"),
        (answer(415), "it answered 415: nothing else"),
        (answer(302, Location="https://elsewhere.example"), "it answered 302"),
    ],
)
def test_an_answer_that_is_none_of_success_is_told_and_not_asked_for_again(
    site: SiteFake, tmp_path: Path, said: Answer, text: str
) -> None:
    site.publish_answers = [said]
    told = refusal(site, tmp_path)
    assert told.startswith("orders-fulfil did not take its package: ")
    assert text in told
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (deployment(FAILED, "ValidationException: no host.json"), "as FAILED: ValidationException: no host.json"),
        (deployment(PARTIAL_SUCCESS, "one instance"), "as PARTIAL_SUCCESS: one instance"),
        (deployment(CANCELLED), "as CANCELLED: no reason was given"),
        (answer(200, {"status": 99}), "and no status"),
        (answer(400), "it answered 400"),
    ],
)
def test_a_deployment_that_fails_is_told_although_its_package_was_taken(
    site: SiteFake, tmp_path: Path, ended: Answer, text: str
) -> None:
    site.looks = [deployment(PENDING), ended]
    assert text in refusal(site, tmp_path)
    assert site.taken == [CONTENT]


@pytest.mark.parametrize("fault", [answer(403), answer(404), answer(429), answer(503), None])
def test_a_look_that_fails_harms_no_deployment(site: SiteFake, tmp_path: Path, fault: Answer | None) -> None:
    site.looks = [fault, fault, deployment(BUILDING), deployment(SUCCESS)]
    assert sites().publish(package_for(site, tmp_path)) == "deployment-1"
    assert site.taken == [CONTENT]


def test_a_deployment_that_was_seen_at_work_has_ended_when_nobody_knows_it(site: SiteFake, tmp_path: Path) -> None:
    site.looks = [deployment(BUILDING), answer(404), deployment(FAILED)]
    assert sites().publish(package_for(site, tmp_path)) == "deployment-1"


@pytest.mark.parametrize(
    "said",
    [Answer(status=202), answer(202, ""), deployment(PENDING), deployment(PENDING, id=None), deployment(SUCCESS)],
)
def test_a_site_that_names_no_deployment_is_not_believed_since_its_newest_may_be_another_packages(
    site: SiteFake, tmp_path: Path, said: Answer
) -> None:
    site.publish_answers = [said]
    assert "and named no deployment; see in the portal" in refusal(site, tmp_path)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("refused", "remedy"),
    [
        (answer(403), "Website Contributor"),
        (deployment(FAILED, INACCESSIBLE), "Storage Blob Data Owner"),
        (answer(503), "Deployment Center"),
    ],
)
def test_what_does_not_pass_is_told_with_the_way_out(
    site: SiteFake, tmp_path: Path, refused: Answer, remedy: str
) -> None:
    site.publish_answers = [refused]
    with pytest.raises(PublishError, match=f"will not pass by itself: .*{remedy}"):
        sites(AT_ITS_END).publish(package_for(site, tmp_path))
    assert site.taken == []


def test_a_deployment_that_never_ends_is_given_up(site: SiteFake, tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="its deployment is PENDING; this went on"):
        sites(AT_ITS_END).publish(package_for(site, tmp_path))


def test_cancelling_ends_the_wait(site: SiteFake, tmp_path: Path) -> None:
    site.publish_answers = [answer(403)]
    cancelled = Event()
    cancelled.set()
    with pytest.raises(PublishError, match="cancelled while it was waited for, since it answered 403"):
        sites(cancelled=cancelled).publish(package_for(site, tmp_path))


def test_neither_a_token_nor_a_signature_is_told(site: SiteFake, tmp_path: Path) -> None:
    site.publish_answers = [answer(400, "https://store.example/package.zip?sv=1&sig=a-signature is no package")]
    told = refusal(site, tmp_path)
    assert "https://store.example/package.zip?... is no package" in told
    assert TOKEN not in told


def test_another_file_than_the_declared_one_is_not_sent(site: SiteFake, tmp_path: Path) -> None:
    package = package_for(site, tmp_path)
    (tmp_path / "package.zip").write_bytes(b"another zip")
    with pytest.raises(PublishError, match=r"package\.zip was changed since"):
        sites().publish(package)
    (tmp_path / "package.zip").unlink()
    with pytest.raises(PublishError, match=r"package\.zip cannot be read \(No such file"):
        sites().publish(package)
    assert site.asked == []


def test_an_app_is_there_unless_azure_says_that_it_is_not(site: SiteFake) -> None:
    assert sites().exists(site.url), "who has not logged in is refused, by an app that is there"
    site.answer_as = lambda _: answer(404)
    assert sites().exists(site.url)
    site.answer_as = lambda _: GONE
    assert not sites().exists(site.url)


def test_a_name_that_does_not_resolve_is_of_no_app_unless_none_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(number: int) -> None:
        def resolve(*_: object, **__: object) -> None:
            raise socket.gaierror(number, "the name")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    fails(socket.EAI_NONAME)
    assert not sites().exists("https://gone.scm.example")
    fails(socket.EAI_AGAIN)
    with pytest.raises(PublishError, match="try again when it can be reached"):
        sites().exists("https://gone.scm.example")
