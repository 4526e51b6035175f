"""`sfmint why`: what became of a token or a call."""

from functools import partial
from typing import TYPE_CHECKING

import click

from sfmint_cli.instants import EXAMPLES, Moment, NoInstant, read_moment, shown
from sfmint_cli.options import Command, Target, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report
from sfmint_values.error_names import AGAIN
from sfmint_values.secret import is_fingerprint

if TYPE_CHECKING:
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.status.rows import Row
    from sfmint_cli.why.logs import Logs
    from sfmint_cli.why.report import Answer
    from sfmint_values.system import Clock


USAGE = 2  # as Click ends


class _Fingerprint(click.ParamType[str]):
    name = "fingerprint"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        fingerprint = value.strip().lower()
        if not is_fingerprint(fingerprint):
            self.fail("a fingerprint is 16 hex digits, as answers and logs show it.", param, ctx)
        return fingerprint


class _RequestId(click.ParamType[str]):
    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from sfmint_cli.why.log_line import is_request_id

        request_id = value.strip().lower()
        if not is_request_id(request_id):
            self.fail("Lambda's request id has 32 hex digits in five groups, with dashes between.", param, ctx)
        return request_id


@click.command("why", cls=Command)
@connection_argument
@click.option("--fingerprint", type=_Fingerprint(), metavar="F", help="Of the token that was refused.")
@click.option("--request-id", type=_RequestId(), metavar="ID", help="Of the call, as Lambda answers and logs it.")
@click.option("--at", metavar="TIME", help=f"When it happened: {EXAMPLES}.")
@click.option("--utc", is_flag=True, help="TIME is in UTC, and times are shown so.  [default: this machine's zone]")
@click.pass_context
def command(
    context: click.Context, *, name: str, fingerprint: str | None, request_id: str | None, at: str | None, utc: bool
) -> Report:
    """Say why a token was refused, or a call failed.

    From the row and the logs of the functions. A refused call has no fingerprint: give its request id, or the time. A
    fingerprint or an id is looked for in the last day, or the day around --at; without any of them the last hour is. It
    asks nobody for a token, logs nobody in, and changes nothing.
    """
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.status.state import state_of
    from sfmint_cli.why.investigation import Investigation, Question
    from sfmint_cli.why.report import Answer, row_now

    if fingerprint and request_id:
        raise click.UsageError("Give --fingerprint or --request-id, not both.")
    clock = SystemClock()
    now = clock.now()
    question = Question(
        connection=name, fingerprint=fingerprint, request_id=request_id, moment=_moment(at, now, utc=utc)
    )
    target = Target.read(context)
    deployed = Deployed.find(context, name)
    row, unread = _row(deployed)
    logs = _logs(deployed, clock, quiet=target.as_json)
    when = partial(shown, utc=utc)
    try:
        found = Investigation(logs=logs, row=row, now=now).answer(question)
    except Failed as error:  # the logs cannot be read, but the row may say it all
        error.shown = (f"now: {row_now(row, unread, now, when)}",)
        error.facts = {"connection": name, "state": state_of(row, now).value if row else None}
        raise
    answer = Answer(question=question, found=found, row=row, unread=unread, logs=logs, now=now, when=when)
    _require_something(answer)
    return Report(facts=answer.for_programs() if target.as_json else answer.for_people(), next_step=_next_step(answer))


def _moment(text: str | None, now: float, *, utc: bool) -> Moment | None:
    if text is None:
        return None
    try:
        moment = read_moment(text, now=now, utc=utc)
    except NoInstant as error:
        raise _no_moment(f"{error}.") from None
    if moment.at > now:
        raise _no_moment("is yet to come.")
    return moment


def _no_moment(clause: str) -> Failed:
    """Return a usage error in our own words alone: those of Click are redacted, and an instant looks like a secret."""
    cause, _, more = f"--at {clause}".partition(". ")
    failed = Failed(f"{cause.removesuffix('.')}.", remedy=more or "Give a time that is over.", name="UsageError")
    failed.exit_code = USAGE
    return failed


def _logs(deployed: "Deployed", clock: "Clock", *, quiet: bool) -> "Logs":
    from sfmint_cli.why.logs import WITHIN_S, Logs

    return Logs(
        client=deployed.account.logs(),
        stack=deployed.stack.name,
        clock=clock,
        quiet=quiet,
        ends_at=clock.monotonic() + WITHIN_S,
    )


def _row(deployed: "Deployed") -> "tuple[Row | None, str]":
    """Return the connection's row, or why there is none to be seen: the logs may tell all the same."""
    from sfmint_cli.status.rows import Rows

    try:
        row = Rows.ask(deployed.account.functions(), deployed.stack.keeper, deployed.name).rows.get(deployed.name)
    except Failed as error:
        return None, error.cause
    if row is None or row.unread:
        return None, row.unread.cause if row and row.unread else "the keeper does not know the connection."
    return row, ""


def _require_something(answer: "Answer") -> None:
    from sfmint_cli.why.logs import FUNCTIONS

    question, found = answer.question, answer.found
    if len(answer.logs.missing) == len(FUNCTIONS):
        raise Failed(
            f"There is none of the stack's log groups: {', '.join(sorted(answer.logs.missing))}.",
            remedy="Deploy the stack anew (make deploy), which makes them; what was logged before is deleted.",
            name="NoLogs",
            facts=answer.for_programs(),
            shown=(f"now: {answer.row_now()}",),
        )
    _require_own(answer)
    asked_for_call = question.request_id is not None and found.call is None
    asked_for_token = found.token is not None and not found.token.is_known()
    if not (asked_for_call or asked_for_token or (not found.lines and question.moment)):
        return
    what = "this call" if asked_for_call else "this token" if asked_for_token else "any call of this connection"
    raise Failed(
        f"Nothing tells of {what}. Looked through were {answer.looked_through()}.",
        remedy="Check stack, region and time (with an id or a fingerprint, --at looks in the day around it). Lines are deleted after LogRetentionDays, come"
        " some seconds late, and IAM refuses a caller before any function runs: then nothing is logged, and the caller's own"
        " error names the policy it lacks.",
        name="NothingFound",
        facts=answer.for_programs(),
        shown=(f"now: {answer.row_now()}",),
    )


def _require_own(answer: "Answer") -> None:
    question, found = answer.question, answer.found
    if found.call and found.call.connection != question.connection:
        what, other, words = "call", found.call.connection, ("--request-id", question.request_id)
    elif found.token:
        what, other, words = "token", found.token.other_connection, ("--fingerprint", question.fingerprint)
    else:
        return
    if other:
        raise Failed(
            f"That {what} was one of the connection {other!r}.",
            remedy=f"Ask for it there: {sfmint('why', other, *words)}",
            name="OtherConnection",
        )


def _next_step(answer: "Answer") -> str | None:
    failure = answer.row.failure if answer.row is not None else None
    if failure is None:
        return None
    if AGAIN.get(failure.error) == "yes":  # a flush would drop a token that may still be good
        return (
            f"it is tried again without you; to see whether it is over: {sfmint('refresh', answer.question.connection)}"
        )
    return f"when it is repaired, to forget the failure: {sfmint('flush', answer.question.connection)}"
