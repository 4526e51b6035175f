"""The invocations that lines of the logs belong to, and why one of them ended as it did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.diagnosis import diagnose
from sfmint_cli.error_classes import BY_NAME, sentence_of
from sfmint_cli.why.log_line import DIED, FAILED, REFUSED, TIMED_OUT, LogLine
from sfmint_cli.why.words import sentence_of as said_by
from sfmint_client.rest.refusals.table import meanings_of

MINT_FAILED, IN_SPITE = "mint failed", "served in spite of a failure"
_BAD = (REFUSED, FAILED, TIMED_OUT, DIED, IN_SPITE, MINT_FAILED)
_GOOD = ("token served", "token served from memory", "token minted")
_OF_LOGINS = frozenset(reason.error.__name__ for reason in REASONS.values())
_WAITING = "nother caller is logging in"  # of the two ways in which a refresh is in progress
_NEAR_S = 30.0  # a login, and all who wait for it
_OF_LAMBDA = {
    TIMED_OUT: (
        "The function's time was over before it could answer.",
        "Call again; if it lasts, look at AWS's health.",
    ),
    DIED: ("The function's process ended before it could answer.", "Call again, and look at its memory in the log."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What is wrong, and what to do.

    Attributes:
        cause: one sentence.
        steps: the likeliest first; empty: nothing is to be done.
        name: the error, or the reason of a failed login; empty: none.
        alike: what is the same in all calls of its kind, where the cause holds more; empty: the cause is.
    """

    cause: str
    steps: tuple[str, ...] = ()
    name: str = ""
    alike: str = ""

    @property
    def kind(self) -> tuple[object, ...]:
        """What calls that ended for the same reason have in common."""
        return self.name, self.steps, self.alike or self.cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One invocation of a function.

    Attributes:
        lines: in the order of time; at least one.
    """

    lines: tuple[LogLine, ...]

    @property
    def at(self) -> float:
        """When it ended, as far as the log says; epoch seconds."""
        return self.lines[-1].at

    @property
    def function(self) -> str:
        """Whose it is."""
        return self.lines[0].function

    @property
    def request_id(self) -> str:
        """Lambda's id; empty: unknown."""
        return self.lines[0].request_id

    @property
    def connection(self) -> str:
        """The connection's name; empty: unknown."""
        return next((line.connection for line in self.lines if line.connection not in ("", "-")), "")

    @property
    def end(self) -> LogLine:
        """The line that says how it ended: of those that tell of a failure the gravest, else the last.

        A failed login is none where another key gave the token in the same call.
        """
        bad = next((line for kind in _BAD for line in self.lines if line.message == kind), None)
        good = next((line for line in reversed(self.lines) if line.message in _GOOD), None)
        if bad is None or (bad.message == MINT_FAILED and good is not None):
            return good or self.lines[-1]
        return bad

    @property
    def went_wrong(self) -> bool:
        """Whether it failed, or served an old token in spite of a failure."""
        return self.end.message in _BAD


def calls_of(lines: Iterable[LogLine]) -> list[Call]:
    """Return the calls that lines belong to, in the order of their ends; a line without an id is one by itself."""
    found: dict[object, list[LogLine]] = {}
    for number, line in enumerate(lines):
        found.setdefault((line.function, line.request_id) if line.request_id else number, []).append(line)
    return sorted((Call(lines=tuple(each)) for each in found.values()), key=lambda call: call.at)


def explain(call: Call, others: Sequence[LogLine]) -> Explained:
    """Return why a call went wrong.

    Args:
        call: one that did.
        others: the connection's lines around it, and its failed logins before it.
    """
    end = call.end
    if end.message in _OF_LAMBDA:
        cause, step = _OF_LAMBDA[end.message]
        whose = "" if call.connection else " The log does not say of which connection the call was."
        return Explained(cause=f"{cause}{whose}", steps=(step,), name=end.message)
    if failed := _login_of(call):
        return _of_login(failed, call.end.text("cause"))
    if end.message == FAILED:
        return _of_request(call, others)
    return _of_error(call, others)


def needs_login_before(call: Call) -> bool:
    """Return whether a login that failed earlier may be why it went wrong."""
    if _login_of(call):
        return False
    name, cause = call.end.text("error"), call.end.text("cause")
    return _reason_in(name, cause) is not None if cause else name in _OF_LOGINS


def _login_of(call: Call) -> LogLine | None:
    """Return the login in the call itself that failed with what the call ended with; the last, if two keys were tried."""
    failed = [line for line in call.lines if line.message == MINT_FAILED]
    if call.end.message == MINT_FAILED:
        return failed[-1]
    return next((line for line in reversed(failed) if _error_of(line) == call.end.text("error")), None)


def _error_of(login: LogLine) -> str:
    reason = REASONS.get(login.text("reason"))
    return "" if reason is None else reason.error.__name__


def _reason_in(name: str, cause: str) -> Reason | None:
    """Return the reason of a failed login whose sentence a cause begins with: what a row remembers is told so again."""
    fitting = (
        reason
        for reason in REASONS.values()
        if reason.error.__name__ == name and cause.startswith(reason.told().cause.removesuffix("."))
    )
    return max(fitting, key=lambda reason: len(reason.told().cause), default=None)


def _of_login(line: LogLine, cause: str = "") -> Explained:
    """Return why a login failed.

    Args:
        line: tells of it.
        cause: the sentence that its own caller was told, which may hold what is known of the case.
    """
    reason = REASONS.get(line.text("reason"))
    if reason is None:
        return Explained(cause=f"{_capital(said_by(line))}.", name=line.text("reason"))
    told = reason.told()
    sentence = cause if cause.startswith(told.cause.removesuffix(".")) else told.cause
    said = line.text("said")
    quoted = f" Salesforce said: {said}" if said and said not in sentence else ""
    return Explained(cause=f"{sentence}{quoted}", steps=told.steps, name=reason.code, alike=reason.code)


def _of_error(call: Call, others: Sequence[LogLine]) -> Explained:
    name, cause, remedy = (call.end.text(field) for field in ("error", "cause", "remedy"))
    if name == "RefreshInProgress" and _WAITING in cause and (login := _login_near(call, others)):
        return Explained(
            cause=f"Another call was logging in meanwhile, and this caller's time to wait was over: {said_by(login)}.",
            steps=("call again, or wait longer (deadline_ms, deadline_s of the client)",),
            name=name,
        )
    if reason := _reason_in(name, cause):
        return _of_reason(reason, call, others)
    if remedy:
        return Explained(cause=cause, steps=(remedy,), name=name)
    found = diagnose(f"{name}: {cause}") if cause else None  # what an older function has logged
    if found is not None:
        return Explained(cause=cause, steps=found.steps, name=found.reason or found.name)
    return _of_name(name, cause)


def _of_reason(reason: Reason, call: Call, others: Sequence[LogLine]) -> Explained:
    """Return why a call ended with what a login has failed with: an earlier one, if it is remembered."""
    before = _failed_before(call, others)
    if before is None or before.text("reason") != reason.code:
        cause = call.end.text("cause")
        return Explained(cause=cause, steps=reason.told().steps, name=reason.code, alike=reason.code)
    told = _of_login(before)
    return Explained(
        cause=f"A login failed before, and that is remembered: {told.cause}",
        steps=told.steps,
        name=told.name,
        alike=reason.code,
    )


def _of_name(name: str, cause: str = "") -> Explained:
    kind = BY_NAME.get(name)
    if kind is None:
        return Explained(cause=cause or f"It ended with {name or 'an error'}.", name=name)
    return Explained(cause=cause or sentence_of(kind), steps=(kind.usual_remedy,), name=name)


def _of_request(call: Call, others: Sequence[LogLine]) -> Explained:
    """Return why a request failed: Salesforce refused it, or the broker the token for it, or it was never sent."""
    name, status, code = (call.end.text(field) for field in ("error", "status", "error_code"))
    if status and (meanings := meanings_of(int(status), code, name)):
        cause = " Or: ".join(dict.fromkeys(meaning.cause for meaning in meanings))
        steps = tuple(dict.fromkeys(meaning.remedy for meaning in meanings))
        return Explained(cause=cause, steps=steps, name=code or name)
    if refusal := _refusal_of_broker(call, others):
        told = explain(refusal, others)
        asked = f" (the broker's invocation {refusal.request_id})" if refusal.request_id else ""
        return Explained(
            cause=f"The broker gave no token for it{asked}: {told.cause}",
            steps=told.steps,
            name=told.name,
            alike=told.alike or told.cause,
        )
    return _of_name(name, call.end.text("cause"))


def _refusal_of_broker(call: Call, others: Sequence[LogLine]) -> Call | None:
    took_s = int(call.end.fields.get("duration_ms", 0)) / 1000
    for other in calls_of(others):
        near = call.end.at - took_s - 1 <= other.end.at <= call.end.at + 1
        if near and other.function == "token_broker" and other.end.text("error") == call.end.text("error"):
            return other
    return None


def _login_near(call: Call, others: Sequence[LogLine]) -> LogLine | None:
    logins = ("token minted", MINT_FAILED, "publish fenced out")
    near = [
        line
        for line in others
        if line.message in logins and line.request_id != call.request_id and abs(line.at - call.at) <= _NEAR_S
    ]
    return min(near, key=lambda line: abs(line.at - call.at), default=None)


def _failed_before(call: Call, others: Sequence[LogLine]) -> LogLine | None:
    """Return the last login of the connection before a call, if it failed."""
    before = [line for line in others if line.at <= call.at and line.message in ("token minted", MINT_FAILED)]
    last = max(before, key=lambda line: line.at, default=None)
    return last if last is not None and last.message == MINT_FAILED else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
