"""The answer to `why`, for a person and for a program."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfmint.salesforce.access_token import iso8601
from sfmint_cli.result import Facts
from sfmint_cli.status.rows import Row
from sfmint_cli.status.state import MEANINGS, span, state_of
from sfmint_cli.why.investigation import Case, Found, Question
from sfmint_cli.why.log_line import LogLine
from sfmint_cli.why.logs import Logs
from sfmint_cli.why.token_story import TokenStory
from sfmint_cli.why.words import FUNCTION_NAMES, sentence_of

MOST_CASES = 5  # for a person
MOST_EVENTS = 25  # for a person; those next to what was asked for
MOST_IN_DOCUMENT = 500
WHO = (
    "the logs do not name the caller; CloudTrail's data events of Lambda do, if they are on: look for requestID"
    " {ids} (docs/audit.md)"
)


def row_now(row: Row | None, unread: str, now: float, when: Callable[[float], str]) -> str:
    """Return what a row says, as a clause, with the remedy of a failure that it remembers.

    Args:
        row: the connection's; None: it could not be read.
        unread: why not.
        now: epoch seconds.
        when: writes an instant for a person.
    """
    if row is None:
        return f"the row could not be read: {unread}"
    state = state_of(row, now)
    failure = row.failure
    if failure is None:
        ends = row.expires_at if row.is_served(now) else None
        left = f"; it expires in {span(ends - now)}" if ends else ""
        return f"{state.value}: {MEANINGS[state]}{left}"
    until = f", until {when(failure.until)}" if failure.until else ""
    return f"{state.value}{until}: {failure.cause} {failure.remedy}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found, with what it is told of.

    Attributes:
        question: what was asked.
        found: the answer.
        row: the connection's; None: it could not be read.
        unread: why not.
        logs: what was looked through.
        now: epoch seconds.
        when: writes an instant for a person.
    """

    question: Question
    found: Found
    row: Row | None
    unread: str
    logs: Logs
    now: float
    when: Callable[[float], str]

    def for_people(self) -> Facts:
        """Return it as lines are made of: what went wrong first, then what happened."""
        found = self.found
        facts: dict[str, object] = {"connection": self.question.connection}
        if found.token:
            facts["token"] = dict(self._life(found.token, self.when))
        if found.call:
            call = found.call
            facts["call"] = f"{self.when(call.at)}, {_function(call.function)}: {sentence_of(call.end)}"
        for number, case in enumerate(found.cases[:MOST_CASES], 1):
            facts[f"why {number}" if len(found.cases) > 1 else "why"] = self._case(case)
        if more := found.cases[MOST_CASES:]:
            facts["and"] = f"{len(more)} further kinds of failures, the last {self._end_of(more)}: give --at, or --json"
        if not found.cases:
            part = ", of which a part was looked through" if self.logs.cut else ""
            facts["why"] = f"nothing went wrong, as far as the logs say{part}"
        facts["now"] = self.row_now()
        if events := self._events():
            facts["events"] = [
                f"{self.when(line.at)}  {_function(line.function)}: {sentence_of(line)}" for line in events
            ]
        facts["looked through"] = self.looked_through()
        if ids := self._ids():
            facts["who called"] = WHO.format(ids=ids)
        return facts

    def for_programs(self) -> Facts:
        """Return it as a document: instants in UTC, names as in the logs."""
        found = self.found
        start, end = found.window
        return {
            "connection": self.question.connection,
            "token": dict(self._life(found.token, iso8601)) if found.token else None,
            "call": found.call.request_id if found.call else None,
            "why": [
                {
                    "name": case.explained.name,
                    "cause": case.explained.cause,
                    "remedy": case.explained.steps,
                    "at": iso8601(case.call.at) if case.call else None,
                    "request_id": case.call.request_id if case.call else None,
                    "count": case.count,
                }
                for case in found.cases
            ],
            "state": state_of(self.row, self.now).value if self.row else None,
            "events": [_event(line) for line in found.lines[:MOST_IN_DOCUMENT]],
            "looked_through": {
                "from": iso8601(start),
                "to": iso8601(end),
                "lines": self.logs.lines,
                "complete": not self.logs.cut and len(found.lines) <= MOST_IN_DOCUMENT,
                "missing": sorted(self.logs.missing),
            },
        }

    def looked_through(self) -> str:
        """Return what was, as a clause."""
        start, end = self.found.window
        said = (
            f"the logs of broker, keeper and request, {self.when(start)} to {self.when(end)}: {self.logs.lines} lines"
        )
        missing = f"; there is no {', '.join(sorted(self.logs.missing))}" if self.logs.missing else ""
        cut = "; not all, for there was more than fits into one run: give --at" if self.logs.cut else ""
        return said + missing + cut

    def _end_of(self, cases: Sequence[Case]) -> str:
        return self.when(max((case.call.at for case in cases if case.call), default=self.now))

    def _case(self, case: Case) -> Facts:
        call = case.call
        alike = f"{case.count} calls ended so; this is the first that was looked at" if case.count > 1 else ""
        where = "" if call is None else f"{self.when(call.at)}, {_function(call.function)} {call.request_id}".rstrip()
        facts = {
            "at": where,
            "what": sentence_of(call.end) if call else "",
            "cause": case.explained.cause,
            "alike": alike,
        }
        shown: dict[str, object] = {name: value for name, value in facts.items() if value}
        return {**shown, **({"remedy": case.explained.steps} if case.explained.steps else {})}

    def _life(self, story: TokenStory, when: Callable[[float], str]) -> Iterator[tuple[str, str]]:
        """Yield what is known of a token's life."""
        yield "fingerprint", story.fingerprint
        if story.minted:
            yield "minted", when(story.minted.at)
        elif story.is_of_row and story.row and story.row.issued_at:
            yield "minted", when(story.row.issued_at)
        if story.key_id:
            yield "key_id", story.key_id
        if story.rejected:
            yield "rejected", when(story.rejected.at)
        if story.is_of_row and story.row and story.row.expires_at:
            yield "expires", when(story.row.expires_at)
        if story.successor:
            yield "replaced", f"{when(story.successor.at)}, by {story.successor.text('fingerprint')}"

    def row_now(self) -> str:
        """Return what the row says, as a clause."""
        return row_now(self.row, self.unread, self.now, self.when)

    def _events(self) -> list[LogLine]:
        """Return the lines next to what was asked for, in the order of time."""
        centre = self._centre()
        lines = self.found.lines
        if centre is None:
            return list(lines[-MOST_EVENTS:])
        nearest = sorted(lines, key=lambda line: abs(line.at - centre))[:MOST_EVENTS]
        return sorted(nearest, key=lambda line: line.at)

    def _centre(self) -> float | None:
        found, moment = self.found, self.question.moment
        if found.call:
            return found.call.at
        if found.token and found.token.rejected:
            return found.token.rejected.at
        if moment:
            return moment.at
        return found.cases[0].call.at if found.cases and found.cases[0].call else None

    def _ids(self) -> str:
        calls = [self.found.call, *(case.call for case in self.found.cases[:MOST_CASES])]
        return ", ".join(dict.fromkeys(call.request_id for call in calls if call and call.request_id))


def _function(name: str) -> str:
    return FUNCTION_NAMES[name]


def _event(line: LogLine) -> Mapping[str, object]:
    said = {"at": iso8601(line.at), "function": line.function, "request_id": line.request_id, "message": line.message}
    return {**said, **line.fields}
