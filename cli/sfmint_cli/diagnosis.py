"""What a pasted error means: read from the tables that the broker and the client raise their errors by.

The text itself never leaves this module.
"""

import re
from dataclasses import replace

from sfmint.salesforce.login_failures.reading import letters, plain_code
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS, classify, known
from sfmint.salesforce.vocabulary import OF_THE_STACK
from sfmint_cli.aws_words import AWS_WORDS
from sfmint_cli.error_classes import BY_NAME, sentence_of
from sfmint_cli.known_error import Diagnosis, Known, of_class
from sfmint_cli.login_history import LOGIN_HISTORY, SAME_AS
from sfmint_cli.network_words import NETWORK_WORDS
from sfmint_cli.pasted_text import Pasted
from sfmint_cli.rotation_words import ROTATION_WORDS
from sfmint_cli.vocabulary import OF_OPTIONS
from sfmint_client.rest.refusals.meaning import Meaning
from sfmint_client.rest.refusals.table import MEANINGS, meaning_of
from sfmint_values.foreign import Foreign

_STATUS = re.compile(
    r"\bhttp[a-z]*(?:/[\d.]+)?[ :]+(?:status[ :]+)?([45]\d\d)\b"
    r"|\b([45]\d\d) (?:server error|client error|bad request|unauthorized|forbidden|not found|method not allowed|conflict"
    r"|payload too large|request entity too large|uri too long|too many requests|internal server error|bad gateway"
    r"|service unavailable|gateway time)"
    r"|\bstatus[ _]?(?:code)?[\\\"']{0,2}[ :=]{1,3}([45]\d\d)\b"
)
_CODE = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{0,39}(?:_[A-Z0-9]{1,40}){1,9}(?![\w-]|\s?=)")
_OF_AN_ENVIRONMENT = ("AWS_", "SFMINT_", "POWERTOOLS_", "SSL_", "PYTHON")
_ENDED = ("session expired or invalid", "illegal session", "after a session expires")
_TELLING = 12  # letters of a description that nothing else says
_BAD_REQUEST = 400  # the status of nearly all answers to a refused login

_EXPIRED = Diagnosis(
    name="INVALID_SESSION_ID",
    again="yes, with a fresh token",
    cause="The token is over, or it was sent to another host than its instance_url.",
    steps=(
        "send it to its instance_url only",
        "ask the broker again with its fingerprint as rejected, which SalesforceAuth and RestClient do by themselves",
        "if a fresh token is refused too, look at the profile's IP restrictions and for whatever logs this user out",
    ),
)
_PASSWORD_LOGIN = Diagnosis(
    name="INVALID_LOGIN",
    again="no",
    cause="Salesforce refuses a login with user name and password, which is none of sfmint's: it logs in with a key.",
    steps=(
        "log in with a key in place of the password: sfmint keys new, upload the certificate to an app, sfmint login",
        "to keep the password, check it with the security token after it, and that the host is the org's My Domain",
    ),
)
_NO_DESCRIPTION = Diagnosis(
    name="invalid_grant",
    again="no",
    cause="Salesforce refuses a login; this code alone does not say why, the error_description beside it does.",
    steps=(
        "paste the whole answer, with its error_description",
        "try the login with sfmint login, which names the cause",
        "look the login up in Salesforce Setup, in the user's Login History",
    ),
)


_IDENTITY = Diagnosis(
    name="Bad_OAuth_Token",
    again="yes, with a fresh token",
    cause="The identity URL or userinfo does not take the token: it is over, or another org's, or the user may not use it.",
    steps=(
        "ask the broker again with its fingerprint as rejected",
        "to probe a token, ask /services/data/vNN.0/limits at its instance_url instead",
    ),
)
_UNKNOWN_CODE = Diagnosis(
    name="SalesforceBadRequest",
    again="no",
    cause="The text holds an error code that sfmint does not know: an error of your request's data, not of the login.",
    steps=(
        "read the message beside the code, which names the field or the record most often",
        "look the code up in Salesforce's SOAP API Developer Guide, under StatusCode and ExceptionCode",
    ),
)
_LOCK = meaning_of(_BAD_REQUEST, "UNABLE_TO_LOCK_ROW", "")
_LOCKED = of_class(_LOCK.error, _LOCK.cause, (_LOCK.remedy,), "UNABLE_TO_LOCK_ROW")
# The challenge of a request: the login has an error invalid_token, too.
_CHALLENGES = (Known(said=("www-authenticate",), beside=("invalid_token", "invalid_session"), means=_EXPIRED),)
_OF_SESSIONS = (
    Known(said=("bad_oauth_token", "missing_oauth_token", "wrong_org", "no_access", "bad_id"), means=_IDENTITY),
    Known(
        said=("illegal session", "error usually occurs after a session expires", "invalid_session", "invalidsessionid"),
        means=_EXPIRED,
    ),
    Known(said=("session expired or invalid",), means=_EXPIRED),
    Known(said=("unable to obtain exclusive access",), means=_LOCKED),
)


def diagnose(text: Foreign) -> Diagnosis | None:
    """Return what the first known error in a text means, or None where there is none.

    Args:
        text: an answer of Salesforce, an error of sfmint, or a log that holds one.
    """
    pasted = Pasted(text)
    is_request = "errorcode" in pasted.words
    return (
        _of_reason_or_none(_own_reason(pasted))
        or (_request_refusal(pasted) if is_request else None)
        or _of_rows(pasted, _CHALLENGES)
        or _of_reason_or_none(_refusal(pasted))
        or _other_login(pasted)
        or _request_refusal(pasted)
        or _of_rows(pasted, (*ROTATION_WORDS, *_OF_SESSIONS, *AWS_WORDS))
        or _login_history(pasted)
        or _named(text)
        or _of_rows(pasted, NETWORK_WORDS)
        or _status(pasted.plain)
        or (_UNKNOWN_CODE if _holds_code_of_salesforce(text) else None)
    )


def _own_reason(pasted: Pasted) -> Reason | None:
    """Return the reason that an error or a log line of sfmint's own names."""
    for reason in REASONS.values():
        causes = (reason.told(vocabulary).cause.removesuffix(".").lower() for vocabulary in (OF_THE_STACK, OF_OPTIONS))
        if any(cause in pasted.plain for cause in causes) or _holds_reason(pasted, reason.code):
            return reason
    return None


def _holds_reason(pasted: Pasted, code: str) -> bool:
    # "refused" and "unreachable" are words that everyone uses.
    return pasted.plain.split()[:1] == [code] if "_" not in code else code in pasted.words


def _refusal(pasted: Pasted) -> Reason | None:
    """Return the reason that Salesforce's token endpoint gives, as the broker would read it."""
    error, description = pasted.answer
    if error and (description or known(plain_code(error), "")):
        return classify(_BAD_REQUEST, error, description)
    answers = [(code, part, reason) for reason in REASONS.values() for code, part in reason.answers]
    said, spoken = {code for code, _, _ in answers if code in pasted.words}, letters(pasted.plain)
    for code, part, reason in answers:
        # Without a code beside it a sentence has to stand there in words: LoginRateExceeded is a name of sfmint's own.
        if letters(part) in spoken and (code in said or (not said and len(part) >= _TELLING and part in pasted.plain)):
            return reason
    return None


def _of_reason_or_none(reason: Reason | None) -> Diagnosis | None:
    if reason is None:
        return None
    told = reason.told()
    return of_class(reason.error, told.cause, told.steps, reason.code)


def _of_rows(pasted: Pasted, rows: tuple[Known, ...]) -> Diagnosis | None:
    return next((row.means for row in rows if row.fits(pasted)), None)


def _login_history(pasted: Pasted) -> Diagnosis | None:
    """Return what a status in Login History means."""
    for code, statuses in SAME_AS.items():
        if any(map(pasted.holds, statuses)):
            return _of_reason_or_none(REASONS[code])
    return _of_rows(pasted, LOGIN_HISTORY)


def _other_login(pasted: Pasted) -> Diagnosis | None:
    """Return what a refused login means that the table does not know."""
    if "invalid_login" in pasted.words:
        return _PASSWORD_LOGIN
    code = next((code for code in ("invalid_grant", "invalid_request") if code in pasted.words), "")
    if not code:
        return None
    beside = pasted.plain.partition(code)[2].lstrip("'\" ")
    is_told = "error_description" in pasted.words or (beside.startswith(":") and len(beside.split()) > 1)
    return _of_reason_or_none(REASONS["refused"]) if is_told else replace(_NO_DESCRIPTION, name=code)


def _status(plain: Foreign) -> Diagnosis | None:
    """Return what a bare HTTP status means."""
    if not (found := _STATUS.search(plain)):
        return None
    status = int(next(filter(None, found.groups())))
    meaning = meaning_of(status, "", "")
    return of_class(meaning.error, meaning.cause, (meaning.remedy,), f"HTTP {status}")


def _request_refusal(pasted: Pasted) -> Diagnosis | None:
    """Return what Salesforce's REST API says of a request."""
    if "invalid_session_id" in pasted.words and any(words in pasted.plain for words in _ENDED):
        return _EXPIRED
    for meaning in MEANINGS:
        code = next(filter(pasted.names, meaning.codes), "")
        if code and (not meaning.words or any(word in pasted.plain for word in meaning.words)):
            return _of_meaning(meaning, code)
    return None


def _of_meaning(meaning: Meaning, code: str) -> Diagnosis:
    return of_class(meaning.error, meaning.cause, (meaning.remedy,), code)


def _named(text: Foreign) -> Diagnosis | None:
    """Return what a class of error means, the first that the text names."""
    return next((_of_name(name) for name in re.findall(r"\w+", text) if name in BY_NAME), None)


def _of_name(name: str) -> Diagnosis:
    error = BY_NAME[name]
    return of_class(error, sentence_of(error), (error.usual_remedy,))


def _holds_code_of_salesforce(text: Foreign) -> bool:
    return any(not found[0].startswith(_OF_AN_ENVIRONMENT) for found in _CODE.finditer(text))
