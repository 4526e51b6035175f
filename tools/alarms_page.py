"""Writes docs/alarms.md from the alarms of template.yaml: ``python tools/alarms_page.py``.

A test makes the page again and compares the two.
"""

from collections.abc import Mapping
from pathlib import Path

from page_table import table
from template_alarms import OFF, Alarm, Stand, alarms

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/alarms.md"

# Whose fault it is at first sight. The page of the alarm says how one finds out.
FAULTS: Mapping[str, str] = {
    "ObjectiveBurnsFast": "the class of most errors says it",
    "ObjectiveBurnsSlowly": "likewise",
    "LoginsFailing": "Salesforce's, if all connections of an org fail; else the operator's: app, key or secret",
    "BreakerOpen": "a caller's that uses another host, or the org's that ends sessions",
    "LoginBudgetHigh": "the callers' or the operator's: tokens are rejected or flushed in a loop, or users are shared",
    "DegradedAnswers": "Salesforce's or AWS's: one of them does not answer",
    "RowsRepaired": "somebody's who writes to the store and must not; or a clock's",
    "ClockOff": "AWS's, or a proxy's that answers in another's place",
    "KeeperSilent": "the operator's: a schedule or a right is gone; or the account's concurrency is used up",
    "TokenOld": "as of `LoginsFailing` or `KeeperSilent`; alone the operator's, whose `RefreshRate` is too slow",
    "CertificateEnds": "the operator's work, together with the org's administrator",
    "RotationPending": "the operator's or the administrator's: somebody has to upload a certificate",
    "RotationErrors": "the operator's: a right, the app or the secret has changed",
    "BrokerThrottled": "the account's concurrency is used up, or `ReservedConcurrency` is too low",
    "RequestThrottled": "the account's concurrency is used up",
    "BrokerErrors": "sfmint's",
    "RequestErrors": "sfmint's",
    "KeeperErrors": "the operator's, if a connection has no usable secret; as of `LoginsFailing`; else AWS's",
    "ProbeFailed": "as the other alarms say; alone that of the prober's own rights, or of the way to it",
    "ProbeNotRefused": "the operator's: a policy gives more than it should. Treat it as an attack until you know",
}
_HEAD = """\
# Alarms

*Reference, for the person who was woken: each alarm, whose fault it is at first sight, and the page that helps.* Words are explained in the
[glossary](glossary.md).

<!-- Made by `make docs` from template.yaml: change that, or tools/alarms_page.py, and run it. -->

The parameter [`AlarmTopicArn`](parameters.md#how-it-is-watched) makes these alarms; without it there are none. Each is called
`STACK-NAME`, says in its description what is wrong, and tells the topic when it begins and when it is over. Each stands on one total
([metrics.md](metrics.md)), so their number does not grow with connections; which connection it is, the log line and `sfmint status` say.

If several ring, begin with the one that stands higher up: those below are often its consequences, or its cause by name.

## Whose fault, and what now

"""
_STANDS = """\
## What each stands on

*Without a value*: what a period means in which nothing was counted. CloudWatch looks a few periods further back before it takes one as
missing. `KeeperSilent` and `TokenOld` are not made with `RefreshRate=off`; the two of the prober need
[`ProbeConnection`](parameters.md#how-it-is-watched).

Two hear only what runs often. `KeeperErrors` needs a `RefreshRate` of ten minutes or less: with a slower one `TokenOld` rings instead, when
the token is over. `RotationPending` needs a run of the rotation in each hour: with `RefreshRate=off` nothing goes on by itself, so look at
`sfmint rotate status`.

"""


def page() -> str:
    """Return the page."""
    faults = [
        (
            f"`{each.name}`",
            each.sentence,
            FAULTS[each.name],
            f"[{Path(each.page).name}]({each.page.removeprefix('docs/')})",
        )
        for each in alarms()
    ]
    stands = [(f"`{each.name}`", _stands(each), each.missing) for each in alarms()]
    return "\n".join(
        (
            _HEAD + table(("alarm", "what is wrong", "whose fault at first sight", "page"), faults),
            _STANDS + table(("alarm", "rings at", "without a value"), stands),
        )
    )


def _stands(alarm: Alarm) -> str:
    on = _told(alarm.stand)
    return on if alarm.off is None or alarm.off == alarm.stand else f"{on}; {OFF} {_told(alarm.off)}"


def _told(stand: Stand) -> str:
    return f"`{stand.metric}` of {stand.service}: {stand.rings}"


if __name__ == "__main__":
    PAGE.write_text(page())
