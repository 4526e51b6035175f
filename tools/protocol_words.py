"""The prose of docs/protocol.md. The requests, their clauses and the reasons are read from the code."""

from dataclasses import dataclass
from typing import Final

BEGINNING: Final = """\
# The protocol of the shared row

<!-- Made by `make docs` from the code: change row/clauses, or tools/protocol_words.py, and run it. -->

How many execution environments share one token, although they share no memory, may die at any moment, and have clocks that
disagree. Read the first two sections to know what happens; the rest is the proof.

## The idea

All execution environments of a stack share one item for each connection, the *row*. Nothing else is shared. To change the
row, a process sends **one conditional write**: DynamoDB checks the condition and carries out the change in one step, so nothing
can happen in between.

- **Lease.** A process that wants to log in first takes the lease of the row: `lease_owner` is a unique id, `lease_until`
  the end, 20 seconds later. While somebody holds it, nobody else logs in.
- **Fence.** `fence` counts the leases that were ever granted, and every flush and taint. It only grows. A process that froze
  under its lease and wakes up late still has the old number; its writes are refused.
- **Sealed copy.** `sealed` is the whole token answer, encrypted for this table, connection, fence and fingerprint. Only what
  comes out of it is served. Everything else on the row decides who does what.
- **Soft expiry**, near the middle of a token's life: from then on it is refreshed by one caller, or by the keeper ahead of
  time, while all others are served the old one. **Hard expiry**: from then on it is never served.
- **Due** is a token past soft expiry. If it is at least a minute old, it is also due for the keeper when soft expiry comes before
  its next run, and for a caller when it has less than `min_ttl` left. A login is due if the token is, or if there is none that can
  be served: `login_due` [below](#acquire) has all cases.

A model in `tests/model` drives the same code, with several actors, through crashes, freezes, lost answers, late writes and
clocks that disagree. It removes each clause below in turn, and a promise breaks each time: the last column names the scenario.
[ADR 0001](adr/0001-one-row-one-lease-one-fence.md) says why there are a row, a lease and a fence.

## What a caller does

It reads the row, and does what the first line that fits says (`decide` in `sfmint.row.decisions`). Then it reads the row again,
until there is a token or an error.

| the row | the step |
| --- | --- |
| has attributes of wrong types | send `repair` |
| has a servable token (sealed, not rejected, before hard expiry, not the one that the caller reports as refused), and remembers that KMS said no | give up with that error: a denial is a decision |
| has a servable token, which is due, and nobody holds the lease, and no failure is remembered | send `acquire` and log in; if that fails, serve the token all the same |
| has a servable token | serve it |
| is leased | wait a moment |
| has a copy that could not be opened and is younger than a minute | wait: it may come from a newer version of sfmint |
| remembers a failure that concerns every key | give up with that error |
| shows the token that the caller reports as good | send `reject` |
| none of these | send `acquire` and log in |

An `acquire` may be refused, because another caller was faster. DynamoDB then answers with the row as it stands:

| that row | the step |
| --- | --- |
| names me as the owner of the lease | the lease is mine: my first try was carried out, and its answer was lost |
| has another fence than the one I had read | take it as just read: the table above |
| has a servable token | serve it |
| is leased | wait a moment |
| bars my key, or remembers a failure of it | give up with that error. After an `AssertionRejected` one alternative is tried first, once: the key that a rotation has made ready (AWSPENDING), or else the one that it has replaced (AWSPREVIOUS, for 30 minutes) |
| shows the token that the caller reports as good | send `reject` |
| none of these | wait a moment |

Nobody logs in because it has waited too long. A login that gives the very token that the caller reports has failed. Before every
answer the token is checked once more: hard expiry lies ahead, and the row has confirmed the token within the trust in memory
(30 s). If not, all begins anew: the process may have been frozen in between.

## The requests

All clauses of a table that have no arrow must hold. Under "one of these" one of the lines with an arrow must hold, under "all of
these" all of them. Where two clauses exclude each other, the caller sends the one that fits: `row_new` instead of `row_unmoved` if
there was no row, `another_session` instead of `same_session` after a flush.

`now` is one instant, read from the caller's clock before the request is first sent, in epoch seconds; a number beside it is
seconds. Conditions have no arithmetic, so the caller computes every instant. A name with a colon is a value of the caller's: `:me`
is this attempt, `:seen` the fence that it read. Some numbers are examples: `now+60` in `shorter_than_wanted` comes from `min_ttl`,
`now+300` from `RefreshRate`, `now+450` and `now+855` from `token_lifetime`.
"""

END: Final = """\
## Reads

Trust in memory is renewed by one consistent read of `fingerprint` and `rejected`. Everything else reads the whole item,
consistently.

If no answer comes, a read is sent again. So are `acquire`, `reject` and `reject-again`, because their sender sees from the row whether
the first one was carried out, and `budget`, because a login that is counted twice only makes the limit come sooner. No other write
is sent again if it may have been carried out. If AWS asked for a pause, or could not be connected to, it was not carried out; then any
write is sent again. After a `publish` without an answer the row is read: if the write was carried out, the token is served. If not, and the lease
is still mine, it is sent once more. Without an answer again, the lease is given back and the caller gets the error.

## How long it takes

The lease lasts 20 s. Under it a login takes 14 s at worst, by the wall clock: 3 s from the `acquire` to the POST (after that the
lease is given back), 7 s for the exchange, and 4 s to seal and publish, or to remember why there is nothing to publish. All that is
asked of AWS in one of these spans shares it, repetitions and pauses too: a slow answer may take what a quick one has spared. A
request is repeated only if 0.3 s are left for it. Each store declares how often it asks AWS at most, and a function does not start
if that does not fit.

Outside a login, one request to AWS takes 3 s at most, with its repetitions, and 2 s if the caller can be served from memory
meanwhile. A login begins only if the function has 17 s of its own time-out left: 3 s to read the secret, and 14 s.

## Clocks

The clock is compared with the Date header of the store's and of Salesforce's answers. More than 5 s apart: a metric, a log line
and a word in the error. More than 30 s apart from the store's: this environment does not log in, and goes on serving what is
good. A clock that goes back ends the trust in memory.

## Known and accepted

- An org that hands out the same session again costs up to 60 logins an hour, and its token may be served up to 120 s past the
  session's end.
- An environment whose clock is 40 s slow thinks that other leases are invalid and may log in beside them. The fence keeps the row safe,
  and the comparison of clocks stops it before.
- A login that has begun when its key is tainted is still made; its token is refused. An org that hands out the session of a
  tainted key to the next key hands out a leaked session: end it in Salesforce.
- A disabled KMS key ends the service at soft expiry, or 30 s after a `flush`: the trust in memory is renewed without KMS.

## In Parameter Store

Parameter Store has no conditional update. There a lease is a parameter that nobody else could create: its name holds a span of
twenty seconds. [ADR 0010](adr/0010-a-lease-is-a-parameter.md) has the details, [parameters.md](parameters.md#tokens-in-parameter-store) what this store cannot
promise.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of the protocol.

    Attributes:
        title: its heading.
        samples: names of the writes that show it; the first is printed.
        what: who sends it, and what for.
        refused: what it means if its condition does not hold.
    """

    title: str
    samples: tuple[str, ...]
    what: str
    refused: str


REQUESTS: Final = (
    Request(
        title="acquire",
        samples=("acquire", "first acquire"),
        what="Takes the lease if a login is due. It is sent after the secret was read and its key parsed, for both are in the"
        " condition.",
        refused="see the second table above.",
    ),
    Request(
        title="publish",
        samples=("publish",),
        what="Puts the new token on the row, ends the lease and forgets the failure. The holder of the lease sends it.",
        refused="the lease is lost. The new token is dropped, and the row is read again. If the lease is still mine, the token was"
        " rejected before it was there: the login has failed.",
    ),
    Request(
        title="reaffirm",
        samples=("reaffirm",),
        what="Replaces `publish` if Salesforce handed out the session that the row has already. Its times count from now and"
        " are short: soft expiry in 60 s, hard expiry as the row knew it, but at least 120 s ahead and at most a whole life. Its key stays"
        " the one that began it.",
        refused="as for `publish`.",
    ),
    Request(
        title="reaffirm-2",
        samples=("reaffirm-2", "reaffirm-2 after a flush"),
        what="The same for a session that was rejected ten minutes ago or earlier: by now Salesforce means it. If it was flushed"
        " since, it is put on the row as a new one.",
        refused="the session is dead: the login has failed.",
    ),
    Request(
        title="fail",
        samples=("fail",),
        what="Remembers for all callers why the login failed, and gives the lease back. Each failure in a row doubles the pause.",
        refused="the lease was lost; its new holder knows better.",
    ),
    Request(
        title="release",
        samples=("release",),
        what="Gives the lease back without a login: it was too late to begin one, or AWS did not answer.",
        refused="the lease was lost already.",
    ),
    Request(
        title="reject",
        samples=("reject",),
        what="Drops the token that a caller reports as refused by Salesforce, and begins a window in which such reports count.",
        refused="the row has another token, this one is marked already, or a window runs: then `reject-again` is sent. If another token was"
        " rejected within the minute, the caller waits for the end of that minute if `deadline_ms` allows it; otherwise it gets"
        " `RejectionLimited`.",
    ),
    Request(
        title="reject-again",
        samples=("reject-again",),
        what="The same inside a window that runs.",
        refused="as above, or this is the fourth report of the window: the caller gets `RejectionLimited`.",
    ),
    Request(
        title="repair",
        samples=("repair", "repair of a foreign type", "repair of a number"),
        what="Takes away attributes of wrong types, and numbers that are no instant and no count, which sfmint never writes. A process that finds them sends this request and logs a line.",
        refused="somebody else was faster.",
    ),
    Request(
        title="taint",
        samples=("taint", "taint of another's"),
        what="Bars a key for as long as the row stands, raises the fence so that a login with that key is refused, and drops the token if that key minted"
        " it. In its second form the token is another key's and stays. An operator sends it."
        " What bars the key for good stands in the secret, which each login reads before.",
        refused="the other form fits, and is sent; or the list is full: `InvalidRequest`.",
    ),
    Request(
        title="flush",
        samples=("flush",),
        what="Drops the token, the lease and the remembered failure, and raises the fence. An operator sends it. It has no"
        " condition.",
        refused="it cannot be refused.",
    ),
    Request(
        title="budget",
        samples=("budget",),
        what="Counts a login against the hour of its Salesforce user, in an item of its own that DynamoDB deletes later. It is sent"
        " under the lease, after the assertion is signed and before it is sent.",
        refused="the hour's budget is spent: `LoginRateExceeded` until the next hour.",
    ),
)
