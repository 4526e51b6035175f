"""Lines with embedded metrics: CloudWatch takes each, and two stacks are never added up."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sfmint_local.cloudwatch.metric_line import Series, faults, series
from sfmint_values.embedded_metrics import BY_CONNECTION, NO_CONNECTION, EmbeddedMetrics

NOON = 1_800_000_000.25
NAMES = ("Served", "Failed", "Unserved", "Minted", "Percent")
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=45)
CONNECTIONS = st.just(NO_CONNECTION) | st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True)
COUNTS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**6), min_size=1)
FIELDS = st.dictionaries(st.sampled_from(("error", "cause", "fence")), st.text() | st.integers(-(2**53), 2**53))


def written(counts: Mapping[str, int], said: Mapping[str, str | int], stack: str = "acme") -> dict[str, Any]:
    metrics = EmbeddedMetrics(
        namespace="sfmint",
        stack=stack,
        service="token_broker",
        by_connection={"Served", "Unserved"},
        of_stack={"Percent"},
    )
    text = metrics.line(counts, said, at=NOON)
    assert "\n" not in text
    line: dict[str, Any] = json.loads(text)
    assert metrics.line(counts, said, at=NOON) == text
    return line


@given(counts=COUNTS, said=FIELDS, connection=CONNECTIONS, stack=PLAIN)
def test_cloudwatch_takes_every_line(
    counts: dict[str, int], said: dict[str, str | int], connection: str, stack: str
) -> None:
    line = written(counts, {**said, "connection": connection}, stack)
    assert faults(line) == []
    assert line["_aws"]["Timestamp"] == 1_800_000_000_250
    assert line.items() >= {**said, **counts, "connection": connection, "stack": stack}.items()


@given(counts=COUNTS, connection=CONNECTIONS)
def test_each_count_is_in_the_total_once_and_some_for_the_connection_once(
    counts: dict[str, int], connection: str
) -> None:
    kept = list(series(written(counts, {"connection": connection})))
    total = (("stack", "acme"), ("service", "token_broker"))
    wanted: list[tuple[Series, float]] = [
        (("sfmint", name, total[:1] if name == "Percent" else total), count) for name, count in counts.items()
    ]
    wanted += [
        (("sfmint", name, (*total, ("connection", connection))), count)
        for name, count in counts.items()
        if connection != NO_CONNECTION and name in {"Served", "Unserved"}
    ]
    assert sorted(kept) == sorted(wanted)


@given(counts=COUNTS, connection=CONNECTIONS, stacks=st.lists(PLAIN, min_size=2, max_size=2, unique=True))
def test_two_stacks_have_no_metric_in_common(counts: dict[str, int], connection: str, stacks: list[str]) -> None:
    one, other = ({key for key, _ in series(written(counts, {"connection": connection}, stack))} for stack in stacks)
    assert one.isdisjoint(other)


@given(name=st.sampled_from((*BY_CONNECTION[:-1], "Served")))
def test_no_field_passes_for_a_dimension_or_a_metric(name: str) -> None:
    line = written({"Served": 1}, {"connection": "orders", name: "foreign"})
    assert (line["stack"], line["service"], line["Served"]) == ("acme", "token_broker", 1)
