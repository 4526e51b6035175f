"""`sfmint explain`."""

import json
from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

import pytest

from cli.command_line import CommandLine
from lambda_service import DENIED
from sfmint import errors as core_errors
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS, classify
from sfmint.salesforce.vocabulary import OF_THE_STACK, Vocabulary
from sfmint_cli.login_history import LOGIN_HISTORY, SAME_AS
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


BESIDE_THE_TABLE = [
    ("invalid_grant", "something new"),
    ("invalid_request", "a new rule of ours"),
    ("invalid_grant", "authentication failure"),
    ("invalid_grant", "Authentication failure: invalid assertion"),
    ("invalid_request", "refresh_token scope is required and the connected app should be installed and preauthorized."),
    ("login_error", "who knows"),
    ("server_error", "audience is invalid"),
    ("invalid_grant", "user hasn't approved this consumer"),
    ("invalid_request", "The connected app should be installed and pre-authorized"),
]
MARKS = [
    "\u2019",
    "\u02bc",
    "\u2032",
    "\uff07",
    "`",
    "\xb4",
    "&#39;",
    "&amp;#39;",
    "&apos;",
    "\\u0027",
    "\\'",
    "''",
    " ",
    "",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("error", "description"), BESIDE_THE_TABLE)
def test_an_answer_means_what_it_means_to_the_broker(
    sfmint: CommandLine, form: str, error: str, description: str
) -> None:
    document = sfmint("explain", FORMS[form](error, description), "--json").document
    assert document["reason"] == classify(400, error, description).code


@pytest.mark.parametrize("form", ["json", "indented json", "form", "a pair", "a log"])
@pytest.mark.parametrize("mark", MARKS)
def test_an_apostrophe_of_any_shape_means_what_it_means_to_the_broker(
    sfmint: CommandLine, form: str, mark: str
) -> None:
    description = f"user hasn{mark}t approved this consumer"
    document = sfmint("explain", FORMS[form]("invalid_grant", description), "--json").document
    assert document["reason"] == classify(400, "invalid_grant", description).code == "user_not_approved"


@pytest.mark.parametrize("form", ["json", "indented json", "form", "redirect"])
def test_an_error_that_nobody_knows_is_one_of_the_login_where_it_is_an_answer_of_the_token_endpoint(
    sfmint: CommandLine, form: str
) -> None:
    assert sfmint("explain", FORMS[form]("new_error", "new words"), "--json").document["reason"] == "refused"


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
        ("invalid_grant", "invalid_grant", "sfmint login"),
        ("invalid_request", "invalid_request", "with its error_description"),
        ("invalid_grant: authentication failure", "AssertionRejected", "sfmint keys new"),
        ("INVALID_LOGIN: Invalid username, password, security token", "INVALID_LOGIN", "sfmint keys new"),
        (
            f"ClientError: An error occurred ({DENIED.code}) {DENIED.message}",
            "InvokeForbidden",
            "STACK-get-token-NAME-REGION",
        ),
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


PASTED = [
    # Login History, and LOGIN_STATUS of event logs
    ("Failed: Not approved for access", "AssertionRejected", "assign the permission set"),
    ("Failed: Restricted Domain", "AssertionRejected", "My Domain"),
    ("Restricted domain", "AssertionRejected", "My Domain"),
    (
        "11/28/2026 08:12 CET\t3.120.0.1\tRemote Access 2.0\tUser is Frozen\torders",
        "AssertionRejected",
        "unlock the user",
    ),
    ("User is Inactive", "AssertionRejected", "activate"),
    ("Password Lockout", "AssertionRejected", "unlock"),
    ("LOGIN_ERROR_USER_FROZEN", "AssertionRejected", "unlock"),
    ("Restricted IP", "AssertionRejected", "IP ranges"),
    ("Restricted time", "AssertionRejected", "login hours"),
    ("Failed: IP Address Not Allowed", "AssertionRejected", "IP ranges"),
    ("Login rate exceeded", "LoginRateExceeded", "Login History"),
    ("LOGIN_OAUTH_EXCEED_GET_AT_LMT", "LoginRateExceeded", "wait"),
    ("Failed: Signature Invalid/Configured Certificate Mismatch", "AssertionRejected", "upload the certificate"),
    ("Failed: Audience Invalid", "AssertionRejected", "audience"),
    ("Organization is in maintenance", "SalesforceUnavailable", "later"),
    ("Invalid Password", "LoginHistory", "sfmint keys new"),
    ("Failed: Computer Activation required", "LoginHistory", "Network Access"),
    ("Failed: API security token required", "LoginHistory", "with a key"),
    ("Failed: OAuth API access disabled", "LoginHistory", "API Enabled"),
    # sessions
    (
        (
            "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session"
            " hash: abc This error usually occurs after a session expires or a user logs out."
        ),
        "INVALID_SESSION_ID",
        "rejected",
    ),
    ("Illegal Session. Session not found", "INVALID_SESSION_ID", "rejected"),
    ("Bad_OAuth_Token", "Bad_OAuth_Token", "rejected"),
    ("403 Forbidden: Bad_OAuth_Token", "Bad_OAuth_Token", "limits"),
    # AWS
    ("2026-11-28T08:00:00Z 5f Task timed out after 3.00 seconds", "BrokerUnavailable", "time-out"),
    (
        '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 5f Error: Task timed out"}',
        "BrokerUnavailable",
        "NAT",
    ),
    (
        (
            "botocore.exceptions.ClientError: An error occurred (ExpiredTokenException) when calling the Invoke operation: The"
            " security token included in the request is expired"
        ),
        "NotConfigured",
        "aws sso login",
    ),
    ("An error occurred (ExpiredToken) when calling the GetParameter operation", "NotConfigured", "renew"),
    ("UnrecognizedClientException", "NotConfigured", "renew"),
    ("NoCredentialsError: Unable to locate credentials", "NotConfigured", "AWS_PROFILE"),
    (
        "An error occurred (TooManyRequestsException) when calling the Invoke operation: Rate Exceeded.",
        "BrokerUnavailable",
        "pause",
    ),
    ("ThrottlingException: Rate exceeded", "BrokerUnavailable", "pause"),
    (
        "ResourceNotFoundException: Function not found: arn:aws:lambda:eu-central-1:123456789012:function:x:orders",
        "AliasNotFound",
        "Connections",
    ),
    (
        "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
        "CERTIFICATE_VERIFY_FAILED",
        "--ca-bundle",
    ),
    ("ModuleNotFoundError: No module named 'sfmint_client'", "ModuleNotFoundError", "client layer"),
    (
        '{"errorMessage": "Unable to import module \'app\': No module named \'sfmint_client\'", "errorType": "Runtime.ImportModuleError"}',
        "ModuleNotFoundError",
        "client layer",
    ),
    (
        "Runtime.ImportModuleError: Unable to import module 'app': No module named 'x'",
        "Runtime.ImportModuleError",
        "package",
    ),
    (
        '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 5f Error: Runtime exited with error: signal: killed"}',
        "BrokerUnavailable",
        "Max Memory Used",
    ),
    (
        (
            "An error occurred (AccessDeniedException) when calling the GetParameter operation: User: arn:aws:sts::1:x is not"
            " authorized to perform: ssm:GetParameter"
        ),
        "DiscoveryForbidden",
        "STACK-get-token-NAME-REGION",
    ),
    ("AccessDeniedException: not authorized to perform: kms:Decrypt", "AccessDeniedException", "right that it names"),
    # codes that nobody knows
    ("SOME_NEW_VALIDATION_CODE: the field Amount is odd", "SalesforceBadRequest", "StatusCode"),
    ('[{"errorCode":"BRAND_NEW_CODE","message":"no"}]', "SalesforceBadRequest", "message beside the code"),
]


PASTED += [
    ("curl: (6) Could not resolve host: acme.my.salesforce.com", "ConnectionError", "spelling of the host"),
    ("[Errno -3] Temporary failure in name resolution", "ConnectionError", "spelling of the host"),
    ("Error: connect ECONNREFUSED 10.0.0.1:443", "ConnectionError", "firewall"),
    (
        "curl: (60) SSL certificate problem: unable to get local issuer certificate",
        "CERTIFICATE_VERIFY_FAILED",
        "SSL_CERT_FILE",
    ),
    ("ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number", "ConnectionError", "proxy"),
    ("HTTPSConnectionPool(host='x', port=443): Read timed out. (read timeout=10)", "ConnectionError", "a write"),
    (
        'HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error="invalid_token"',
        "INVALID_SESSION_ID",
        "rejected",
    ),
    ('{"Error": "States.Timeout"}', "States.Timeout", "TimeoutSeconds"),
    ("Lambda.Unknown", "BrokerUnavailable", "memory"),
    ("States.DataLimitExceeded", "AnswerTooLarge", "max_bytes"),
    ("Stack sfmint is in ROLLBACK_COMPLETE state", "CloudFormation", "events of the stack"),
    ("Requires capabilities : [CAPABILITY_NAMED_IAM]", "CloudFormation", "capabilities"),
    ("Status Code: 429", "SalesforceRateLimited", "Call less often"),
    ('{"statusCode": 403}', "SalesforceForbidden", "permission"),
    ("503 Service Unavailable", "SalesforceUnavailable", "status.salesforce.com"),
    ("unable to obtain exclusive access to this record or 1 records", "SalesforceBusy", "in parallel"),
    ("The config profile (orders) could not be found", "NotConfigured", "credentials"),
    (
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
        "ConnectionNotFound",
        "connection add",
    ),
]


@pytest.mark.parametrize(
    "text", ["AWS_LAMBDA_FUNCTION_NAME", "MY_SETTING=7", "Timeout while we waited", "Unknown option -x"]
)
def test_what_is_no_code_of_salesforce_is_not_taken_for_one(sfmint: CommandLine, text: str) -> None:
    assert sfmint("explain", text).code == 1


@pytest.mark.parametrize(("text", "name", "words"), PASTED, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize(
    "form", [str, lambda text: f"2026-11-28 ERROR worker-7:\n  {text}\nend", lambda text: json.dumps({"log": text})]
)
def test_what_strangers_paste_first_is_known(
    sfmint: CommandLine, text: str, name: str, words: str, form: Callable[[str], str]
) -> None:
    document = sfmint("explain", form(text), "--json").document
    assert document["name"] == name
    assert words in " ".join(document["remedy"])


STATUSES = [status for statuses in SAME_AS.values() for status in statuses]


@pytest.mark.parametrize("status", [*STATUSES, *(said for row in LOGIN_HISTORY for said in row.said)])
@pytest.mark.parametrize("case", [str, str.upper, str.title])
def test_every_status_of_login_history_is_known(sfmint: CommandLine, status: str, case: Callable[[str], str]) -> None:
    assert sfmint("explain", case(status), "--json").document["name"] in {
        "AssertionRejected",
        "LoginHistory",
        "LoginRateExceeded",
        "SalesforceForbidden",  # a code of requests too
        "SalesforceUnavailable",
    }


def test_what_an_unknown_code_means_is_said_without_the_code(sfmint: CommandLine) -> None:
    ended = sfmint("explain", "BRAND_NEW_CODE")
    assert "an error of your request's data, not of the login" in ended.stdout
    assert "BRAND" not in ended.stdout


@pytest.mark.parametrize(
    "text",
    [
        "&#" + "9" * 5000 + ";",
        "&#x" + "9" * 5000,
        "&#" * 9000,
        '{"a": ' + "9" * 5000 + "}",
        "{" * 50_000,
        "[" * 100_000,
        '{"error":' * 20_000,
        "%" * 9000,
        "\ud800",
        "\x00" * 100,
        "A_" * 50_000,
    ],
    ids=lambda text: text[:8],
)
def test_no_text_is_too_much(sfmint: CommandLine, text: str) -> None:
    for said in (text, f"{text} invalid_client_id"):
        ended = sfmint("explain", "-", "--json", piped=said.encode(errors="surrogatepass"))
        assert ended.document.get("error", {}).get("name", "UnknownError") == "UnknownError"


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
