"""Why a login gave no token: the one table that broker, terminal and page share, and which row an answer means.

Its rows are loaded when a login fails: who gets a token needs none.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from sfmint.errors import SalesforceUnavailable, SfmintError
from sfmint.salesforce.login_failures.reason import Reason
from sfmint_values.foreign import Foreign

_LONGEST_DETAIL = 250  # characters: a quotation of at most 200, and our words around it


class LoginFailed(Exception):  # noqa: N818 - what happened
    """No token came of an attempt.

    Args:
        reason: why.
        detail: what is known of this one case, in our words or quoted; callers read it.
        said: for the log: Salesforce's own words, quoted, or the place of a fault of ours.
        retry_after_s: for how many seconds the answer asks for a pause.
    """

    def __init__(self, reason: Reason, *, detail: str = "", said: str = "", retry_after_s: float = 0.0) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.detail = detail
        self.said = said
        self.retry_after_s = retry_after_s

    def to_error(self) -> SfmintError:
        """Return the error that callers meet."""
        return self.reason.to_error(self.detail)


class _Table(Mapping[str, Reason]):
    """The rows by their code."""

    @cached_property
    def _rows(self) -> Mapping[str, Reason]:
        from sfmint.salesforce.login_failures.answered import ANSWERED
        from sfmint.salesforce.login_failures.found import FOUND

        return {reason.code: reason for reason in (*ANSWERED, *FOUND)}

    def __getitem__(self, code: str) -> Reason:
        return self._rows[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


REASONS: Mapping[str, Reason] = _Table()


def wrong_org(found: str, expected: str) -> LoginFailed:
    """Return the failure of a login that gave a token of another org; an id is no secret."""
    said = f"it is of {found}" if found else "it names no org"
    return LoginFailed(REASONS["wrong_org"], detail=f"{said}, and expected is {expected}")


def classify(status: int, error: Foreign, description: Foreign, *, page: bool = False) -> Reason:
    """Return the reason that an answer of the token endpoint means, which is no token answer.

    Args:
        status: the HTTP status.
        error: the answer's `error`, empty if there was none.
        description: the answer's `error_description`.
        page: the answer is HTML: nothing of Salesforce's token endpoint.

    Source: RFC 6749 section 5.2; RFC 9110 sections 15.5.9 and 15.6; RFC 6585 section 4.
    """
    from sfmint.salesforce.login_failures.reading import plain_code

    if status >= 500 or status == 408:  # noqa: PLR2004 - a fault, or a time-out, of the server
        return REASONS["salesforce_fault"]
    if status == 429:  # noqa: PLR2004
        return REASONS["too_many_requests"]
    error = plain_code(error)
    if found := known(error, description):
        return found
    if page or not 400 <= status < 500:  # noqa: PLR2004
        return REASONS["malformed_answer"]
    return REASONS["refused" if error else "refused_without_a_word"]


def known(error: Foreign, description: Foreign) -> Reason | None:
    """Return the first row that knows an answer, if any does.

    Args:
        error: as `plain_code` returns it.
        description: as it came.
    """
    from sfmint.salesforce.login_failures.reading import letters, plain

    said = letters(plain(description))
    for reason in REASONS.values():
        if any(error == code and letters(part) in said for code, part in reason.answers):
            return reason
    return None


def recall(error: Foreign, code: Foreign, detail: Foreign) -> SfmintError:
    """Return the error of a failure that a row remembers, in the words of the first time.

    Args:
        error: the class name that the row has.
        code: the reason's; one of a later version counts as its class.
        detail: what was known of the case.
    """
    reason = REASONS.get(code)
    if reason is not None and reason.error.__name__ == error:
        from sfmint_values.redaction import redacted  # who gets a token needs none of it
        from sfmint_values.vocabulary import LOGIN, REST

        vocabulary = REST if reason.names_ids else LOGIN  # the one that knows ids
        return reason.to_error(redacted(detail, _LONGEST_DETAIL, vocabulary=vocabulary))
    kinds = {reason.error.__name__: reason.error for reason in REASONS.values()}
    kind = kinds.get(error, SalesforceUnavailable)
    return kind("The last login failed.", remedy="Look at the connection's status, or flush it and call again.")
