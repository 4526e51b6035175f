"""The table of Salesforce's answers: each has its class, its pause, its remedy, and what to look at first."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.errors import AssertionRejected, CacheUnavailable, LoginRateExceeded, SalesforceUnavailable, SfmintError
from sfmint.salesforce.login_failures.reading import is_page
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed, classify, recall

PERMANENT, PROPAGATING, RATE, TRANSIENT = Backoff.PERMANENT, Backoff.PROPAGATING, Backoff.RATE, Backoff.TRANSIENT
REFUSED, LIMITED, DOWN = AssertionRejected, LoginRateExceeded, SalesforceUnavailable

NOT_PREAUTHORIZED = "refresh_token scope is required and the connected app should be installed and preauthorized."

# Salesforce's answers as they are seen: error, description, our class, how it is left alone, a word of the remedy.
ANSWERS: list[tuple[str, str, type[SfmintError], Backoff, str]] = [
    ("invalid_grant", "user hasn't approved this consumer", REFUSED, PROPAGATING, "Pre-authorise"),
    ("invalid_app_access", "user is not admin approved to access this app", REFUSED, PROPAGATING, "permission set"),
    ("invalid_grant", "audience is invalid", REFUSED, PERMANENT, "audience"),
    ("invalid_grant", "audience validation failed", REFUSED, PERMANENT, "audience"),
    ("invalid_grant", "invalid assertion", REFUSED, PROPAGATING, "certificate"),
    ("invalid_grant", "expired authorization code", REFUSED, PERMANENT, "clock"),
    ("invalid_grant", "ip restricted", REFUSED, PERMANENT, "IP ranges"),
    ("invalid_grant", "ip restricted or invalid login hours", REFUSED, PERMANENT, "login hours"),
    ("invalid_grant", "invalid login hours", REFUSED, PERMANENT, "login hours"),
    ("invalid_grant", "inactive user", REFUSED, PERMANENT, "Activate"),
    ("invalid_grant", "user is locked", REFUSED, PERMANENT, "unlock"),
    ("inactive_user", "", REFUSED, PERMANENT, "Activate"),
    ("inactive_org", "", REFUSED, PERMANENT, "sandboxes"),
    ("invalid_grant", "login rate exceeded", LIMITED, RATE, "hour"),
    ("rate_limit_exceeded", "", LIMITED, RATE, "hour"),
    ("invalid_grant", "request not supported on this domain", REFUSED, PERMANENT, "My Domain"),
    ("invalid_request", "request not supported on this domain", REFUSED, PERMANENT, "token_host"),
    ("invalid_client_id", "client identifier invalid", REFUSED, PROPAGATING, "consumer_key"),
    ("invalid_client", "client identifier invalid", REFUSED, PROPAGATING, "consumer_key"),
    ("app_not_found", "external client app is not installed in this org", REFUSED, PROPAGATING, "My Domain"),
    ("OAUTH_EC_APP_NOT_FOUND", "", REFUSED, PROPAGATING, "My Domain"),
    ("OAUTH_APP_BLOCKED", "this app is blocked by admin", REFUSED, PERMANENT, "unblock"),
    ("OAUTH_APP_ACCESS_DENIED", "", REFUSED, PROPAGATING, "permission set"),
    ("unsupported_grant_type", "grant type not supported", REFUSED, PERMANENT, "My Domain"),
    ("invalid_request", "grant type not supported", REFUSED, PERMANENT, "My Domain"),
    ("invalid_request", "missing required parameter: grant_type", REFUSED, PERMANENT, "My Domain"),
    ("invalid_request", NOT_PREAUTHORIZED, REFUSED, PROPAGATING, "scope refresh_token"),
    ("invalid_grant", NOT_PREAUTHORIZED, REFUSED, PROPAGATING, "Pre-authorise"),
    ("invalid_request", "the connected app should be installed and preauthorized", REFUSED, PROPAGATING, "install"),
    ("invalid_request", "", REFUSED, PERMANENT, "Login History"),
    ("invalid_request", "something new", REFUSED, PERMANENT, "Login History"),
    ("invalid_grant", "authentication failure", REFUSED, PERMANENT, "Login History"),
    ("invalid_grant", "inactive organization", REFUSED, PERMANENT, "sandboxes"),
    ("invalid_grant", "rate limit exceeded", LIMITED, RATE, "hour"),
    ("invalid_client_credentials", "", REFUSED, PROPAGATING, "consumer_key"),
    ("unauthorized_client", "", REFUSED, PROPAGATING, "JWT bearer"),
    ("OAUTH_APPROVAL_ERROR_GENERIC", "", REFUSED, PROPAGATING, "install"),
    ("unknown_error", "retry your request", DOWN, TRANSIENT, "later"),
    ("server_error", "", DOWN, TRANSIENT, "later"),
    ("temporarily_unavailable", "", DOWN, TRANSIENT, "later"),
    ("invalid_grant", "something new", REFUSED, PERMANENT, "Login History"),
    ("invalid_grant", "", REFUSED, PERMANENT, "Login History"),
    ("something_new", "", REFUSED, PERMANENT, "Login History"),
]


# Salesforce's own list, as its Mobile SDKs for Android and iOS mirror it; the two have four codes of their own.
LISTED: dict[str, tuple[type[SfmintError], Backoff, str]] = {
    "access_denied": (REFUSED, PROPAGATING, "permission set"),
    "app_attest_failed": (REFUSED, PROPAGATING, "turn that demand off"),
    "app_attest_failed_retry": (REFUSED, PROPAGATING, "turn that demand off"),
    "app_blocked": (REFUSED, PERMANENT, "unblock"),
    "app_not_found": (REFUSED, PROPAGATING, "My Domain"),
    "authorization_pending": (REFUSED, PERMANENT, "proxy"),
    "bad_jti_claim": (DOWN, TRANSIENT, "twice"),
    "client_blocked": (REFUSED, PERMANENT, "unblock"),
    "client_blocked_retry": (REFUSED, PROPAGATING, "turn that demand off"),
    "ecapp_policy_not_found": (REFUSED, PROPAGATING, "policies"),
    "exceeded_registration_limit": (REFUSED, PERMANENT, "proxy"),
    "fail_close_app_blocked": (REFUSED, PERMANENT, "unblock"),
    "failed_registration": (REFUSED, PERMANENT, "proxy"),
    "immediate_unsuccessful": (REFUSED, PERMANENT, "proxy"),
    "installation_error": (REFUSED, PROPAGATING, "install"),
    "invalid_app_access": (REFUSED, PROPAGATING, "permission set"),
    "invalid_assertion_type": (REFUSED, PERMANENT, "proxy"),
    "invalid_basic_auth_header": (REFUSED, PERMANENT, "proxy"),
    "invalid_client": (REFUSED, PROPAGATING, "consumer_key"),
    "invalid_client_id": (REFUSED, PROPAGATING, "consumer_key"),
    "invalid_distribution_state": (REFUSED, PROPAGATING, "My Domain"),
    "invalid_dpop_proof": (REFUSED, PROPAGATING, "turn that demand off"),
    "invalid_expid": (REFUSED, PERMANENT, "proxy"),
    "invalid_grant": (REFUSED, PERMANENT, "Login History"),
    "invalid_otp": (REFUSED, PERMANENT, "proxy"),
    "invalid_request": (REFUSED, PERMANENT, "Login History"),
    "invalid_scope": (REFUSED, PROPAGATING, "scopes"),
    "invalid_session_level": (REFUSED, PROPAGATING, "high assurance"),
    "invalid_token": (REFUSED, PERMANENT, "proxy"),
    "login_error": (REFUSED, PERMANENT, "Login History"),
    "oauth_flow_disabled": (REFUSED, PROPAGATING, "JWT bearer"),
    "oauth_policy_not_found": (REFUSED, PROPAGATING, "policies"),
    "otp_error": (REFUSED, PERMANENT, "proxy"),
    "redirect_uri_mismatch": (REFUSED, PERMANENT, "proxy"),
    "redirect_uri_missing": (REFUSED, PERMANENT, "proxy"),
    "registration_error": (REFUSED, PERMANENT, "proxy"),
    "server_error": (DOWN, TRANSIENT, "later"),
    "service_unavailable": (DOWN, TRANSIENT, "later"),
    "slow_down": (DOWN, TRANSIENT, "later"),
    "system_down": (DOWN, TRANSIENT, "later"),
    "unknown_error": (DOWN, TRANSIENT, "later"),
    "unsupported_expid": (REFUSED, PERMANENT, "proxy"),
    "unsupported_grant_type": (REFUSED, PERMANENT, "My Domain"),
    "unsupported_response_type": (REFUSED, PERMANENT, "proxy"),
    "unsupported_token_type": (REFUSED, PERMANENT, "proxy"),
    "use_dpop_nonce": (REFUSED, PROPAGATING, "turn that demand off"),
}


@pytest.mark.parametrize("description", ["", "words that nobody knows"])
@pytest.mark.parametrize("code", LISTED)
def test_every_code_that_salesforce_publishes_has_its_class_its_pause_and_its_remedy(
    code: str, description: str
) -> None:
    reason = classify(400, code, description)
    kind, backoff, word = LISTED[code]
    assert (reason.error, reason.backoff) == (kind, backoff)
    assert word.lower() in reason.told().remedy.lower()
    if code not in {"invalid_grant", "invalid_request"}:  # which say nothing without words
        assert reason.code != "refused"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409])
@pytest.mark.parametrize("code", [code for code, (kind, _, _) in LISTED.items() if kind is DOWN])
def test_what_passes_does_so_whatever_the_status(code: str, status: int) -> None:
    assert classify(status, code, "").backoff is TRANSIENT


@pytest.mark.parametrize("reason", [reason for reason in REASONS.values() if reason.answers], ids=lambda row: row.code)
def test_a_row_says_where_its_answer_is_known_from(reason: Reason) -> None:
    assert reason.source


@pytest.mark.parametrize("case", [str, str.upper, str.title])
@pytest.mark.parametrize(("error", "description", "kind", "backoff", "word"), ANSWERS)
def test_each_answer_of_salesforce_has_its_class_its_pause_and_its_remedy(
    error: str, description: str, kind: type[SfmintError], backoff: Backoff, word: str, case: Callable[[str], str]
) -> None:
    reason = classify(400, case(error), case(description))
    assert (reason.error, reason.backoff) == (kind, backoff)
    assert word.lower() in reason.told().remedy.lower()


@pytest.mark.parametrize(
    ("error", "description", "first", "also"),
    [
        ("invalid_grant", "invalid assertion", "upload the certificate", ("consumer_key", "token_host", "ten minutes")),
        ("invalid_grant", "expired authorization code", "set the clock", ("proxy",)),
        (
            "invalid_grant",
            "user hasn't approved this consumer",
            "pre-authorise the user",
            ("exact Username", "token_host and audience", "refresh_token", "ten minutes"),
        ),
        ("invalid_grant", "audience is invalid", "set audience", ("Connected App", "token_host")),
        ("invalid_app_access", "", "assign the permission set", ("ten minutes",)),
    ],
    ids=["wrong key", "clock", "no such user", "wrong audience", "not pre-authorised"],
)
def test_the_classic_mistakes_have_one_thing_to_look_at_first_and_the_rest_in_order(
    error: str, description: str, first: str, also: tuple[str, ...]
) -> None:
    steps = classify(400, error, description).told().steps
    assert steps[0].startswith(first)
    assert len(steps) == len(also) + 1
    for step, word in zip(steps[1:], also, strict=True):
        assert word in step


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("invalid assertion", "it does not say which"),
        ("user hasn't approved this consumer", "also says of a user that it does not know"),
    ],
)
def test_where_one_answer_stands_for_several_mistakes_the_cause_says_so(description: str, words: str) -> None:
    assert words in classify(400, "invalid_grant", description).cause


@pytest.mark.parametrize(
    "error",
    ["invalid_grant.", " invalid_grant ", "Invalid_Grant:", '"invalid_grant"', "invalid&#95;grant", "INVALID_GRANT"],
)
@pytest.mark.parametrize(
    "description",
    [
        "Audience is invalid.",
        "AUDIENCE IS INVALID",
        "audience\n is\tinvalid",
        "audience&nbsp;is&nbsp;invalid",
        "audience&amp;nbsp;is invalid!",
        "(audience is invalid)",
    ],
)
def test_case_dots_blanks_and_escapes_make_no_difference(error: str, description: str) -> None:
    assert classify(400, error, description).code == "wrong_audience"


@pytest.mark.parametrize(
    "text", ["&#" + "9" * 5000 + ";", "&#x" + "f" * 5000 + ";", "&#" * 5000, "&amp;#" + "9" * 9000]
)
def test_an_escape_without_end_is_read_to_an_end(text: str) -> None:
    assert classify(400, text, text).code == "refused"


def test_a_description_may_stand_among_other_words() -> None:
    assert classify(400, "invalid_grant", "Authentication failure: invalid assertion (401)").code == "wrong_key"


@pytest.mark.parametrize(
    "apostrophe",
    [
        "\N{RIGHT SINGLE QUOTATION MARK}",
        "\N{LEFT SINGLE QUOTATION MARK}",
        "`",
        "&amp;#39;",
        "&#39;",
        "&#x27;",
        "&apos;",
        "&rsquo;",
        "&#8217;",
        "&amp;amp;#39;",
        "\N{MODIFIER LETTER APOSTROPHE}",
        "\N{PRIME}",
        "\N{FULLWIDTH APOSTROPHE}",
        "\\u0027",
        "\\'",
        "\\\\u2019",
        "%27",
        "''",
        " ",
        "",
    ],
)
def test_an_apostrophe_may_be_curly_or_escaped(apostrophe: str) -> None:
    said = f"User hasn{apostrophe}t approved this consumer"
    assert classify(400, "invalid_grant", said).code == "user_not_approved"


@pytest.mark.parametrize(
    "said",
    [
        "The connected app should be installed and pre-authorized",
        "refresh token scope is required",
        "refresh_token\u200b scope\\nis&nbsp;required",
        "REFRESH&#95;TOKEN SCOPE IS REQUIRED (ErrorId: 12-34)",
    ],
)
def test_hyphens_underscores_and_invisible_signs_make_no_difference(said: str) -> None:
    assert classify(400, "invalid_request", said).code == "not_preauthorized"


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("text/html", "<p>Stay connected</p>", True),
        ("text/html", "", True),
        ("text/html", ' \n{"error": "invalid_grant"}', False),
        ("", "\n<!DOCTYPE html><html>", True),
        ("text/plain", "<html lang='en'>", True),
        ("application/xhtml+xml", "<HTML>", True),
        ("application/xml", "<OAuth><error>invalid_grant</error></OAuth>", False),
        ("application/json", '{"error": "invalid_grant"}', False),
    ],
)
def test_a_page_is_told_by_what_it_holds(kind: str, body: str, *, expected: bool) -> None:
    assert is_page(kind, body) is expected


@pytest.mark.parametrize("error", [" invalid_client_id", "invalid_client_id\n", "\tInvalid_Client_ID "])
def test_blanks_around_an_error_do_not_count(error: str) -> None:
    assert classify(400, error, "").code == "unknown_client"


def test_a_request_at_the_wrong_domain_is_told_from_a_host_that_knows_no_such_grant() -> None:
    assert classify(400, "invalid_request", "Request not supported on this domain").code == "wrong_domain"
    assert classify(400, "invalid_request", "grant type missing").code == "not_a_token_endpoint"


def test_every_answer_that_the_table_knows_is_tried_here() -> None:
    known = {(error, part) for reason in REASONS.values() for error, part in reason.answers}
    answers = [(error, description) for error, description, *_ in ANSWERS] + [(code, "") for code in LISTED]
    tried = {
        (known_error, part)
        for error, description in answers
        for known_error, part in known
        if error.lower() == known_error and part in description
    }
    assert tried == known


def test_no_two_reasons_claim_the_same_answer() -> None:
    known = [answer for reason in REASONS.values() for answer in reason.answers]
    assert len(set(known)) == len(known)
    assert all(text == text.lower() for answer in known for text in answer)


@pytest.mark.parametrize("error", ["", "invalid_grant", "invalid_request", "unknown_error", "server_error"])
def test_too_many_requests_is_a_rate_limit_whatever_the_body_says(error: str) -> None:
    assert classify(429, error, "invalid assertion", page=not error).code == "too_many_requests"
    assert REASONS["too_many_requests"].error is LoginRateExceeded


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("page", [True, False])
def test_a_fault_of_the_server_is_transient_whatever_the_body_says(status: int, *, page: bool) -> None:
    assert classify(status, "invalid_grant", "invalid assertion", page=page).code == "salesforce_fault"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_page_in_place_of_an_error_is_somebody_elses_and_transient(status: int) -> None:
    reason = classify(status, "", "", page=True)
    assert (reason.code, reason.backoff) == ("malformed_answer", TRANSIENT)


@pytest.mark.parametrize("status", [204, 301, 302, 307])
def test_what_is_neither_a_token_nor_an_error_is_malformed_and_transient(status: int) -> None:
    assert classify(status, "", "").code == "malformed_answer"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418])
@pytest.mark.parametrize(("error", "code"), [("new_error", "refused"), ("", "refused_without_a_word")])
def test_any_other_answer_from_400_to_499_is_permanent(status: int, error: str, code: str) -> None:
    reason = classify(status, error, "")
    assert (reason.code, reason.error, reason.backoff) == (code, REFUSED, PERMANENT)


def test_a_word_inside_another_error_does_not_count() -> None:
    assert classify(400, "invalid_grant_type", "invalid assertion").code == "refused"
    assert classify(400, "invalid_grant", "unknown_error").code == "refused"


@given(status=st.integers(100, 599), error=st.text(), description=st.text(), page=st.booleans())
def test_any_answer_has_a_reason_that_quotes_nothing(status: int, error: str, description: str, *, page: bool) -> None:
    reason = classify(status, f"Canary{error}", f"Canary{description}", page=page)
    assert "Canary" not in f"{reason} {reason.to_error()} {LoginFailed(reason)}"


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
@pytest.mark.parametrize("detail", ["", "this machine's clock is 15 minutes behind Salesforce's", 'it says "no scope"'])
def test_a_failure_is_recalled_in_the_words_of_the_first_time(reason: Reason, detail: str) -> None:
    first = LoginFailed(reason, detail=detail).to_error()
    again = recall(reason.error.__name__, reason.code, detail)
    assert (type(again), str(again), vars(again)) == (type(first), str(first), vars(first))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("AssertionRejected", AssertionRejected),
        ("LoginRateExceeded", LoginRateExceeded),
        ("SalesforceUnavailable", SalesforceUnavailable),
        ("CacheUnavailable", CacheUnavailable),
        ("InvalidRequest", SalesforceUnavailable),  # no login fails so: the row was not written by us
        ("of_a_later_version", SalesforceUnavailable),
        ("", SalesforceUnavailable),
    ],
)
@pytest.mark.parametrize("code", ["", "of_a_later_version"])
def test_a_reason_that_this_version_does_not_know_keeps_its_class(
    error: str, kind: type[SfmintError], code: str
) -> None:
    recalled = recall(error, code, "words of a later version")
    assert type(recalled) is kind
    assert str(recalled) == "The last login failed. Look at the connection's status, or flush it and call again."


def test_a_reason_of_another_class_than_the_rows_is_not_believed() -> None:
    assert type(recall("LoginRateExceeded", "wrong_key", "")) is LoginRateExceeded


@given(st.text(max_size=2000))
def test_what_a_row_adds_to_a_failure_is_cut_and_in_one_line(detail: str) -> None:
    error = recall("AssertionRejected", "refused", detail + "\n" + "x y" * 500)
    assert len(error.cause) < len(REASONS["refused"].cause) + 260
    assert error.cause.isprintable()
