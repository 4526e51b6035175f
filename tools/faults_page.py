"""Writes docs/faults.md from what every fault does to a caller: ``make faults``, or ``python tools/faults_page.py``."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import page_table
from sfmint_local.errors import LocalStackError
from sfmint_local.faults.endpoint_fault import ENDPOINT_FAULTS
from sfmint_local.faults.forgery import FORGERIES
from sfmint_local.faults.matrix import DEGRADED_MODES, arena, measure
from sfmint_local.faults.outcome import Case, NotMeasured, Outcome, agrees
from sfmint_local.faults.scene import STORES
from sfmint_local.faults.token_state import AT_HAND, IN_MEMORY, ON_THE_ROW
from sfmint_local.interruption import INTERRUPTED, end_in_order

PAGE = Path(__file__).resolve().parent.parent / "docs/faults.md"
_ANY, _BOTH = "any of these", "both"

type _Ends = tuple[tuple[str, tuple[str, ...]], ...]  # an outcome's cells, by store

_HEAD = """\
# Faults

<!-- Made by `make faults` from measurements: run it again after a change. -->

*Reference, for everybody who wants to know what a caller of `token_broker` gets when AWS or Salesforce fails. Words are explained
in the [glossary](glossary.md).*

Find the fault in the first column, and the state of the connection's token in the second. The rest of the row says what the caller
got, how many logins that cost, and how long it took. Everything is measured: `make faults` (`python tools/faults_page.py`) runs the
broker against the embedded AWS and the embedded Salesforce org, breaks one thing at a time, asks for a token, and writes this page.
`make test` measures everything again and fails if the page says something else.

Before each fault a token of the wanted age is put on the row, with the broker's own requests. Then two callers ask, one after the
other, each in an execution environment of its own. The fault lasts until both have their answer. Each waits at most three seconds
for another caller's login (`deadline_ms`). Time-outs and TLS are the real ones.

- **token**: *no token*: nobody has logged in yet. *Fresh*: before its soft expiry. *Past soft expiry*: due for a refresh, but still
  good. *Expired*: past its hard expiry, and never served.
- **store**: the parameter `CacheBackend`: DynamoDB, Parameter Store, or *both* if they do the same.
- **caller gets**: a new token, the token of the row, the token in the environment's memory, or an error of [errors.md](errors.md). *In
  spite of it*: something failed, but the token is good, so it was served. The log line "served in spite of a failure" and the metric
  `Degraded` say so.
- **logins**: requests that reached the token endpoint. Salesforce may count each of them as a login, even if its answer was lost.
- **takes**: *at once* is under one second; the other values say how long it may take.
- **next caller gets**, **its logins**: if a login has failed, the row remembers it, so asking again costs no login.
"""
_SALESFORCE = """\
## When Salesforce fails

**Reason** is the code that the log line "mint failed" (metric `MintFailed`) and `status` show; its link leads to the cause and the
remedy. **Remembered** says for how long nobody logs in again after the first failure; after several failures in a row it is longer.
The `Retry-After` in this test asks for twenty minutes.

*Lost answer*: Salesforce logs the user in, but the connection breaks before its answer arrives, so the login counts. *Token over on
arrival*: the token itself says that it has expired. *Session over on arrival*: nobody can see this before the token is used. Report it
by `rejected` then (see [calling.md](calling.md)), and it is never served again.

*Early hints*: an interim answer, HTTP 103, comes before the real one. *Two answers in one go*, *surplus bytes*, *204 with a body*: more
arrives than the one answer that was asked for. What is left over is never taken for the answer to a later request, because the HTTP
connection is closed. *Chunk of size -1*, *chunks with long extensions*, *trailers without end*: the answer does not end where HTTP says
that it ends; sfmint stops reading after a fixed number of bytes and seconds. *Half a character*: a field holds half of a surrogate pair,
which many callers could not read. *Assertion in `scope`*: a field repeats the assertion that was sent. *`id` of another org*: sfmint does
not know the id of your org, so it takes any; the host of `id` and `instance_url` must be one of Salesforce's or listed in `TokenHosts`.
*Proxy*: the one that the parameter `HttpsProxy` names; it drips if its answer comes one byte at a time.
"""
_AWS = """\
## When AWS fails: the degraded modes

Here the token has nine states. Four are the states of the row, as above. In the other five the caller's own environment has the token
in memory:

- *in memory*: the row has confirmed it within `MemoryTrustSeconds`;
- *trust over*: that was longer ago, so the row has to confirm it again;
- *in memory past soft expiry*, *in memory and expired*: as the names say;
- *rejected*: the environment has minted the token itself, and the caller reports that Salesforce has refused it.

The environment of the next caller has nothing in memory. The last fault is one of Salesforce's, for comparison.

*Publish*: the write that puts a new token on the row. If Parameter Store cannot publish, it cannot note the failure either; nobody logs
in then before the lease is over, 20 seconds after it was taken. *Once* and *one*: only the first request of each operation meets the
fault, and the next one is answered. *Drips*: the answer comes one byte at a time, ten bytes a second. *AWS is slow*: each request takes
1.2 seconds longer. To log in, Parameter Store needs more requests than there is time for then; DynamoDB does not. *Hints early* and
*answers twice* are what the table above calls early hints and two answers in one go.

*The store* is DynamoDB or Parameter Store. With both the broker itself calls KMS to seal a token and to open it. *KMS denies access*
and *KMS key disabled* cost one login for as long as the refusal is remembered, since nobody knows before whether KMS will seal.

**Log** lists every log line of the caller's request from `WARNING` on, what it names, and the metric that counts it. If it is empty,
the fault did not touch this request.
"""
_WRITER = """\
## When somebody writes into the store

Here somebody who may write the items of the table (DynamoDB) or the parameters of the stack (Parameter Store), but may not use the
stack's KMS key, has changed the row of a connection. In each case a good token was on the row before.

- *token in clear*, *token under another key*, *random bytes*: a token of another org stands on the row, with good dates and the greatest
  fence: not encrypted, encrypted with the writer's own KMS key, or no token at all.
- *row of another connection*: a whole row was copied.
- *expired copy with a later end*, *older copy under a later fence*: the row has a copy that sfmint itself has sealed, with changed dates,
  or with a changed fence.
- *older copy*, *flushed copy*, *rejected copy*: the row is again what it was before a refresh, before a flush, or before a token was
  rejected.
- *login under way for ever*: the row says that somebody is logging in, and will be for years. The token on the row has expired.
- *numbers beyond all measure*: the fence and the dates are 10<sup>120</sup>.

A token is served only if sfmint has sealed it for this connection, under this fence, and it is not past its hard expiry. So nothing
forged is ever served. What such a writer can do is to make a login necessary, and to bring back an earlier token of the same connection
until its hard expiry. A caller that reports it by `rejected` gets another one. The same is true if a table or parameters are restored
from a backup: a token that was rejected or flushed since then may be served again.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the page.

    Attributes:
        text: its heading and what stands before it.
        faults: their names, in order.
        states: likewise.
        names: the headings of the columns beside fault, token and store.
        cells: gives an outcome's texts of those columns.
    """

    text: str
    faults: tuple[str, ...]
    states: tuple[str, ...]
    names: tuple[str, ...]
    cells: Callable[[Outcome], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: all its cases end alike."""

    faults: tuple[str, ...]
    states: tuple[str, ...]
    stores: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def cases(self) -> list[Case]:
        """The cases that it tells of."""
        return [
            Case(fault=fault, state=state, store=store)
            for fault in self.faults
            for state in self.states
            for store in self.stores
        ]


def _met_at_salesforce(outcome: Outcome) -> tuple[str, ...]:
    reasons = ", ".join(f"[{reason}](errors.md#{reason})" for reason in outcome.reasons)
    return outcome.got, *_common(outcome), reasons, outcome.kept


def _met_at_aws(outcome: Outcome) -> tuple[str, ...]:
    return outcome.got, *_common(outcome), "<br>".join(outcome.said)


def _common(outcome: Outcome) -> tuple[str, ...]:
    return str(outcome.logins), outcome.took, outcome.next_got, str(outcome.next_logins)


_SPENT = ("logins", "takes", "next caller gets", "its logins")
TABLES = (
    Table(
        text=_SALESFORCE,
        faults=tuple(fault.name for fault in ENDPOINT_FAULTS),
        states=tuple(state.name for state in ON_THE_ROW),
        names=("caller gets", *_SPENT, "reason", "remembered"),
        cells=_met_at_salesforce,
    ),
    Table(
        text=_AWS,
        faults=tuple(fault.name for fault in DEGRADED_MODES),
        states=tuple(state.name for state in (*ON_THE_ROW, *IN_MEMORY)),
        names=("caller gets", *_SPENT, "log"),
        cells=_met_at_aws,
    ),
    Table(
        text=_WRITER,
        faults=tuple(forgery.name for forgery in FORGERIES),
        states=tuple(state.name for state in AT_HAND),
        names=("caller gets", *_SPENT, "log"),
        cells=_met_at_aws,
    ),
)


def page(measured: Mapping[Case, Outcome]) -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *(f"{table.text}\n{_rendered(table, measured)}" for table in TABLES)])


def rows(text: str) -> list[Row]:
    """Return the rows of a page."""
    found = []
    for table, section in zip(TABLES, text.split("\n## ")[1:], strict=True):
        lines = [line for line in section.splitlines() if line.startswith("| ")]
        found += [_read(table, line) for line in lines[2:]]
    return found


def disagreements(text: str, measured: Mapping[Case, Outcome]) -> dict[Case, str]:
    """Return where what was measured is not what a page says."""
    found = {}
    for row in rows(text):
        table = next(table for table in TABLES if set(row.faults) <= set(table.faults))
        for case in row.cases:
            cells = table.cells(measured[case])
            if not all(_agree(*each) for each in zip(table.names, row.cells, cells, strict=True)):
                found[case] = f"The page has {row.cells}, measured was {cells}."
    return found


def _agree(name: str, told: str, measured: str) -> bool:
    return agrees(told, measured) if name == "takes" else told == measured


def _rendered(table: Table, measured: Mapping[Case, Outcome]) -> str:
    names = ("fault", "token", "store", *table.names)
    return page_table.table(names, (_written(table, row) for row in _rows_of(table, measured)))


def _rows_of(table: Table, measured: Mapping[Case, Outcome]) -> Iterator[Row]:
    """Give as few rows as tell everything: first the states that come to the same whatever fails, then alike faults."""

    def ends(fault: str, state: str) -> _Ends:
        cases = [Case(fault=fault, state=state, store=store) for store in STORES]
        return tuple((case.store, table.cells(measured[case])) for case in cases)

    whatever = [state for state in table.states if len({ends(fault, state) for fault in table.faults}) == 1]
    yield from _grouped(table.faults, {state: ends(table.faults[0], state) for state in whatever})
    rest = [state for state in table.states if state not in whatever]
    alike: dict[tuple[_Ends, ...], list[str]] = {}
    for fault in table.faults:
        alike.setdefault(tuple(ends(fault, state) for state in rest), []).append(fault)
    for ended, faults in alike.items():
        yield from _grouped(tuple(faults), dict(zip(rest, ended, strict=True)))


def _grouped(faults: tuple[str, ...], ends: Mapping[str, _Ends]) -> Iterator[Row]:
    """Give a row for all states and stores that come to the same."""
    for end in dict.fromkeys(ends.values()):
        states = tuple(state for state in ends if ends[state] == end)
        for cells in dict.fromkeys(cells for _, cells in end):
            stores = tuple(store for store, own in end if own == cells)
            yield Row(faults=faults, states=states, stores=stores, cells=cells)


def _written(table: Table, row: Row) -> tuple[str, ...]:
    fault = _ANY if row.faults == table.faults else ", ".join(row.faults)
    store = _BOTH if len(row.stores) == len(STORES) > 1 else row.stores[0]
    return fault, ", ".join(row.states), store, *row.cells


def _read(table: Table, line: str) -> Row:
    faults, states, store, *cells = (cell.strip() for cell in line.strip("|\n").split("|"))
    return Row(
        faults=table.faults if faults == _ANY else tuple(faults.split(", ")),
        states=tuple(states.split(", ")),
        stores=tuple(STORES) if store == _BOTH else (store,),
        cells=tuple(cells),
    )


def _tell(done: int, every: int) -> None:
    print(f"\r{done} of {every} cases", end="" if done < every else "\n", file=sys.stderr, flush=True)


def main() -> int:
    """Measure everything and write the page; return the exit code."""
    end_in_order()
    try:
        with arena() as scene:
            PAGE.write_text(page(measure(scene, _tell)))
    except (LocalStackError, NotMeasured) as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
