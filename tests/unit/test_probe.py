"""What a probe makes of AWS's and Salesforce's answers, whatever they are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from botocore.parsers import ResponseParserError
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from prober.asking import AwsAsker
from prober.probe import MARGIN_S, QUESTION_S, Answer, Finding, Probe, Verdict
from prober.questions import Ground, Question, questions
from sfmint_client.errors import SalesforceUnavailable, SfmintError
from sfmint_values.aws_codes import ACCESS_DENIED

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True)
GROUND = Ground(
    stack="acme",
    connection="orders",
    connections=("orders", "other"),
    broker_arn="arn:aws:lambda:r:1:function:acme-token-broker",
    key_arn="k",
    table="acme-Table-1",
)
EVERY = list(questions(GROUND))
A_QUESTION = EVERY[0]


@dataclass
class Clock:
    """Time that each question takes some of."""

    at: float = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Asker:
    """Gives the answers that it is told to, in turn."""

    verdicts: list[Verdict]
    clock: Clock = field(default_factory=Clock)
    takes_s: float = 0.0
    asked: int = 0

    def ask(self, _: Question) -> Answer:
        verdict = self.verdicts[self.asked]
        self.asked += 1
        self.clock.sleep(self.takes_s)
        return Answer(verdict=verdict, code="c")


@dataclass
class Caller:
    """Uses a token, or does not."""

    error: SfmintError | None = None

    def use_token(self, within_s: float) -> None:
        assert within_s > 0
        if self.error:
            raise self.error


def probed(
    verdicts: list[Verdict], error: SfmintError | None = None, *, takes_s: float = 0.0, within_s: float = 120.0
) -> tuple[Finding, Asker]:
    clock = Clock()
    asker = Asker(verdicts, clock, takes_s)
    probe = Probe("orders", caller=Caller(error), asker=asker, questions=[A_QUESTION] * len(verdicts), clock=clock)
    return probe.run(within_s=within_s), asker


@given(verdicts=st.lists(st.sampled_from(Verdict), max_size=20), fails=st.booleans())
def test_every_question_is_asked_and_counted_once_whatever_the_others_say(verdicts: list[Verdict], fails: bool) -> None:  # noqa: FBT001
    found, asker = probed(verdicts, SalesforceUnavailable("Down. Wait.") if fails else None)
    assert asker.asked == len(verdicts)
    counts = (found.refused, len(found.allowed), len(found.unanswered))
    assert counts == tuple(verdicts.count(each) for each in (Verdict.REFUSED, Verdict.ALLOWED, Verdict.UNANSWERED))
    assert found.failed == (fails or Verdict.UNANSWERED in verdicts)  # a hole alone is no failure: callers are served
    assert found.to_json().get("error") == ("SalesforceUnavailable" if fails else None)
    holes = [verdict is Verdict.ALLOWED for verdict in verdicts]
    assert found.not_refused == (any(holes) if any(holes) or Verdict.UNANSWERED not in verdicts else None)


@given(count=st.integers(0, 30), takes_s=st.floats(0, 60), within_s=st.floats(0, 200))
def test_a_probe_ends_in_its_time_and_says_what_it_did_not_ask(count: int, takes_s: float, within_s: float) -> None:
    found, asker = probed([Verdict.REFUSED] * count, takes_s=takes_s, within_s=within_s)
    assert asker.asked == found.refused
    assert found.refused + len(found.unanswered) == count
    last_began = max(0.0, asker.clock.at - takes_s)
    assert asker.asked == 0 or last_began + QUESTION_S <= within_s - MARGIN_S


def answering(error: Exception | None, status: int = 200) -> Callable[[str], Any]:
    class Client:
        def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
            return self.answer

        def answer(self, **_: object) -> dict[str, Any]:
            if error:
                raise error
            return {"ResponseMetadata": {"HTTPStatusCode": status}}

    return lambda _: Client()


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetParameter")  # type: ignore[typeddict-item]


@pytest.mark.parametrize("code", sorted(ACCESS_DENIED))
def test_only_a_denial_is_a_refusal(code: str) -> None:
    assert AwsAsker(answering(refusal(code))).ask(A_QUESTION).verdict is Verdict.REFUSED


@given(code=st.text(max_size=70), status=st.integers(100, 599))
def test_no_other_code_is_ever_taken_for_a_refusal_or_shown_unless_it_is_one(code: str, status: int) -> None:
    answer = AwsAsker(answering(refusal(code, status))).ask(A_QUESTION)
    assert (answer.verdict is Verdict.REFUSED) == (code in ACCESS_DENIED)
    assert answer.code.isascii()
    assert len(answer.code) <= 64


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://x"),
        ConnectTimeoutError(endpoint_url="https://x"),
        ResponseParserError("page"),
        ValueError("page"),
        refusal("ServiceUnavailable", 503),
        refusal("TooManyRequestsException", 429),
        refusal("UnrecognizedClientException", 403),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_says_nothing_of_rights_is_unanswered(error: Exception) -> None:
    assert AwsAsker(answering(error)).ask(A_QUESTION).verdict is Verdict.UNANSWERED


@pytest.mark.parametrize("question", EVERY, ids=lambda question: question.wish)
def test_what_was_done_was_allowed(question: Question) -> None:
    done = 204 if question.operation == "invoke" else 200  # Lambda's word for a dry run that would do it
    asker = AwsAsker(answering(None, done))
    assert asker.ask(question) == Answer(verdict=Verdict.ALLOWED, code="it was done")


def test_a_page_in_the_place_of_a_dry_run_is_unanswered() -> None:
    [question, *_] = [each for each in EVERY if each.operation == "invoke"]
    assert AwsAsker(answering(None, 200)).ask(question).verdict is Verdict.UNANSWERED


# What AWS tells nobody who may not; all else, such as that a key is disabled, it may say before it looks at rights.
LETS_IN = {
    "encrypt": {"DryRunOperationException"},
    "get_item": {"ResourceNotFoundException"},
    "get_parameter": {"ParameterNotFound"},
    "get_parameters_by_path": set(),
    "get_secret_value": {"ResourceNotFoundException"},
    "invoke": {"ResourceNotFoundException"},
}
COMMON = ("AccountSuspended", "OptInRequired", "RequestExpired", "SubscriptionRequiredException", "ValidationException")


@pytest.mark.parametrize("operation", sorted(LETS_IN))
def test_of_all_that_aws_may_say_only_what_needs_a_right_shows_one(operation: str) -> None:
    [question, *_] = [each for each in EVERY if each.operation == operation]
    service = get_session().get_service_model(question.service)
    codes = {*COMMON, *(shape.name for shape in service.error_shapes)} - ACCESS_DENIED
    assert codes >= LETS_IN[operation]
    said = {code: AwsAsker(answering(refusal(code))).ask(question).verdict for code in sorted(codes)}
    assert {code for code, verdict in said.items() if verdict is Verdict.ALLOWED} == LETS_IN[operation]
    assert Verdict.REFUSED not in said.values()


@given(connections=st.sets(NAMES, min_size=1, max_size=8), data=st.data(), table=st.sampled_from(["", "acme-Table-1"]))
def test_the_questions_are_about_all_but_what_the_policy_gives_and_change_nothing(
    connections: set[str], data: st.DataObject, table: str
) -> None:
    own = data.draw(st.sampled_from(sorted(connections)))
    broker = "arn:aws:lambda:r:1:function:acme-token-broker"
    ground = Ground(stack="acme", connection=own, connections=connections, broker_arn=broker, key_arn="k", table=table)
    asked = list(questions(ground))
    assert len({question.wish for question in asked}) == len(asked) == 3 * len(connections) + 11 + bool(table)
    for question in asked:
        assert question.parameters.get("FunctionName") != f"{broker}:{own}"
        match question.operation:
            case "invoke":
                assert question.parameters["InvocationType"] == "DryRun"
            case "encrypt":
                assert question.parameters["DryRun"] is True
            case _:
                assert question.operation.startswith("get_")
