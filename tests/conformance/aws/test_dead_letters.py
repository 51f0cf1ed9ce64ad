"""What is put among dead letters by hand: SQS takes it, and what passes by itself is told from what does not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.adapters.aws.clients import AwsUnavailableError
from functions.adapters.aws.dead_letters import MAX_REASON_CHARACTERS, SqsDeadLetters
from functions.adapters.aws.ports import AwsPorts
from functions.environment import Environment, Variable
from tests.conformance.aws.calls import scripted
from tests.conformance.aws_target import AwsTarget

QUEUE = "https://queue.example/dead"


def test_a_message_is_in_the_queue_with_its_reason(aws: AwsTarget) -> None:
    sqs = aws.clients.sqs
    url = sqs.create_queue(QueueName=f"{aws.name}-dead")["QueueUrl"]
    ports = AwsPorts(Environment({Variable.DEAD_LETTERS.value: url}), aws.clients)
    ports.dead_letters.put("no json", "malformed: this is no event")
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == "no json"
    assert message["MessageAttributes"]["reason"]["StringValue"] == "malformed: this is no event"


def test_a_reason_is_what_sqs_takes_as_an_attribute() -> None:
    client, stubber = scripted("sqs")
    reason = "bell ? and half a pair ?" + "!" * (MAX_REASON_CHARACTERS - 24)
    attributes = {"reason": {"DataType": "String", "StringValue": reason}}
    stubber.add_response(
        "send_message", {}, {"QueueUrl": QUEUE, "MessageBody": "body", "MessageAttributes": attributes}
    )
    SqsDeadLetters(client, QUEUE).put("body", "bell \x07 and half a pair \ud800" + "!" * 5000)
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(("code", "status"), [("RequestThrottled", 400), ("InternalFailure", 500)])
def test_a_busy_sqs_may_be_asked_again(code: str, status: int) -> None:
    client, stubber = scripted("sqs")
    stubber.add_client_error("send_message", service_error_code=code, http_status_code=status)
    with pytest.raises(AwsUnavailableError, match=f"SQS .*{code}"):
        SqsDeadLetters(client, QUEUE).put("body", "reason")


def test_an_sqs_that_does_not_answer_may_be_asked_again() -> None:
    class Silent:
        def send_message(self, **_: object) -> None:
            raise EndpointConnectionError(endpoint_url=QUEUE)

    with pytest.raises(AwsUnavailableError, match="SQS did not answer"):
        SqsDeadLetters(Silent(), QUEUE).put("body", "reason")


def test_a_queue_that_is_not_there_is_no_passing_fault() -> None:
    client, stubber = scripted("sqs")
    stubber.add_client_error("send_message", service_error_code="AWS.SimpleQueueService.NonExistentQueue")
    with pytest.raises(ClientError, match="NonExistentQueue"):
        SqsDeadLetters(client, QUEUE).put("body", "reason")
