"""Writes docs/scaling.md and its plot from simulated hours and a run of real processes: ``python tools/scaling_page.py``."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from page_table import table
from sfmint_bench import plots
from sfmint_bench.growth import dollars, hour, limits
from sfmint_bench.growth.hour import Load, Usage, Way, simulated_hour
from sfmint_bench.growth.replay import METRICS, Counted, count_twice
from sfmint_local.environments import BareStack, Environments
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order

PAGE = Path(__file__).resolve().parent.parent / "docs/scaling.md"
PLOT = PAGE.with_suffix(".svg")
TEMPLATE = Path(__file__).with_suffix(".template")

_CALLERS_EACH = 10  # of a connection, where connections grow
_MOST = limits.MOST_CONNECTIONS
_WAYS: tuple[Way, ...] = ("invoke", "client")
BY_CALLERS = tuple(
    Load(callers=number, connections=1, way=way) for number in (1, 10, 100, 1000, 10_000) for way in _WAYS
)
BY_CONNECTIONS = tuple(
    Load(callers=_CALLERS_EACH * each * stacks, connections=each, stacks=stacks, way=way)
    for each, stacks in ((1, 1), (10, 1), (_MOST, 1), (_MOST, 4))
    for way in _WAYS
)
BY_METRICS = tuple(
    Load(callers=_CALLERS_EACH * number, connections=number, way=way) for number in (1, 10, 60) for way in _WAYS
)
BY_LIFETIME = tuple(Load(callers=200, connections=20, lifetime_s=s, way="invoke") for s in (900, 1800, 3600, 7200))

_COUNTED = ("logins", "invocations", "GetItem", "UpdateItem", "Encrypt", "Decrypt", "GetSecretValue", *METRICS)
_LAYER = {"invoke": "invoke", "client": "client layer"}
_COLUMNS: Mapping[str, Callable[[Load, Usage], str]] = {
    "stacks": lambda load, _: f"{load.stacks}",
    "connections": lambda _, used: f"{used['connections']}",
    "callers": lambda load, _: f"{load.callers:,}",
    "way": lambda load, _: _LAYER[load.way],
    "calls an hour": lambda _, used: f"{used['calls']:,}",
    "invocations of the broker": lambda _, used: f"{used['token_broker']:,}",
    "environments": lambda _, used: f"{used['environments']}",
    "reads": lambda _, used: f"{used['GetItem']:,}",
    "writes": lambda _, used: f"{used['UpdateItem']:,}",
    "KMS": lambda _, used: f"{used['Encrypt'] + used['Decrypt']:,}",
    "secret reads": lambda _, used: f"{used['GetSecretValue']:,}",
    "logins": lambda _, used: f"{used['logins']:,}",
    "$ a million calls": lambda _, used: f"{dollars.per_million_calls(used):,.2f}",
    "$ a month": lambda _, used: f"{dollars.a_month(used):,.2f}",
    "`token_lifetime`, seconds": lambda load, _: f"{load.lifetime_s:,}",
    "logins an hour and connection": lambda _, used: f"{used['logins'] / used['connections']:.1f}",
}
_EVERYWHERE = ("reads", "writes", "KMS", "secret reads", "logins", "$ a million calls", "$ a month")

type Used = Mapping[Load, Usage]


def page(used: Used, counted: Counted) -> str:
    """Return the whole page.

    Args:
        used: by load; one that is not there has no row.
        counted: by the simulation, and by real processes.
    """
    invocations = "invocations of the broker"
    tables = {
        "check_table": _check_table(counted),
        "callers_table": _loads_table(
            used, BY_CALLERS, "callers", "way", "calls an hour", invocations, "environments", *_EVERYWHERE
        ),
        "connections_table": _loads_table(
            used, BY_CONNECTIONS, "stacks", "connections", "callers", "way", invocations, *_EVERYWHERE
        ),
        "lifetimes_table": _loads_table(
            used, BY_LIFETIME, "`token_lifetime`, seconds", "logins an hour and connection"
        ),
        "metrics_table": _metrics_table(used),
        "dollars_table": _dollars_table([load for load in BY_CALLERS if load.callers in {10, 1000}], used),
        "prices_table": _prices_table(),
    }
    return TEMPLATE.read_text().format(callers_each=_CALLERS_EACH, **tables, **limits.figures())


def plot(used: Used) -> bytes:
    """Return the plot of one connection with growing callers; a load that is not there has no point."""
    loads = [load for load in BY_CALLERS if load in used]
    costs = {
        way: {one.callers: dollars.per_million_calls(used[one]) for one in loads if one.way == way} for way in _WAYS
    }
    return plots.growth(
        {load.callers: used[load]["logins"] for load in loads if load.way == "invoke"},
        {"each call invokes the broker": costs["invoke"], "with the client layer": costs["client"]},
        calls=hour.HOUR_S / hour.EVERY_S,
        limit=limits.SALESFORCE_LOGINS,
    )


def _check_table(counted: Counted) -> str:
    titles = [f"{schedule.title}, {who}" for schedule in counted for who in ("simulated", "real")]
    columns = [column for pair in counted.values() for column in pair]
    return table(("counted", *titles), [(f"`{name}`", *(f"{each[name]}" for each in columns)) for name in _COUNTED])


def _loads_table(used: Used, loads: Sequence[Load], *names: str) -> str:
    return table(names, [[_COLUMNS[name](load, used[load]) for name in names] for load in loads if load in used])


def _dollars_table(loads: Sequence[Load], used: Used) -> str:
    bills = [(dollars.bill(used[load]), used[load]["calls"] / 1e6) for load in loads]
    rows = [[price.item, *(f"{paid[price.item] / calls:.3f}" for paid, calls in bills)] for price in dollars.PRICES]
    every = [f"**{dollars.per_million_calls(used[load]):.3f}**" for load in loads]
    names = [f"{load.callers:,} callers, {_LAYER[load.way]}" for load in loads]
    return table(["", *names], [*rows, ["**all**", *every]])


def _metrics_table(used: Used) -> str:
    names = (
        "connections",
        "callers",
        "way",
        "metrics",
        "$ a month",
        "at most",
        "$ a month",
        "log, GB a month",
        "$ a month",
    )
    return table(names, [_metrics_row(load, used[load]) for load in BY_METRICS if load in used])


def _metrics_row(load: Load, hour_used: Usage) -> tuple[str, ...]:
    connections = hour_used["connections"]
    most = dollars.most_metrics(connections)
    gigabytes = dollars.of_a_month(hour_used["metric bytes"]) / dollars.GB
    return (
        f"{connections}",
        f"{load.callers:,}",
        _LAYER[load.way],
        f"{hour_used['metrics']:,}",
        f"{dollars.of_metrics(hour_used['metrics']):,.2f}",
        f"{most:,}",
        f"{dollars.of_metrics(most):,.2f}",
        f"{gigabytes:.2f}",
        f"{dollars.of_logs(gigabytes):.2f}",
    )


def _prices_table() -> str:
    prices = (*dollars.PRICES, *dollars.STANDING)
    rows = [(each.item, f"{each.dollars:.10f}".rstrip("0").rstrip("."), each.unit, each.page) for each in prices]
    return table(("what", "dollars", "for", "AWS's page"), rows)


def main() -> int:
    """Simulate, run and write; return the exit code."""
    end_in_order()
    used: dict[Load, Usage] = {}
    try:
        with BareStack("growth") as stack, Environments(stack.folder) as environments:
            counted = count_twice(stack, environments)
        for load in (*BY_CALLERS, *BY_CONNECTIONS, *BY_METRICS, *BY_LIFETIME):
            print(f"simulating {load}", file=sys.stderr, flush=True)
            used[load] = simulated_hour(load)
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    PAGE.write_text(page(used, counted))
    PLOT.write_bytes(plot(used))
    return 0


if __name__ == "__main__":
    sys.exit(main())
