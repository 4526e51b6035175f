"""What is asked of a connection's past, where that is looked for, and what is found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sfmint_cli.instants import Moment
from sfmint_cli.status.rows import Row
from sfmint_cli.why.calls import Call, Explained, calls_of, explain, needs_login_before
from sfmint_cli.why.log_line import LogLine
from sfmint_cli.why.logs import NOT_FROM_MEMORY, Logs
from sfmint_cli.why.token_story import TokenStory

DAY_S, HOUR_S = 86400.0, 3600.0
AROUND_S = 120.0  # before and after, in which neighbours are looked for
LATE_S = 60.0  # a clock of AWS's may be ahead of this machine's
LONGEST_FAILURE_S = 3600.0 + AROUND_S  # no failure is remembered for longer
LONGEST_CALL_S = 900.0  # of Lambda
ENDS_OF_LAMBDA = ("Task timed out after", "Runtime exited")
MOST_CALLS = 5  # ended by Lambda that are looked at one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person asks.

    Attributes:
        connection: its name.
        fingerprint: of a token.
        request_id: of an invocation.
        moment: when it happened; None: lately.
    """

    connection: str
    fingerprint: str | None = None
    request_id: str | None = None
    moment: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call, or one token, and why.

    Attributes:
        explained: cause and steps.
        call: which; None: a token, or what the row says.
        count: how many calls ended alike.
    """

    explained: Explained
    call: Call | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer.

    Attributes:
        cases: what went wrong, and why; empty: nothing did.
        lines: what happened, in the order of time.
        window: what was looked through, in epoch seconds.
        token: the story of the token that was asked for.
        call: the call that was asked for.
    """

    cases: tuple[Case, ...]
    lines: tuple[LogLine, ...]
    window: tuple[float, float]
    token: TokenStory | None = None
    call: Call | None = None


@dataclass(slots=True, kw_only=True)
class Investigation:
    """Looks a question up.

    Attributes:
        logs: of the stack.
        row: the connection's; None: it could not be read.
        now: epoch seconds.
    """

    logs: Logs
    row: Row | None
    now: float

    def answer(self, question: Question) -> Found:
        """Return what is found.

        Raises:
            Failed: the logs cannot be read.
        """
        if question.request_id:
            return self._of_call(question, question.request_id)
        if question.fingerprint:
            return self._of_token(question, question.fingerprint)
        return self._of_time(question)

    def _span(self, moment: Moment | None, back_s: float) -> tuple[float, float]:
        if moment is None:
            return self.now - back_s, self.now + LATE_S
        return moment.at - back_s, min(moment.at + moment.width_s + back_s, self.now + LATE_S)

    def _of_call(self, question: Question, request_id: str) -> Found:
        start, end = self._span(question.moment, DAY_S)
        own = [line for line in self.logs.find(f'"{request_id}"', start, end) if line.request_id == request_id]
        if not own:
            return Found(cases=(), lines=(), window=(start, end))
        call = Call(lines=tuple(own))
        around = self._around(call.connection or question.connection, own[0].at, own[-1].at)
        lines = _together(own, around)
        cases = self._cases([call], lines, question.connection)
        return Found(cases=cases, lines=lines, window=(start, end), call=call)

    def _of_token(self, question: Question, fingerprint: str) -> Found:
        start, end = self._span(question.moment, DAY_S)
        if self.row and self.row.fingerprint == fingerprint and self.row.issued_at and question.moment is None:
            start = self.row.issued_at - AROUND_S
        named = [
            line
            for line in self.logs.find(f'{NOT_FROM_MEMORY} "{fingerprint}"', start, end)
            if line.text("fingerprint") == fingerprint
        ]
        own = [line for line in named if line.connection == question.connection]  # two may share a session
        lines = tuple(own or named)
        if own:
            # All of its life: what dropped it, barred its key or took its place does not name it.
            last = max(own[-1].at, min(own[0].at + HOUR_S, self.now))
            lines = _together(own, self._around(question.connection, own[0].at, last))
        story = TokenStory(
            connection=question.connection, fingerprint=fingerprint, row=self.row, lines=lines, now=self.now
        )
        cases = tuple(Case(explained=each) for each in story.explain()) if story.is_known() else ()
        return Found(cases=cases, lines=lines, window=(start, end), token=story)

    def _of_time(self, question: Question) -> Found:
        moment = question.moment
        start, end = self._span(moment, HOUR_S if moment is None else AROUND_S)
        of_lambda = self._ended_by_lambda(question.connection, start, end)
        lines = _together(self._of_connection(question.connection, start, end), of_lambda)
        bad = [call for call in calls_of(lines) if call.went_wrong]
        if moment is not None:
            meant = [call for call in bad if moment.at <= call.at < moment.at + moment.width_s]
            bad = meant or sorted(bad, key=lambda call: abs(call.at - moment.at))
        else:
            bad = bad[::-1]  # the latest first
        return Found(cases=self._cases(bad, lines, question.connection), lines=lines, window=(start, end))

    def _ended_by_lambda(self, connection: str, start: float, end: float) -> list[LogLine]:
        """Return the ends that Lambda tells of, which do not say whose they are, save those of another connection's calls."""
        found = [line for words in ENDS_OF_LAMBDA for line in self.logs.find(f'"{words}"', start, end)]
        kept: list[LogLine] = []
        for line in sorted(found, key=lambda line: line.at)[-MOST_CALLS:]:
            beside = (
                self.logs.find(f'"{line.request_id}"', line.at - LONGEST_CALL_S, line.at + 1) if line.request_id else []
            )
            names = {each.connection for each in beside if each.request_id == line.request_id} - {""}
            if not names or connection in names:
                kept.append(line)
        return kept

    def _cases(self, bad: Sequence[Call], lines: Sequence[LogLine], connection: str) -> tuple[Case, ...]:
        """Return each kind of failure once, with its first call."""
        known = list(lines)
        wanting = [call for call in bad if call.went_wrong and needs_login_before(call)]
        if wanting:
            first = min(call.at for call in wanting)
            known = [*self._logins(connection, first - LONGEST_FAILURE_S, max(call.at for call in wanting)), *known]
        cases: dict[object, Case] = {}
        for call in bad:
            if call.went_wrong:
                told = explain(call, known)
                kind = (call.function, told.kind)
                case = cases.get(kind, Case(explained=told, call=call, count=0))
                cases[kind] = replace(case, count=case.count + 1)
        return tuple(cases.values())

    def _logins(self, connection: str, start: float, end: float) -> list[LogLine]:
        found = (line for metric in ("MintFailed", "TokenMinted") for line in self.logs.find(f'"{metric}"', start, end))
        return sorted((line for line in found if line.connection == connection), key=lambda line: line.at)

    def _around(self, connection: str, first: float, last: float) -> list[LogLine]:
        return self._of_connection(connection, first - AROUND_S, last + AROUND_S)

    def _of_connection(self, connection: str, start: float, end: float) -> list[LogLine]:
        found = self.logs.find(f'{NOT_FROM_MEMORY} "{connection}"', start, end)
        return [line for line in found if line.connection == connection]


def _together(own: Sequence[LogLine], around: Sequence[LogLine]) -> tuple[LogLine, ...]:
    once = {line.event: line for line in (*own, *around)}
    return tuple(sorted(once.values(), key=lambda line: line.at))
