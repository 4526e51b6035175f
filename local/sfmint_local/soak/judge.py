"""The judge: what a wrong answer is, told from what the org issued and what was done, and from nothing that sfmint says."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sfmint_local.promises import AGAIN_S, Promise
from sfmint_local.soak.call import Call, WrongAnswer
from sfmint_local.soak.grants import Grant, Grants
from sfmint_local.soak.history import Drop, History

SKEW_S = 3.0  # by so much each clock may be off
LATE_S = 1.0  # for an answer to arrive
GRACE_S = 20.0  # past the deadline: a login that is under way is not broken off
FUNCTION_S = 60.0
DEADLINE_S = 10.0
ALWAYS_WRONG = frozenset({"InvalidRequest", "ConnectionNotFound", "ConnectionForbidden", "InternalError"})

type _Broken = tuple[Promise, str]  # which promise, and how


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a connection's tokens speak for, and how many seconds they live."""

    username: str
    lifetime_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What was promised.

    Attributes:
        identities: by connection.
        instance_url: where every token is good.
        trust_s: for how long an answer may rest on what the row said before.
        budget: logins an hour and user; None: the store does not count them.
        login_s: a login takes no longer where nothing fails, in seconds; who waits for less may be sent away.
    """

    identities: Mapping[str, Identity]
    instance_url: str
    trust_s: float
    budget: int | None
    login_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A token that the row has shown: when at the latest, and when it was granted."""

    ended: float
    granted: float
    fingerprint: str


class Judge:
    """Looks at each call, in the order in which they ended.

    Args:
        rules: what was promised.
        grants: what the org issued.
        history: what was done.
    """

    def __init__(self, rules: Rules, grants: Grants, history: History) -> None:
        self._rules = rules
        self._grants = grants
        self._history = history
        self._refused: dict[tuple[str, str], list[tuple[str, float]]] = {}
        self._shown: dict[str, list[_Shown]] = {}

    def judge(self, call: Call) -> list[WrongAnswer]:
        """Return what is wrong with an answer, and note what it acknowledges."""
        found = [
            WrongAnswer(promise=promise, detail=detail, call=call)
            for check in (self._late, self._leaked, self._unexplained, self._unissued, self._told, self._untrue)
            for promise, detail in check(call)
        ]
        self._note(call)
        return found

    def _note(self, call: Call) -> None:
        if call.error is not None:
            return
        if call.action == "flush":
            drop = Drop(fingerprint=None, sent=call.began, acknowledged=call.ended)
            self._history.note_drop(call.connection, drop)
        elif call.rejected is not None:
            drop = Drop(fingerprint=call.rejected, sent=call.began, acknowledged=call.ended)
            self._history.note_drop(call.connection, drop)
            self._refused.setdefault((call.caller, call.connection), []).append((call.rejected, call.began))

    def _late(self, call: Call) -> Iterator[_Broken]:
        waits_s = _waits_s(call) + GRACE_S
        allowed_s = min(waits_s if call.action == "get_token" else FUNCTION_S, FUNCTION_S) + call.frozen_s
        if call.took_s > allowed_s + LATE_S and not self._history.names(call, "slow machine"):
            yield Promise.END, f"it took {call.took_s:.1f} s and may take {allowed_s:.1f} s"

    def _leaked(self, call: Call) -> Iterator[_Broken]:
        token = call.answer.get("access_token")
        shown = json.dumps({name: value for name, value in call.answer.items() if name != "access_token"})
        if token and str(token) in shown:
            yield Promise.HIDDEN, "another field of the answer holds it"
        if token and call.action != "get_token":
            yield Promise.HIDDEN, f"the answer to {call.action} holds one"

    def _unexplained(self, call: Call) -> Iterator[_Broken]:
        error = call.error
        if error is None or (error not in ALWAYS_WRONG and self._is_explained(error, call)):
            return
        yield Promise.ANSWER, f"nothing explains {error}: {call.answer.get('errorMessage')}"

    def _is_explained(self, error: str, call: Call) -> bool:
        if self._history.explains(error, call) or self._history.explains(f"{call.action} {error}", call):
            return True
        match error:
            case "RejectionLimited":
                return call.rejected is not None and self._history.others_reported(call)
            case "RefreshInProgress":
                return _waits_s(call) <= self._rules.login_s
            case "LoginRateExceeded":
                return self._has_spent(call)
            case _:
                return False

    def _has_spent(self, call: Call) -> bool:
        """Tell whether so many logins took place in this hour that the budget may be spent: others gave no token."""
        budget, identity = self._rules.budget, self._rules.identities[call.connection]
        hour = (call.began - SKEW_S) // 3600 * 3600
        return budget is not None and (
            sum(granted >= hour for granted in self._grants.times(identity.username)) >= budget / 2
        )

    def _unissued(self, call: Call) -> Iterator[_Broken]:
        """Judge the token by its grant."""
        fingerprint = call.fingerprint or call.answer.get("fingerprint")
        if call.error is not None or fingerprint is None:
            return
        identity, grant = self._rules.identities[call.connection], self._grants.find(fingerprint)
        if grant is None:
            yield Promise.ISSUED, str(fingerprint)
        elif grant.username != identity.username:
            yield Promise.OWN_USER, f"{fingerprint} is {grant.username}'s"
        elif call.fingerprint is not None:
            yield from self._over(call, grant, identity.lifetime_s)
            yield from self._dropped(call, grant)
            yield from self._gone_back(call, grant)

    def _over(self, call: Call, grant: Grant, lifetime_s: float) -> Iterator[_Broken]:
        end = grant.first + lifetime_s
        if grant.times > 1:
            end = max(end, grant.last + AGAIN_S)
        at = call.began if self._history.names(call, "slow machine") else call.decided_at
        if at > end + LATE_S:
            yield Promise.TRUE_END, f"{call.fingerprint} ended {at - end:.1f} s before"
        said = datetime.fromisoformat(call.answer["expires_at"]).timestamp()
        if said > end + SKEW_S + LATE_S:
            yield Promise.SAID_END, f"{call.fingerprint}, by {said - end:.1f} s"

    def _dropped(self, call: Call, grant: Grant) -> Iterator[_Broken]:
        fingerprint = call.fingerprint
        if call.rejected == fingerprint:
            yield Promise.REPORTED, f"{fingerprint}, in the same breath"
        for refused, sent in self._refused.get((call.caller, call.connection), []):
            if refused == fingerprint and grant.last < sent:
                yield Promise.REPORTED, f"{fingerprint}, at {sent:.3f}"
        if call.frozen_s or self._history.hides_store(call):
            return  # who cannot see the row serves what memory holds
        # A clock may jump from one end to the other while memory is trusted.
        trusted_s = self._rules.trust_s + 2 * SKEW_S + LATE_S
        for drop in self._history.drops(call.connection):
            if drop.fingerprint in {None, fingerprint} and grant.last < drop.sent:
                ago = call.decided_at - drop.acknowledged
                if ago > trusted_s:
                    yield Promise.TRUST, f"{fingerprint}, dropped {ago:.1f} s before"
                    return

    def _gone_back(self, call: Call, grant: Grant) -> Iterator[_Broken]:
        """Judge whether the row shows an older token than it has shown before: who woke late has overwritten it."""
        if call.answer.get("source") == "memory" or grant.times > 1:
            return
        shown = self._shown.setdefault(call.connection, [])
        newest = next((each for each in reversed(shown) if each.ended < call.began), None)
        if newest is not None and grant.first < newest.granted - LATE_S:
            yield Promise.FENCE, f"{call.fingerprint}, after {newest.fingerprint}"
        if not shown or grant.first > shown[-1].granted:
            shown.append(_Shown(ended=call.ended, granted=grant.first, fingerprint=str(call.fingerprint)))

    def _told(self, call: Call) -> Iterator[_Broken]:
        """Judge what the answer says beside the token."""
        if call.error is not None or call.action != "get_token":
            return
        answer: Mapping[str, Any] = call.answer
        expected = {
            "connection": call.connection,
            "fingerprint": call.fingerprint,
            "instance_url": self._rules.instance_url,
        }
        for name, value in expected.items():
            if answer.get(name) != value:
                yield Promise.CONSISTENT, f"its {name} is {answer.get(name)!r}, not {value!r}"

    def _untrue(self, call: Call) -> Iterator[_Broken]:
        if call.error is None and call.action == "get_token" and call.fingerprint is None:
            yield Promise.ANSWER, f"neither is in the answer, only {', '.join(sorted(call.answer))}"


def _waits_s(call: Call) -> float:
    return float(call.event.get("deadline_ms", DEADLINE_S * 1000)) / 1000
