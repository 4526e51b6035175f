"""Writes docs/scaling.md and its plot from simulated hours and a run of real processes: ``python tools/scaling_page.py``."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sfmint_bench.growth.hour import TAKES_S, Load, Way, simulated_hour
from sfmint_bench.growth.lambda_function import IDLE_S, START_S
from sfmint_bench.growth.limits import PARAMETER_READS, SALESFORCE_LOGINS, SAMPLE, full_stacks, limits
from sfmint_bench.growth.plot import draw
from sfmint_bench.growth.points import CALLERS_EACH, Points, simulate
from sfmint_bench.growth.prices import AS_OF, PRICES, REGION, STANDING, a_month, bill, per_million_calls
from sfmint_bench.growth.replay import METRICS, Counted, count_twice
from sfmint_bench.growth.simulated_stack import TRUST_S
from sfmint_bench.growth.template_size import TemplateSize
from sfmint_bench.growth.usage import Usage
from sfmint_local.environments import BareStack, Environments
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order

PAGE = Path(__file__).resolve().parent.parent / "docs/scaling.md"
PLOT = PAGE.with_suffix(".svg")

_WAYS: Mapping[Way, str] = {"invoke": "invoke", "client": "client layer"}
_CALLS = ("reads", "writes", "KMS", "secret reads")
_MONEY = ("$ a million calls", "$ a month")
_COUNTED = ("logins", "invocations", "GetItem", "UpdateItem", "Encrypt", "Decrypt", "GetSecretValue", *METRICS)
_HEAD = """\
# Scaling

<!-- Made by `make docs` from simulated hours: change bench/sfmint_bench/growth, and run it. -->

What more callers, connections and stacks cost in logins, calls of AWS and dollars; where that ends; how to go on from there.

![Logins an hour and dollars for a million calls, against callers](scaling.svg)

- **Logins follow connections, never callers.** The schedule refreshes a token of 15 minutes every five, so a connection logs in
  {logins} times an hour, whether one caller uses it or ten thousand.
- **Use the [client layer](calling.md).** Its callers keep the token themselves: one call in {calls} invokes the broker, and with
  many callers what is paid for a call falls nearly as much.
- **A stack holds {most} connections**, an account {stacks} such stacks until a quota is raised. [Below](#beyond-a-stack) is how.

## What is counted

Each row is one simulated hour after a warm-up of twenty minutes: sfmint's own broker, keeper and client run, with its own
conditional writes, on a clock that jumps from call to call; table, key, secrets and Salesforce stand in memory, grant everything
and count. Assumed, and not measured:

- A caller is an execution environment of yours. It needs a token once a minute on average, at random, and lives for the hour.
  Callers are spread evenly over connections.
- An invocation meets the free environment that was used last; where there is none, Lambda starts one in {start}. One that nobody
  needs for {idle} is gone.
- An answer takes {memory} from memory, {renewed} where its trust is renewed, {cache} from the row, {minted} with a login.
- An answer takes effect at its beginning, so nobody is seen to wait for somebody else's login.
- Nothing fails, all parameters have their defaults, and the store is DynamoDB.

Small schedules of half an hour are met twice: by the simulation, and by the functions as real processes on the embedded AWS and
the embedded org, whose clocks are moved. `make test` counts again, and the numbers must be equal. *Invocations* are the broker's;
`Token...` are sfmint's metrics.

"""
_CALLERS = """
## Callers

One connection. *Environments*: of the broker, the most at once. *Dollars a month*: of 730 such hours, with what stands by the
month (a secret, a key, custom metrics), and without the table's storage and its point-in-time recovery. With few callers it is the
schedule's logins that a call costs; with many, its own invocation and log line.

"""
_CONNECTIONS = """
## Connections and stacks

{each} callers for each connection, and a Salesforce user for each.

"""
_LIFETIMES = """
A longer session time-out in Salesforce, and as long a `token_lifetime`, is what lowers logins:

"""
_DOLLARS = """
## Dollars

For a million calls, by what is paid for: list prices of {region} as known in {as_of}, without free tiers. A caller's own time is
not in it, nor what keeping logs costs; a log line's length is measured on the functions' own output, and Lambda's START, END and
REPORT lines are in.

"""
_LIMITS = """
## Limits

Defaults of AWS in a large region; an account's own stand in its console under Service Quotas.

"""
_BEYOND = """
## Beyond a stack

A stack is a unit of everything: table, key, functions, logs, login budget. Cut along what changes together, such as business
units or orgs, before the list is full: moving a connection later means a new alias for its consumers.

1. In `samconfig.toml`, copy the `[default...]` tables as `[sales...]` and give them `stack_name = "sfmint-sales"`. Names of policies
   belong to the whole account, so a stack in a second region needs another name too.
2. Deploy it, and store its secrets, which carry the stack's name:

       make deploy ENV=sales PARAMETERS="Connections=orders,billing LoginBudgetPerHour=120"
       sfmint --stack sfmint-sales connection add orders ...

3. Consumers name the stack, `SFMINT_STACK=sfmint-sales`, and attach `sfmint-sales-get-token-orders`.
4. Give each connection a Salesforce user of its own. Where stacks must share one, each counts for itself: split
   `LoginBudgetPerHour` so that the parts stay under Salesforce's {logins} an hour, with room for its other logins.
5. To move a connection, add it to the new stack, store the same credentials there, point the consumers to it, and then take it out
   of the old one's `Connections`. Meanwhile each of the two logs in for itself.

With `CacheBackend=parameter-store` an account's {reads} reads a second are the end of it: they renew the trust of {pairs} pairs of
environment and connection, with none left for anything else. It is meant for few callers; take the table for growth.
"""

type Cells = Sequence[str]


def page(points: Points, used: Mapping[Load, Usage], counted: Counted) -> str:
    """Returns the whole page.

    Args:
        points: what it tells of.
        used: by load.
        counted: by the simulation, and by real processes.
    """
    return "".join(
        [
            head(),
            check_table(counted),
            _CALLERS,
            callers_table(points.by_callers, used),
            _CONNECTIONS.format(each=CALLERS_EACH),
            connections_table(points.by_connections, used),
            _LIFETIMES,
            lifetimes_table(points.by_lifetime, used),
            _DOLLARS.format(region=REGION, as_of=AS_OF),
            dollars_table([load for load in points.by_callers if load.callers in {10, 1000}], used),
            "\n",
            prices_table(),
            _LIMITS,
            limits_table(),
            beyond(),
        ]
    )


def head() -> str:
    """Returns what stands before the first table."""
    size, sample = TemplateSize.of_template(), simulated_hour(SAMPLE)
    return _HEAD.format(
        logins=sample.logins,
        calls=round(sample.asked / sample.invocations["token_broker"]),
        most=size.most_connections,
        stacks=full_stacks(size),
        start=_milliseconds(START_S),
        idle=f"{IDLE_S / 60:.0f} minutes",
        **{name: _milliseconds(seconds) for name, seconds in TAKES_S.items()},
    )


def beyond() -> str:
    """Returns what stands after the last table."""
    pairs = PARAMETER_READS * TRUST_S
    return _BEYOND.format(logins=f"{SALESFORCE_LOGINS:,}", reads=PARAMETER_READS, pairs=f"{pairs:,.0f}")


def check_table(counted: Counted) -> str:
    """Returns what was counted twice."""
    titles = [f"{schedule.title}, {who}" for schedule in counted for who in ("simulated", "real")]
    columns = [column for pair in counted.values() for column in pair]
    rows = [(f"`{name}`", *(f"{column[name]}" for column in columns)) for name in _COUNTED]
    return _table(("counted", *titles), rows)


def callers_table(loads: Iterable[Load], used: Mapping[Load, Usage]) -> str:
    """Returns a row for each load."""
    names = ("callers", "way", "calls an hour", "invocations of the broker", "environments", *_CALLS, "logins", *_MONEY)
    rows = []
    for load in loads:
        usage = used[load]
        own = f"{usage.asked:,}", f"{usage.invocations['token_broker']:,}", f"{usage.most}"
        rows.append((f"{load.callers:,}", _WAYS[load.way], *own, *_calls(usage), f"{usage.logins:,}", *_money(usage)))
    return _table(names, rows)


def connections_table(loads: Iterable[Load], used: Mapping[Load, Usage]) -> str:
    """Returns a row for each load."""
    names = ("stacks", "connections", "callers", "way", "invocations of the broker", *_CALLS, "logins", *_MONEY)
    rows = []
    for load in loads:
        usage = used[load]
        own = f"{load.stacks}", f"{usage.connections}", f"{load.callers:,}", _WAYS[load.way]
        invocations = f"{usage.invocations['token_broker']:,}"
        rows.append((*own, invocations, *_calls(usage), f"{usage.logins:,}", *_money(usage)))
    return _table(names, rows)


def lifetimes_table(loads: Iterable[Load], used: Mapping[Load, Usage]) -> str:
    """Returns a row for each load."""
    rows = [(f"{load.lifetime_s:,}", f"{used[load].logins / used[load].connections:.1f}") for load in loads]
    return _table(("`token_lifetime`, seconds", "logins an hour and connection"), rows)


def dollars_table(loads: Sequence[Load], used: Mapping[Load, Usage]) -> str:
    """Returns a column for each load."""
    names = [f"{load.callers:,} callers, {_WAYS[load.way]}" for load in loads]
    millions = [used[load].asked / 1e6 for load in loads]
    bills = [bill(used[load]) for load in loads]
    rows = []
    for price in PRICES:
        dollars = [paid[price.item] / million for paid, million in zip(bills, millions, strict=True)]
        rows.append((price.item, *(f"{amount:.3f}" for amount in dollars)))
    rows.append(("**all**", *(f"**{per_million_calls(used[load]):.3f}**" for load in loads)))
    return _table(("", *names), rows)


def prices_table() -> str:
    """Returns a row for each price."""
    rows = [
        (price.item, f"{price.dollars:.10f}".rstrip("0").rstrip("."), price.unit, price.page)
        for price in (*PRICES, *STANDING)
    ]
    return _table(("what", "dollars", "for", "AWS's page"), rows)


def limits_table() -> str:
    """Returns a row for each limit."""
    rows = [(each.of, each.number, each.met_at, each.remedy, each.source) for each in limits()]
    return _table(("limit", "is", "met at", "then", "source"), rows)


def _table(names: Cells, rows: Iterable[Cells]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _calls(usage: Usage) -> Cells:
    aws = usage.aws
    numbers = aws["GetItem"], aws["UpdateItem"], aws["Encrypt"] + aws["Decrypt"], aws["GetSecretValue"]
    return [f"{number:,}" for number in numbers]


def _money(usage: Usage) -> Cells:
    return _dollars(per_million_calls(usage)), _dollars(a_month(usage))


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _tell(done: int, every: int) -> None:
    print(f"\r{done} of {every} hours", end="" if done < every else "\n", file=sys.stderr, flush=True)


def main() -> int:
    """Simulates, runs and writes; returns the exit code."""
    end_in_order()
    points = Points.of_the_page()
    try:
        with BareStack("growth") as stack, Environments(stack.folder) as environments:
            counted = count_twice(stack, environments)
        used = simulate(points, _tell)
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    PAGE.write_text(page(points, used, counted))
    draw(PLOT, points.by_callers, used)
    return 0


if __name__ == "__main__":
    sys.exit(main())
