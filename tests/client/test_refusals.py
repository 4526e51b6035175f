"""What AWS and the broker say no with, as a caller meets it."""

import json
import re
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import SSLError
from botocore.session import Session
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from client.answers import an_answer
from client.conftest import MakeClient
from lambda_service import DENIED, NO_SUCH_ALIAS, TIMED_OUT, FunctionError, LambdaService, Refusal, alias_arn
from sfmint import errors as core
from sfmint_client import TokenClient, errors
from sfmint_client.errors import (
    AliasNotFound,
    BrokerUnavailable,
    InternalError,
    InvokeForbidden,
    NotConfigured,
    SfmintError,
)
from sfmint_local import places

OWN = {
    "AliasNotFound",
    "AnswerHoldsToken",
    "AnswerTooLarge",
    "BrokerUnavailable",
    "DiscoveryForbidden",
    "InvokeForbidden",
    "NotConfigured",
    "RequestNotAllowed",
    "SalesforceBadRequest",
    "SalesforceBusy",
    "SalesforceConflict",
    "SalesforceForbidden",
    "SalesforceNotFound",
    "SalesforcePartlyFailed",
    "SalesforceRateLimited",
    "WrongHost",
}


def retryable_by_name(base: type[Any]) -> dict[str, bool]:
    return {error.__name__: error.retryable for error in base.__subclasses__()}


def refused(client: TokenClient) -> SfmintError:
    with pytest.raises(SfmintError) as caught:
        client.get_token()
    return caught.value


def test_the_brokers_errors_have_the_same_names_and_retry_class_here() -> None:
    here = retryable_by_name(SfmintError)

    assert {name: retryable for name, retryable in here.items() if name not in OWN} == retryable_by_name(
        core.SfmintError
    )
    assert set(here) >= OWN


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    assert errors.__doc__ is not None
    for name in retryable_by_name(SfmintError):
        assert f"── {name}" in errors.__doc__


@pytest.mark.parametrize("name", sorted(retryable_by_name(core.SfmintError)))
def test_an_error_of_the_broker_comes_as_its_class(
    make_client: MakeClient, lambda_service: LambdaService, name: str
) -> None:
    lambda_service.answer_with({"errorType": name, "errorMessage": "A cause. A remedy.", "stackTrace": []})

    error = refused(make_client(deadline_s=0))

    assert type(error) is getattr(errors, name)
    assert (error.name, str(error)) == (name, "A cause. A remedy.")
    assert error.retryable is getattr(core, name).retryable
    assert len(lambda_service.events) == 1


def test_an_error_of_a_newer_broker_keeps_its_name_and_message(
    client: TokenClient, lambda_service: LambdaService
) -> None:
    lambda_service.answer_with({"errorType": "NewError", "errorMessage": "A cause. A remedy."})

    error = refused(client)

    assert type(error) is SfmintError
    assert (error.name, str(error), error.retryable) == ("NewError", "A cause. A remedy.", False)


def test_where_iam_says_no_the_error_names_alias_and_policy(client: TokenClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(DENIED)

    error = refused(client)

    assert type(error) is InvokeForbidden
    assert alias_arn() in str(error)
    assert "acme-get-token-my-org-us-east-1 " in str(error)
    assert not error.retryable
    assert len(lambda_service.events) == 1


def test_an_alias_that_lambda_does_not_know_is_named(client: TokenClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(NO_SUCH_ALIAS)

    error = refused(client)

    assert type(error) is AliasNotFound
    assert alias_arn() in str(error)
    assert len(lambda_service.events) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Refusal(500, "ServiceException"),
        Refusal(502, "EC2ThrottledException"),
        Refusal(502, "KMSAccessDeniedException"),
        TIMED_OUT,
        FunctionError({"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}),
        FunctionError({"errorMessage": "2026-11-23T12:00:00Z 0 Task timed out after 60.00 seconds"}),
    ],
)
def test_a_function_that_did_not_answer_is_unavailable_and_not_asked_again(
    client: TokenClient, lambda_service: LambdaService, answer: Any
) -> None:
    lambda_service.answer_with(answer)

    error = refused(client)

    assert type(error) is BrokerUnavailable
    assert error.retryable
    assert len(lambda_service.events) == 1


def test_an_endpoint_that_takes_no_connection_is_unavailable(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1")

    error = refused(make_client())

    assert type(error) is BrokerUnavailable
    assert "EndpointConnectionError" in str(error)


@pytest.mark.parametrize("place", [{"stack": "acme"}, {"alias_arn": alias_arn()}])
def test_where_nobody_trusts_what_answered_the_error_asks_for_its_authority(
    place: dict[str, str], make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SSLError(endpoint_url="https://aws.example", error=OSError("CERTIFICATE_VERIFY_FAILED"))

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", refuse)
    error = refused(make_client(**place))
    assert type(error) is BrokerUnavailable
    assert "AWS_CA_BUNDLE" in str(error)
    assert "VPC" not in str(error)


class ImpatientSession(Session):
    """Makes clients that wait for a moment only."""

    def create_client(self, service_name: str, *args: Any, **options: Any) -> Any:
        options["config"] = options["config"].merge(Config(read_timeout=0.1))
        return super().create_client(service_name, *args, **options)


def test_a_broker_that_says_nothing_is_unavailable(make_client: MakeClient, lambda_service: LambdaService) -> None:
    over = Event()
    lambda_service.broker = lambda function, event: an_answer(source=str(over.wait(10)))

    error = refused(make_client(session=ImpatientSession()))
    over.set()

    assert type(error) is BrokerUnavailable
    assert "ReadTimeoutError" in str(error)
    assert len(lambda_service.events) == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal(403, "ExpiredTokenException", "The security token CANARY is expired"), "Renew them"),
        (Refusal(403, "UnrecognizedClientException"), "Renew them"),
        (Refusal(403, "InvalidSignatureException"), "check the clock"),
    ],
)
def test_credentials_that_aws_refuses_are_told_apart_from_a_missing_policy(
    client: TokenClient, lambda_service: LambdaService, refusal: Refusal, words: str
) -> None:
    lambda_service.answer_with(refusal)

    error = refused(client)

    assert type(error) is NotConfigured
    assert words in str(error)
    assert "CANARY" not in str(error)


def test_a_process_without_credentials_is_told_so(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    error = refused(make_client())

    assert type(error) is NotConfigured
    assert "No AWS credentials were found" in str(error)


def test_a_profile_that_does_not_exist_is_told(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    assert "ProfileNotFound" in str(refused(make_client()))


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b'"CANARY"', b"{}", b"{", b'{"access_token": "CANARY"}', b"[" * 9999, json.dumps(7).encode()],
)
def test_an_answer_that_is_no_brokers_is_told_and_not_quoted(
    client: TokenClient, lambda_service: LambdaService, payload: bytes
) -> None:
    lambda_service.answer_with(payload)

    error = refused(client)

    assert type(error) is InternalError
    assert alias_arn() in str(error)
    assert "CANARY" not in repr(error)


@pytest.mark.parametrize("payload", [None, [], "text", {"errorType": 7}])
def test_a_function_error_of_any_shape_is_an_error_of_ours(
    client: TokenClient, lambda_service: LambdaService, payload: object
) -> None:
    lambda_service.answer_with(FunctionError(payload))

    assert isinstance(refused(client), SfmintError)


@pytest.mark.parametrize(
    "changes",
    [
        {"connection": "other"},
        {"connection": ""},
        {"connection": "my-org "},
        {"fingerprint": "0123456789abcdef"},
        {"fingerprint": ""},
        {"access_token": "00D000000000001!CANARY"},
    ],
)
def test_a_token_of_another_connection_or_name_is_not_used(
    client: TokenClient, lambda_service: LambdaService, changes: dict[str, str]
) -> None:
    lambda_service.answer_with(an_answer() | changes, an_answer())

    error = refused(client)

    assert type(error) is InternalError
    assert alias_arn() in str(error)
    assert "CANARY" not in repr(error)
    assert client.get_token().connection == "my-org"  # and it was not kept


@given(name=st.text() | st.just("Runtime.ExitError"), message=st.text())
@example(name="A" * 65, message="")
@example(name="00D000000000001!CANARY", message="")
@example(name="Newer\n", message="00D000000000001!CANARY " * 999)
@example(name="Newer", message="two\nlines")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_failed_function_says_is_shown_on_one_short_line(
    client: TokenClient, lambda_service: LambdaService, name: str, message: str
) -> None:
    lambda_service.answer_with(FunctionError({"errorType": name, "errorMessage": message}))

    error = refused(client)

    assert re.fullmatch(r"[A-Za-z0-9]{1,64}", error.name)
    assert len(str(error)) <= 1100
    assert str(error).isprintable()
    assert "CANARY" not in repr(error)


def errors_of_the_broker() -> Iterator[str]:
    for path in sorted((places.ROOT / "events/token_broker").glob("*.answer.json")):
        answer = json.loads(path.read_text())
        if "errorMessage" in answer:
            yield answer["errorMessage"]


@pytest.mark.parametrize("message", [*errors_of_the_broker()])
def test_the_brokers_own_messages_are_shown_as_they_are(
    client: TokenClient, lambda_service: LambdaService, message: str
) -> None:
    lambda_service.answer_with({"errorType": "InternalError", "errorMessage": message})

    assert str(refused(client)) == message


@pytest.mark.parametrize(
    "arn",
    [
        "acme-token-broker",
        "arn:aws:lambda:us-east-1:123456789012:function:acme-token-broker",
        "arn:aws:lambda:us-east-1:123456789012:function:acme-token-broker:my-org:more",
        "arn:aws:sqs:us-east-1:123456789012:function:acme-token-broker:my-org",
    ],
)
def test_an_arn_that_is_no_aliass_is_refused_at_once(arn: str) -> None:
    with pytest.raises(AliasNotFound, match="/sfmint/STACK/connections/NAME/broker"):
        TokenClient("my-org", alias_arn=arn)


@pytest.mark.parametrize("place", [{"stack": "acme"}, {"alias_arn": alias_arn()}])
def test_no_error_shows_what_botocore_said(
    make_client: MakeClient, lambda_service: LambdaService, place: dict[str, str]
) -> None:
    lambda_service.ssm_refusal = Refusal(403, "AccessDeniedException", "CANARY")
    lambda_service.answer_with(lambda_service.ssm_refusal)

    error = refused(make_client(**place))

    assert "CANARY" not in str(error)
    assert error.__suppress_context__
