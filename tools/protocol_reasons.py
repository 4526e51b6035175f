"""Why the protocol of the shared row is as it is: the prose of docs/protocol.md, and a reason for each clause."""

from dataclasses import dataclass
from typing import Final

BEGINNING: Final = """\
# The protocol of the shared row

<!-- Made by `make docs` from the requests of the code: change those, or tools/protocol_reasons.py, and run it. -->

Every execution environment of a stack shares one item a connection, and nothing else. Each decision is one conditional write
of that item, so there is no moment between looking and doing. What is decided is code without I/O (`sfmint.row.decisions` and
`sfmint.row.writes`); a model in `tests/model` drives that same code with several actors through crashes, freezes, lost answers,
late writes and clocks that disagree, and every clause below has been left out to see it fail.
[ADR 0001](adr/0001-one-row-one-lease-one-fence.md) says why there is a row, a lease and a fence at all.

- **Times** are epoch seconds of the caller's own clock, taken once before the first send. A condition has no arithmetic, so the
  caller works out every instant.
- **`fence`** counts the leases that were ever granted, and every flush and taint. It only grows.
- **`lease_owner`** is unique to one attempt. Whoever finds its own on a row that refused it knows that its first try landed.
- **Believed** is only the sealed copy, which is encrypted under the context purpose, table, connection, fence and fingerprint.
  All else on the row decides who does what, and never what is served as whose.
- Below, `now` is that one instant, a number beside it seconds, and a name with a colon a value of the caller's.

## What a caller does

A look at the row gives the first of these that fits (`protocol.next_step`):

| the row | the step |
| --- | --- |
| has attributes of wrong types | `repair` them, and look again |
| is servable: a token, sealed, before its hard expiry, not rejected, and not the one that I report | serve it; if it is due as well, and nobody holds the lease and no failure is remembered, `acquire`, and serve it all the same if that fails |
| is servable, but remembers that KMS said no | refuse: a denial is a decision |
| is leased | wait, and look again after a pause |
| has a copy that I could not open, younger than a minute | wait: whoever published it may be newer than I |
| remembers a failure that concerns every key | refuse with it |
| shows as good the token that I report | `reject` |
| else | `acquire` |

Nobody mints because it has waited too long. A token is *due* past soft expiry; and, if it is a minute old, where soft expiry
comes before the keeper's next tick or hard expiry before the caller's `min_ttl`.

A refused `acquire` answers with the row as it stands. The first line that holds decides (`protocol.after_refused_acquire`):

| the row | the step |
| --- | --- |
| names me as the owner | the lease is mine: my first try landed and its answer was lost |
| has another fence than the one that I read | take it as a new look; the secret is read again |
| is servable | serve it |
| is leased | wait |
| bars my key, or remembers a failure that concerns it | refuse with that; after an `AssertionRejected` with the key that a rotation has made ready (AWSPENDING), once |
| shows as good the token that I report | `reject` |
| else | wait |

A login that gives the very token that its caller reports has failed. After the last look and before every answer, minted ones
too: hard expiry is ahead and the row confirmed the token within the
trust in memory, or all begins anew. A process may have been frozen in between.

## The requests
"""

END: Final = """\
## Reads

Trust in memory is renewed by one consistent read of `fingerprint` and `rejected`; everything else reads the whole item,
consistently. A read may be sent twice, an `acquire` too; no other write is. A `publish` without an answer is looked up: landed,
it is served; not landed, it is sent once more; not answered again, the lease is given back and the caller told.

## How long it takes

The lease lasts 20 s. Under it a mint takes 14 s at worst: 3 s from the `acquire` to the POST (later, it gives the lease back),
7 s for the exchange by the wall clock, 2 s to seal and 2 s to publish. The sum is checked when a function starts. A mint begins
only with 17 s of the function's own time-out left.

## Clocks

The clock is compared with the Date of the store's and of Salesforce's answers. More than 5 s apart: a metric, a log line and a
word in the error. More than 30 s apart from the store's: this environment logs nobody in, and goes on serving what is good. A
clock that goes back ends the trust in memory.

## Known and accepted

- An org that hands out the same session again costs up to 60 logins an hour, and its token may be served up to 120 s past the
  session's end.
- An environment whose clock is 40 s slow takes other leases for absurd and may log in beside them; the fence holds, and the
  comparison of clocks stops it before.
- A login that has begun when its key is tainted is still made; its token is refused. An org that hands out the session of a
  tainted key to the next key hands out a leaked session: end it in Salesforce.
- A disabled KMS key ends the service at soft expiry, or at once after a `flush`: the trust in memory is renewed without KMS.

## In Parameter Store

Parameter Store has no conditional update. There a lease is a parameter that nobody else could create: its name carries a span
of twenty seconds. [ADR 0010](adr/0010-a-lease-is-a-parameter.md) has the way it goes, the README what it cannot promise.
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
        what="Takes the lease, where a mint is due. Sent once the secret has been read and its key parsed, for both are in the"
        " condition.",
        refused="see above.",
    ),
    Request(
        title="publish",
        samples=("publish",),
        what="Puts the new token on the row, ends the lease and forgets the failure. Sent by the holder of the lease.",
        refused="the lease is lost, and with it the token: it is dropped, and the row read again. Still mine, the token was"
        " rejected, or its key tainted, before it was there: the mint has failed.",
    ),
    Request(
        title="reaffirm",
        samples=("reaffirm",),
        what="In place of `publish`, where Salesforce handed out the session that the row has already. Its times count from now"
        " and are short, and its key stays the one that began it.",
        refused="as for `publish`.",
    ),
    Request(
        title="reaffirm-2",
        samples=("reaffirm-2", "reaffirm-2 after a flush"),
        what="The same for a session that was rejected ten minutes ago or longer: by then Salesforce means it. It may have been"
        " flushed since; then it is put on the row as a new one is.",
        refused="the session is a dead one: the mint has failed.",
    ),
    Request(
        title="fail",
        samples=("fail",),
        what="Remembers why the mint failed, for all callers, and gives the lease back. Failures in a row double the pause.",
        refused="the lease was lost; whoever has it knows better.",
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
        refused="another token stands there, this one is marked already, another was rejected within the minute, or a window"
        " runs: then `reject-again` is sent.",
    ),
    Request(
        title="reject-again",
        samples=("reject-again",),
        what="The same inside a window that runs.",
        refused="as above, or the third report of the window was before: the caller gets `RejectionLimited`.",
    ),
    Request(
        title="repair",
        samples=("repair", "repair of a foreign type"),
        what="Takes away attributes of wrong types, which sfmint never writes. Sent by whoever meets them; said in a log line.",
        refused="somebody else was faster.",
    ),
    Request(
        title="taint",
        samples=("taint", "taint of another's"),
        what="Bars a key for good, raises the fence so that whoever mints with it meanwhile is refused, and drops the token if"
        " that key minted it (the first form; the second leaves another key's token where it is). Sent for an operator.",
        refused="the row's token is another key's, or is now this key's: the other form is sent.",
    ),
    Request(
        title="flush",
        samples=("flush",),
        what="Drops the token, the lease and the remembered failure, and raises the fence. Sent for an operator; never refused.",
        refused="it cannot be.",
    ),
    Request(
        title="budget",
        samples=("budget",),
        what="Counts a login against the hour of its Salesforce user, in an item of its own that DynamoDB deletes later. Sent"
        " under the lease, before the assertion is signed.",
        refused="the hour's budget is spent: `LoginRateExceeded` until the next one.",
    ),
)

_MINE: Final = {
    "fence = … and lease_owner = …": "the lease is still mine: who froze past it must find its write refused",
    "fence = … beside lease_owner = …": "no lease was granted since, and nothing flushed or tainted, even if somebody else"
    " changes the row by hand",
    "lease_owner = … beside fence = …": "the lease was not given back meanwhile, and is no other's with the same number",
    "fence = …": "no lease was granted since, and nothing flushed or tainted",
    "lease_owner = …": "the lease is mine, and was not given back already",
}
_UNTAINTED: Final = "a key that leaked publishes nothing, even if it was tainted during the login"
_UNREJECTED: Final = {
    "no rejected or rejected <> …": "a token that Salesforce has refused does not come back as a new one",
    "no rejected": "nothing was ever rejected",
    "rejected <> …": "the one that was rejected is another",
}
_REJECTABLE: Final = {
    "fingerprint = …": "a late report must not drop the successor of the token that it means",
    "no rejected or rejected <> …": "fifty callers that report one token count once",
    "no rejected": "nothing was ever rejected",
    "rejected <> …": "the one that was rejected is another",
    "no last_rejected_at or last_rejected_at <= …": "a caller that refuses every token causes a login a minute at most",
    "no last_rejected_at": "nothing was ever rejected",
    "last_rejected_at <= …": "the minute is over",
}
_REASONS: Final[dict[str, dict[str, str]]] = {
    "acquire": {
        "fence = …": "the row has not moved since it was read, so the secret, read in between, is the one that counts",
        "no fence": "the first lease of all is granted once",
        "no lease_until or lease_until <= … or lease_until > …": "one login at a time",
        "no lease_until": "the lease was given back, or never taken",
        "lease_until <= …": "its holder died or froze: after 20 s anybody may mint",
        "lease_until > …": "a minute ahead only a broken clock writes: it must not bar everybody for ever",
        "no fingerprint or 9 others": "a mint is due by the row as it is now, not as it was read",
        "no fingerprint": "there is no token",
        "no sealed": "it was rejected, or the row is half a row",
        "no token_fence": "half a row: no copy opens without it",
        "no hard_expiry": "half a row: nobody knows until when it is good",
        "soft_expiry <= …": "the middle of its life is over: refresh it while it is still served",
        "soft_expiry <= … and issued_at <= …": "the keeper refreshes ahead what would get soft before its next tick",
        "soft_expiry <= … beside issued_at <= …": "it does so only then",
        "issued_at <= … beside soft_expiry <= …": "two ticks together, or an interval longer than a life, must not log in each time",
        "hard_expiry <= …": "it is over",
        "rejected = fingerprint": "Salesforce has refused it",
        "hard_expiry < … and issued_at <= …": "a caller wants a longer life (`min_ttl`) than it has left",
        "hard_expiry < … beside issued_at <= …": "only then",
        "issued_at <= … beside hard_expiry < …": "where no token lives as long as that, a login a minute is enough",
        "token_fence = … and not issued_at between … and …": "its copy does not open: somebody must mint over it",
        "token_fence = … beside not issued_at between … and …": "it is the very copy that did not open for me",
        "not issued_at between … and … beside token_fence = …": "a young one may only be newer than my code: wait first",
        "no failure_until or 3 others": "a failure is remembered, so that a storm costs one login",
        "no failure_until": "there is none",
        "failure_until <= …": "its pause is over",
        "failure_until > …": "longer than an hour ahead only a broken clock writes",
        "failure_code = … and not … in failure_keys": "a repaired secret heals at once",
        "failure_code = … beside not … in failure_keys": "a rate limit and a fault of Salesforce's hold for every key",
        "not … in failure_keys beside failure_code = …": "the same key and configuration would be refused again",
        "not … in tainted_keys": "a key that leaked never logs in",
    },
    "publish": {
        **_MINE,
        **_UNREJECTED,
        "not … in tainted_keys": _UNTAINTED,
        "no fingerprint or fingerprint <> …": "the row's own session, published as a new one, would get its whole life again",
        "no fingerprint": "there is no token",
        "fingerprint <> …": "it is another one",
    },
    "reaffirm": {
        **_MINE,
        **_UNREJECTED,
        "not … in tainted_keys": _UNTAINTED,
        "fingerprint = …": "what is said again must be what stands there",
    },
    "reaffirm-2": {
        **_MINE,
        "not … in tainted_keys": _UNTAINTED,
        "fingerprint = …": "what is said again must be what stands there",
        "no fingerprint or fingerprint <> …": "another's publish of it must not be taken for one's own key's",
        "no fingerprint": "it was flushed since",
        "fingerprint <> …": "another token has taken its place since",
        "rejected = … and last_rejected_at <= …": "ten minutes must have passed since it was rejected",
        "rejected = … beside last_rejected_at <= …": "it must be the session that was rejected",
        "last_rejected_at <= … beside rejected = …": "earlier, Salesforce has only not noticed yet",
    },
    "fail": _MINE,
    "release": _MINE,
    "reject": {
        **_REJECTABLE,
        "no reject_window or reject_window <= …": "inside a window the reports must be counted, not begun anew",
        "no reject_window": "there was none",
        "reject_window <= …": "the last one is over",
    },
    "reject-again": {
        **_REJECTABLE,
        "reject_window > …": "an old window's count says nothing",
        "reject_count < …": "the breaker: three logins in ten minutes, and the fault is not the token",
    },
    "repair": {
        "lease_until = …": "what stands there is still what was found wrong",
        "not lease_until of its type": "likewise of a value whose type sfmint does not even read",
    },
    "taint": {"the whole condition": "the token that goes must be the one that this key minted"},
    "taint of another's": {
        "no key_id": "no key minted what stands there",
        "key_id <> …": "another one did: its token stays",
    },
    "budget": {
        "no logins": "the first login of the hour",
        "logins < …": "Salesforce locks a user out after 3,600; sfmint stops long before",
    },
}


def reason_for(write: str, clause: str) -> str:
    """Returns why a clause of a write is there.

    Raises:
        KeyError: nobody has said so yet.
    """
    return _REASONS[write][clause]
