"""`sfmint explain`."""

import json
from urllib.parse import quote_plus, urlencode

import pytest

from cli.command_line import CommandLine
from lambda_service import DENIED
from sfmint import errors as core_errors
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint.salesforce.vocabulary import OF_THE_STACK, Vocabulary
from sfmint_cli.vocabulary import OF_OPTIONS
from sfmint_client import errors as client_errors
from sfmint_client.rest.refusals.table import MEANINGS

ANSWERS = [(reason, error, part) for reason in REASONS.values() for error, part in reason.answers]
FORMS = {
    "json": lambda error, text: json.dumps({"error": error, "error_description": text}),
    "indented json": lambda error, text: json.dumps({"error_description": text, "error": error}, indent=4),
    "escaped json": lambda error, text: json.dumps({"error": error, "error_description": text}).replace("'", "\\u0027"),
    "form": lambda error, text: urlencode({"error": error, "error_description": text}),
    "redirect": lambda error, text: f"https://localhost/cb?error={error}&error_description={quote_plus(text)}",
    "a pair": lambda error, text: f"{error}: {text}",
    "upper case": lambda error, text: f"{error}: {text}".upper(),
    "curly": lambda error, text: f"{error}: {text}".replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
    "html": lambda error, text: f"<p>{error}: {text.replace(chr(39), '&#39;')}</p>",
    "a log": lambda error, text: (
        f"2026-11-24 12:00 ERROR job died\n  File app.py\nHTTPError 400 {{'error': '{error}',"
        f" 'error_description': '{text}'}}\nsee above"
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("reason", "error", "part"), ANSWERS, ids=lambda value: getattr(value, "code", value))
def test_every_answer_of_salesforce_is_known_in_every_form(
    sfmint: CommandLine, form: str, reason: Reason, error: str, part: str
) -> None:
    document = sfmint("explain", FORMS[form](error, part or "whatever it says"), "--json").document
    assert (document["name"], document["reason"]) == (reason.error.__name__, reason.code)
    assert document["cause"] == reason.told().cause
    assert document["remedy"] == list(reason.told().steps)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
@pytest.mark.parametrize("vocabulary", [OF_THE_STACK, OF_OPTIONS], ids=["stack", "options"])
def test_an_error_of_sfmint_is_known_by_its_words(sfmint: CommandLine, reason: Reason, vocabulary: Vocabulary) -> None:
    error = reason.to_error("it is HTTP 302", vocabulary)
    text = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
    assert sfmint("explain", text, "--json").document["reason"] == reason.code


@pytest.mark.parametrize("code", REASONS)
def test_a_code_of_sfmint_alone_is_known(sfmint: CommandLine, code: str) -> None:
    assert sfmint("explain", code, "--json").document["reason"] == code


def names() -> list[str]:
    return sorted(
        {kind.__name__ for kind in core_errors.SfmintError.__subclasses__()}
        | {kind.__name__ for kind in client_errors.SfmintError.__subclasses__()}
    )


@pytest.mark.parametrize("name", names())
def test_every_name_of_an_error_has_a_cause_and_a_remedy(sfmint: CommandLine, name: str) -> None:
    document = sfmint("explain", f"States.TaskFailed {name}: (no message)", "--json").document
    assert document["name"] == name
    assert document["cause"].endswith(".")
    assert document["remedy"][0].endswith(".")
    assert document["again"] in {"yes", "no", "after a pause"}


# Two are the token endpoint's too, or a password's, and are taken for that.
OF_REQUESTS = {code for meaning in MEANINGS for code in meaning.codes} - {"INVALID_CLIENT", "INVALID_LOGIN"}


@pytest.mark.parametrize("code", sorted(OF_REQUESTS))
def test_a_refused_request_is_known_by_its_code(sfmint: CommandLine, code: str) -> None:
    text = json.dumps([{"message": "This session is not valid for use with the REST API", "errorCode": code}])
    assert sfmint("explain", text, "--json").document["reason"] == code


def test_an_expired_session_is_told_from_one_that_may_not_use_rest(sfmint: CommandLine) -> None:
    expired = sfmint("explain", '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]')
    assert "ask the broker again with its fingerprint as rejected" in expired.stdout
    barred = sfmint("explain", "INVALID_SESSION_ID: This session is not valid for use with the REST API")
    assert "API Access Control" in barred.stdout
    assert "API Access Control" not in sfmint("explain", "INVALID_SESSION_ID: for another reason").stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("invalid_client_id", "unknown_client"),
        ("user hasn't approved this consumer", "user_not_approved"),
        ("invalid_client_id: invalid assertion", "unknown_client"),  # the pair counts, as it does for the broker
        ("unknown_error: retry your request. Earlier: nothing", "salesforce_fault"),
    ],
)
def test_a_piece_is_enough(sfmint: CommandLine, text: str, reason: str) -> None:
    assert sfmint("explain", text, "--json").document["reason"] == reason


@pytest.mark.parametrize(
    "text", ["", "hello", "HTTP 200", "connection refused", "host unreachable", "{", "not_invalid_client_at_all"]
)
def test_what_nobody_knows_is_said_to_be_unknown(sfmint: CommandLine, text: str) -> None:
    ended = sfmint("explain", text)
    assert ended.code == 1
    assert ended.cause == "No error in this text is one that sfmint knows."
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("invalid_grant", "invalid_grant", "with its error_description"),
        ('{"error":"invalid_grant","error_description":"something new"}', "invalid_grant", "sfmint login"),
        ("invalid_grant: authentication failure", "INVALID_LOGIN", "sfmint keys new"),
        ("INVALID_LOGIN: Invalid username, password, security token", "INVALID_LOGIN", "sfmint keys new"),
        (f"ClientError: An error occurred ({DENIED.code}) {DENIED.message}", "InvokeForbidden", "STACK-get-token-NAME"),
        ("HTTP 503", "SalesforceUnavailable", "status.salesforce.com"),
        ("HTTP/1.1 429 Too Many Requests", "SalesforceRateLimited", "Call less often"),
        ("HTTPError: 503 Server Error: Service Unavailable for url", "SalesforceUnavailable", "later"),
        ('[{"message":"unexpected token: FORM","errorCode":"MALFORMED_QUERY"}]', "SalesforceBadRequest", "SOQL"),
        ("UNABLE_TO_LOCK_ROW: unable to obtain exclusive access", "SalesforceBusy", "after a pause"),
        ("ENTITY_IS_DELETED", "SalesforceNotFound", "Recycle Bin"),
    ],
)
def test_what_people_meet_beside_the_tables_is_known(sfmint: CommandLine, text: str, name: str, words: str) -> None:
    document = sfmint("explain", text, "--json").document
    assert document["name"] == name
    assert words in " ".join(document["remedy"])


def test_the_codes_of_refused_requests_that_people_meet_are_in_the_table() -> None:
    assert {
        "DUPLICATE_VALUE",
        "ENTITY_IS_DELETED",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INVALID_FIELD",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "NOT_FOUND",
        "REQUIRED_FIELD_MISSING",
        "SERVER_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
    } <= OF_REQUESTS


def test_what_is_unknown_may_be_a_request_too(sfmint: CommandLine) -> None:
    assert "errorCode" in sfmint("explain", "hello").remedy


def test_a_text_that_is_cut_is_told(sfmint: CommandLine) -> None:
    text = "invalid_client_id " + "x" * 300_000
    for ended in (sfmint("explain", "-", piped=text.encode()), sfmint("explain", text)):
        assert ended.code == 0
        assert "warning: The text is longer than 256 KB" in ended.stderr
    assert "warning" not in sfmint("explain", "-", piped=b"invalid_client_id").stderr


def test_the_text_may_come_from_stdin(sfmint: CommandLine) -> None:
    ended = sfmint("explain", "-", piped=b"\xff\x00 invalid_app_access: user is not admin approved")
    assert "user_not_admin_approved" in ended.stdout


@pytest.mark.parametrize("text", ["{} invalid_client_id", "{}"])
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_token_in_the_text_is_never_shown_again(sfmint: CommandLine, text: str, flags: tuple[str, ...]) -> None:
    sfmint.phrases.add("canary")
    ended = sfmint("explain", text.format("00D000000000001AAA!canary.canary"), *flags)
    assert ended.code in {0, 1}


def test_a_token_in_a_command_line_that_is_wrong_is_not_shown_either(sfmint: CommandLine) -> None:
    sfmint.phrases.add("canary")
    assert sfmint("explain", "a", "00D000000000001AAA!canary.canary").code == 2
    assert sfmint("00D000000000001AAA!canary.canary").code == 2


def test_a_person_reads_the_steps_in_lines(sfmint: CommandLine) -> None:
    ended = sfmint("explain", "invalid_grant: audience is invalid")
    steps = REASONS["wrong_audience"].told().steps
    assert [line.strip() for line in ended.stdout.splitlines()[-len(steps) :]] == [
        f"remedy  - {steps[0]}",
        *(f"- {step}" for step in steps[1:]),
    ]
