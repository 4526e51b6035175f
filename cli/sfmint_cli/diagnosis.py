"""What a pasted error means: read from the tables that the broker and the client raise their errors by.

The text itself never leaves this module.
"""

import html
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote_plus

from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint.salesforce.vocabulary import OF_THE_STACK
from sfmint_cli.error_classes import BY_NAME, ErrorClass, again, sentence_of
from sfmint_cli.result import Facts
from sfmint_cli.vocabulary import OF_OPTIONS
from sfmint_client.rest.refusals.table import MEANINGS, meaning_of
from sfmint_values.foreign import Foreign

_STATUS = re.compile(
    r"\bhttp[a-z]*(?:/[\d.]+)?[ :]+(?:status[ :]+)?([45]\d\d)\b|\b([45]\d\d) (?:server|client) error\b"
)


_WORD = re.compile(r"(?<![\w-])[a-z][a-z0-9_]{3,79}(?![\w-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What an error means.

    Attributes:
        name: the error that callers meet.
        reason: the code of a failed login, or Salesforce's of a failed request; empty for a name alone.
        again: whether the same call may succeed later.
        cause: one sentence.
        steps: what to do, the likeliest first.
    """

    name: str
    reason: str = ""
    again: str
    cause: str
    steps: tuple[str, ...]

    def to_facts(self) -> Facts:
        """Return it for a person or a program."""
        return {
            "name": self.name,
            **({"reason": self.reason} if self.reason else {}),
            "again": self.again,
            "cause": self.cause,
            "remedy": self.steps,
        }


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
    cause="Salesforce refuses a login; invalid_grant alone does not say why, the error_description beside it does.",
    steps=(
        "paste the whole answer, with its error_description",
        "try the login with sfmint login, which names the cause",
        "look the login up in Salesforce Setup, in the user's Login History",
    ),
)


def diagnose(text: Foreign) -> Diagnosis | None:
    """Return what the first known error in a text means, or None where there is none.

    Args:
        text: an answer of Salesforce, an error of sfmint, or a log that holds one.
    """
    plain = _plain(text)
    if reason := _own_reason(plain) or _refusal(plain):
        return _of_reason(reason)
    return _other_login(plain) or _request_refusal(plain) or _barred(plain) or _named(text) or _status(plain)


def _plain(text: str) -> str:
    """Return a text without its wrapping: JSON escapes, form encoding, HTML entities, curly quotes, line breaks, case."""
    unwrapped = [text, unquote_plus(text), html.unescape(text)]
    with suppress(ValueError, RecursionError):
        unwrapped.append(json.dumps(json.loads(text), ensure_ascii=False))
    return " ".join(" ".join(unwrapped).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split())


def _own_reason(plain: str) -> Reason | None:
    """Return the reason that an error or a log line of sfmint's own names."""
    for reason in REASONS.values():
        causes = (reason.told(vocabulary).cause.removesuffix(".").lower() for vocabulary in (OF_THE_STACK, OF_OPTIONS))
        if any(cause in plain for cause in causes) or _holds_code(plain, reason.code):
            return reason
    return None


def _holds_code(plain: str, code: str) -> bool:
    # "refused" and "unreachable" are words that everyone uses.
    return plain.split()[:1] == [code] if "_" not in code else _holds(plain, code)


def _refusal(plain: str) -> Reason | None:
    """Return the reason that Salesforce's token endpoint gives."""
    answers = [(error, part, reason) for reason in REASONS.values() for error, part in reason.answers]
    said = {error for error, _, _ in answers if _holds(plain, error)}
    for error, part, reason in answers:
        if part and part in plain and (error in said or not said):
            return reason
    return next((reason for error, part, reason in answers if not part and error in said), None)


def _holds(plain: Foreign, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", plain) is not None


def _of_reason(reason: Reason) -> Diagnosis:
    told = reason.told()
    return _of_class(reason.error, told.cause, told.steps, reason.code)


def _other_login(plain: str) -> Diagnosis | None:
    """Return what a refused login means that the table does not know."""
    is_grant = _holds(plain, "invalid_grant")
    if _holds(plain, "invalid_login") or (is_grant and "authentication failure" in plain):
        return _PASSWORD_LOGIN
    return _NO_DESCRIPTION if is_grant else None


def _barred(plain: str) -> Diagnosis | None:
    """Return what IAM says to a caller of Lambda, in the words of any SDK."""
    is_invoke = "lambda:invokefunction" in plain or "calling the invoke operation" in plain
    if not ("accessdenied" in plain and is_invoke):
        return None
    return _of_name("InvokeForbidden")


def _status(plain: Foreign) -> Diagnosis | None:
    """Return what a bare HTTP status means."""
    if not (found := _STATUS.search(plain)):
        return None
    status = int(found[1] or found[2])
    meaning = meaning_of(status, "", "")
    return _of_class(meaning.error, meaning.cause, (meaning.remedy,), f"HTTP {status}")


def _request_refusal(plain: Foreign) -> Diagnosis | None:
    """Return what Salesforce's REST API says of a request."""
    said = set(_WORD.findall(plain))
    if "invalid_session_id" in said and "session expired or invalid" in plain:
        return _EXPIRED
    for meaning in MEANINGS:
        code = next((code for code in meaning.codes if code.lower() in said), "")
        if code and (not meaning.words or any(word in plain for word in meaning.words)):
            return _of_class(meaning.error, meaning.cause, (meaning.remedy,), code)
    return None


def _named(text: Foreign) -> Diagnosis | None:
    """Return what a class of error means, the first that the text names."""
    return next((_of_name(name) for name in re.findall(r"\w+", text) if name in BY_NAME), None)


def _of_name(name: str) -> Diagnosis:
    error = BY_NAME[name]
    return _of_class(error, sentence_of(error), (error.usual_remedy,))


def _of_class(error: ErrorClass, cause: str, steps: tuple[str, ...], reason: str = "") -> Diagnosis:
    return Diagnosis(name=error.__name__, reason=reason, again=again(error), cause=cause, steps=steps)
