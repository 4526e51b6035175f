"""Writes docs/metrics.md from the records of the core and of key_rotation, and from what salesforce_request and prober count.

``python tools/metrics_page.py``

A test makes the page again and compares the two.
"""

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page_table import table
from sfmint import errors, telemetry
from sfmint.telemetry import (
    CERTIFICATE_DAYS_LEFT,
    UNSERVED,
    WAITED,
    Record,
    RequestFailed,
    operators,
)
from sfmint_client import errors as client_errors
from sfmint_values.embedded_metrics import BY_CONNECTION, MOST_BY_CONNECTION, NAMESPACE, OF_STACK, TOTAL, UNIT
from sfmint_values.error_names import AGAIN, CALLERS_MISTAKES
from template_alarms import OFF, alarms

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/metrics.md"
REST, ROTATION, PROBER = "salesforce_request", "key_rotation", "prober"
_CORE = ("token_broker", "token_keeper")

# What to alarm on beside the template's own alarms, by metric. Each alarm stands on a total.
_ADVICE: Mapping[str, str] = {
    "TokenServedFromMemory": "none; with `TokenServed` it is the number of answers",
    "TokenServed": "none",
    "TokenMinted": "none",
    WAITED: "none; its average is the share of these callers who waited for a login",
    "TokenRejected": "6 in an hour: something ends sessions",
    "FencedOut": "3 in an hour: processes freeze during logins",
    "UnusableCopy": "any: somebody else writes to the table, or the key has changed",
    "ClockWentBack": "none",
    "AskedElsewhere": "any, where the stack has no endpoint of its own",
    "TokenFlushed": "none; an operator did it",
    "KeyTainted": "any: a key is barred",
    "StagedLogin": "none; an operator did it",
    "StagedLoginFailed": "none; an operator is told at once",
    "RestRequestAnswered": "none",
    "RestRequestFailed": "against `RestRequestAnswered`, as your callers need it",
    "AllowListStale": "any for more than 5 minutes: then requests are refused",
    "RotationFinished": "none",
    "RotationCancelled": "any: the old key goes on, and the log line says why",
    "RotationNotAnnounced": "any: nobody is told of rotations",
}
# What a record counts beside its own metric: by whom, and when.
_BESIDE: Mapping[str, tuple[tuple[str, ...], str]] = {
    UNSERVED: (_CORE[:1], "A request for a token: 1 where it got none by no mistake of the caller's, else 0"),
    WAITED: (_CORE[:1], "A token was served from the row, or fresh: 1 where this caller waited for a login, else 0"),
    CERTIFICATE_DAYS_LEFT: (
        _CORE,
        (
            "Whole days until the certificate of the key ends, if the secret holds one, at each login and, of the first that ends, "
            "at each run of the watch; the lowest value counts"
        ),
    ),
    operators.FAILING: (
        _CORE[1:],
        "Each run of the watch: how many connections' rows remember a failed login, or cannot be read",
    ),
    operators.OPEN: (_CORE[1:], "Each run of the watch: of how many connections fresh tokens keep being refused"),
    operators.OLDEST: (
        _CORE[1:],
        (
            "Each run of the watch: age of the oldest token in percent of its life, 100 where one is over and was not "
            "replaced, 0 where there is none; the highest value counts"
        ),
    ),
}
_ON_MISTAKES = "none: the caller must change what it sends"
_ON_ANSWERS = "none: Salesforce's answer to what a caller sent"
_ON_FAULTS = "3 in 5 minutes"
_BY_ERROR: Mapping[str, str] = {
    "AssertionRejected": "any: no login succeeds until somebody changes something",
    "InvalidCredentials": "any: likewise",
    "ConnectionNotFound": "any: a connection is deployed and has no secret yet",
    "InternalError": "any: report the log line",
    "AnswerHoldsToken": "any: something echoes tokens",
    "RotationPending": "none: the next run goes on",
    "RotationRefused": "any: a rotation cannot begin, and the log line says why",
    "RotationVoid": "any: Secrets Manager's rotation has ended without a new key",
    **dict.fromkeys((*CALLERS_MISTAKES, "WrongHost", "RequestNotAllowed", "AnswerTooLarge"), _ON_MISTAKES),
}
_HEAD = f"""\
# Metrics

*Reference, for everybody who builds an alarm or a dashboard.*

<!-- Made by `make docs` from the records in sfmint.telemetry: change those, or tools/metrics_page.py, and run it. -->

All metrics are in the namespace `{NAMESPACE}` (`POWERTOOLS_METRICS_NAMESPACE` in template.yaml) and have the unit {UNIT}. The functions write
them into their logs as lines in CloudWatch's embedded metric format; nothing calls CloudWatch, and no metric holds a token.

Each metric has a *total* with the dimensions {", ".join(f"`{name}`" for name in TOTAL)}. `stack` is the stack's name, so two stacks are never added
up; `service` is the function. **Alarms stand on totals.** Some metrics are also kept *by connection*, with the dimensions
{", ".join(f"`{name}`" for name in BY_CONNECTION)}: these tell which connection it is. They are at most {MOST_BY_CONNECTION} for each connection, all functions
together, because each of them [costs its price for each connection](scaling.md#dollars). What belongs to no connection, such as a
call through an unknown alias, is in the total only. What several functions tell one number of is kept *of the stack*, with the dimension
{", ".join(f"`{name}`" for name in OF_STACK)} alone.

With [`AlarmTopicArn`](parameters.md#how-it-is-watched) the stack makes the alarms that the column *alarm on* names;
[alarms.md](alarms.md) says whose fault each is. What stands there beside is advice for alarms of your own. A metric that was never counted
does not exist yet: choose `notBreaching` for missing data.
"""
_LET_DOWN = ", ".join(f"`{name}`" for name in AGAIN if name not in CALLERS_MISTAKES)
_UNSERVED = f"""\
## Was the caller served?

Each request for a token counts `{UNSERVED}` once: 0 if the caller got a token, even an old one in spite of a failure; 1 if it got
none. Its average is the share of callers who were let down. Mistakes of the caller count as 0:
{" and ".join(f"`{name}`" for name in sorted(CALLERS_MISTAKES))}. All other errors count as 1:

{_LET_DOWN}.

That holds for `RefreshInProgress` too, although a longer `deadline_ms` may help. The action `status` asks for no token and counts nothing.

A call that Lambda ends itself (time-out, no memory) or never starts (throttled) writes no line: Lambda's own metrics `Errors` and
`Throttles` count it. `Errors` also counts every error that a function answers, a caller's mistake too.
"""
_FAILURES = """\
## Why did a request fail?

Each class of error has a metric of its own, in the total only. Which connection it was, the log line says: filter by `error`.
[errors.md](errors.md) tells what each error means. `FailedSfmintError` counts errors that a newer broker sends and this version does
not know by name.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        name: in CloudWatch.
        services: the functions that count it.
        by_connection: whether it is kept for each connection too.
        of_stack: whether it is kept once, whichever function counts it.
        when: what it counts.
        alarm: what to alarm on.
    """

    name: str
    services: tuple[str, ...]
    by_connection: bool = False
    of_stack: bool = False
    when: str
    alarm: str


def metrics() -> list[Metric]:
    """Return all metrics of the five functions."""
    return [*_of_records(), *_of_requests(), *_of_probes(), *_of_errors()]


def records() -> list[type[Record]]:
    """Return every kind of record."""
    of_modules = (vars(module).values() for module in (telemetry, operators, _of_function(ROTATION, "telemetry")))
    values = (value for values in of_modules for value in values)
    kinds = (value for value in values if isinstance(value, type) and issubclass(value, Record))
    return list(dict.fromkeys(kind for kind in kinds if kind is not Record))


def _of_records() -> Iterator[Metric]:
    services = {name: [*some] for name, (some, _) in _BESIDE.items()}
    sentences = {name: sentence for name, (_, sentence) in _BESIDE.items()}
    for kind in records():
        if not issubclass(kind, RequestFailed):
            services.setdefault(kind.metric, []).extend(kind.services)
            sentences.setdefault(kind.metric, _sentence(kind))
    for name, sentence in sentences.items():
        yield _counted(name, tuple(dict.fromkeys(services[name])), telemetry.BY_CONNECTION, sentence)
    when = "A run of a rotation: 1 where it ended in an error that stops the rotation, else 0"
    yield _counted(_of_function(ROTATION, "telemetry").FAILED, (ROTATION,), telemetry.BY_CONNECTION, when)


def _of_requests() -> Iterator[Metric]:
    log = _of_function(REST, "log")
    yield _counted(log.ANSWERED, (REST,), log.BY_CONNECTION, "A REST request was answered by Salesforce")
    yield _counted(log.FAILED, (REST,), log.BY_CONNECTION, "A REST request ended in an error")
    yield _counted(
        log.LIST_STALE, (REST,), log.BY_CONNECTION, "An allow-list could not be read, and the last one served"
    )


def _of_probes() -> Iterator[Metric]:
    log = _of_function(PROBER, "log")
    when = "A probe: 1 where no token could be got and used, or AWS left a question without an answer, else 0"
    yield _counted(log.FAILED, (PROBER,), frozenset(), when)
    when = "A probe: 1 where AWS allowed what the connection's policy does not give, 0 where it refused all of it, else nothing"
    yield _counted(log.NOT_REFUSED, (PROBER,), frozenset(), when)


def _counted(name: str, services: tuple[str, ...], by_connection: frozenset[str], when: str) -> Metric:
    return Metric(
        name=name,
        services=services,
        by_connection=name in by_connection,
        of_stack=name in telemetry.OF_STACK,
        when=when,
        alarm=_alarm_of(name),
    )


def _of_errors() -> Iterator[Metric]:
    ours: dict[str, type] = {kind.__name__: kind for kind in errors.SfmintError.__subclasses__()}
    clients: list[type] = [client_errors.SfmintError, *client_errors.SfmintError.__subclasses__()]
    for name, kind in ({each.__name__: each for each in clients} | ours).items():
        services = (*((*_CORE, ROTATION) if name in ours else ()), REST)
        when = "An error whose name is not known here" if kind is client_errors.SfmintError else _sentence(kind)
        yield Metric(
            name=f"{RequestFailed.metric}{name}",
            services=services,
            when=when,
            alarm=_alarm_of(f"{RequestFailed.metric}{name}", _alarm_on(name)),
        )
    for kind in _of_function(ROTATION, "errors").RotationError.__subclasses__():
        name = f"{RequestFailed.metric}{kind.__name__}"
        yield Metric(name=name, services=(ROTATION,), when=_sentence(kind), alarm=_alarm_on(kind.__name__))


def _alarm_of(metric: str, advice: str = "") -> str:
    """Return the template's alarms on a metric, and where it has none for all stacks, the advice."""
    told = [f"[{each.name}](alarms.md): {each.stand.rings}" for each in alarms() if each.stand.metric == metric]
    told += [
        f"[{each.name}](alarms.md) {OFF}: {each.off.rings}"
        for each in alarms()
        if each.off and each.off.metric == metric != each.stand.metric
    ]
    advice = advice or _ADVICE.get(metric, "")
    return "; ".join(dict.fromkeys([*told, *([advice] if advice and not told else [])]))


def _alarm_on(error: str) -> str:
    if error in _BY_ERROR:
        return _BY_ERROR[error]
    return _ON_ANSWERS if error.startswith("Salesforce") and error not in AGAIN else _ON_FAULTS


def _sentence(kind: type) -> str:
    return re.sub(r"\s+", " ", (kind.__doc__ or "").partition("\n\n")[0]).removesuffix(".")


def _of_function(function: str, module: str) -> Any:
    """Return a function's own module: its folder is on no path but Lambda's."""
    folder = str(ROOT / "functions" / function)
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(f"{function}.{module}")


def page() -> str:
    """Return the page."""
    of_errors = [each for each in metrics() if each.name.startswith(RequestFailed.metric)]
    others = [each for each in metrics() if each not in of_errors]
    return "\n".join((_HEAD, "## What is counted\n", _table(others), _UNSERVED, _FAILURES, _table(of_errors)))


def _table(rows: list[Metric]) -> str:
    columns = ("metric", "counted by", "kept", "when", "alarm on")
    return table(
        columns,
        [
            (
                f"`{each.name}`",
                ", ".join(f"{service}" for service in each.services),
                "of the stack" if each.of_stack else "total, by connection" if each.by_connection else "total",
                each.when,
                each.alarm,
            )
            for each in rows
        ],
    )


if __name__ == "__main__":
    PAGE.write_text(page())
