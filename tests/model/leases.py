"""Leases: who mints, when the holder dies, freezes, or comes late; and rows that an operator puts back."""

from collections.abc import Mapping
from typing import Final

from model.actor import Outcome, SetClock
from model.explorer import Bounds
from model.salesforce import first
from model.scenario import (
    AFTER_A_FAULT,
    CALLER,
    FIRST,
    LEASE_OVER_S,
    MINUTE_S,
    NEW_USER,
    PAST_SOFT_EXPIRY_S,
    REFRESH,
    SAME_SESSION,
    TEN_MINUTES_S,
    THREE,
    TWO,
    Scenario,
    get,
)
from model.stack import RestoreRow, Setting
from sfmint.errors import SalesforceUnavailable

LEASES: Final[Mapping[str, Scenario]] = {
    "two cold callers": Scenario(actors=TWO, logins=1),
    "three cold callers": Scenario(actors=THREE, logins=1),
    "a lease runs out": Scenario(actors=TWO, bounds=Bounds(ticks=1, jumps=(LEASE_OVER_S,)), logins=(1, 2)),
    "a lease runs out twice": Scenario(
        actors=TWO,
        script=((0, "exchange"), (1, "read")),
        bounds=Bounds(ticks=2, jumps=(LEASE_OVER_S,)),
        logins=(1, 3),
    ),
    "a fault among cold callers": Scenario(actors=TWO, bounds=Bounds(faults=1), logins=(0, 2), setting=AFTER_A_FAULT),
    "a fault among three cold callers": Scenario(
        actors=THREE,
        script=((0, "exchange"), (1, "read")),
        bounds=Bounds(faults=1),
        logins=(0, 2),
        setting=AFTER_A_FAULT,
    ),
    "a fault, and a lease runs out": Scenario(
        actors=TWO,
        script=((0, "budget"), (1, "read")),
        bounds=Bounds(faults=1, ticks=1, jumps=(LEASE_OVER_S,)),
        logins=(0, 3),
        setting=AFTER_A_FAULT,
    ),
    "the winner dies": Scenario(actors=THREE, script=((0, "exchange"), (0, Outcome.DIES_AFTER)), logins=2),
    "too late to begin": Scenario(
        actors=TWO, script=((0, "budget"),), bounds=Bounds(ticks=1, jumps=(LEASE_OVER_S,)), logins=(1, 2)
    ),
    "a refusal comes late": Scenario(
        actors=TWO,
        script=((0, "exchange"),),
        bounds=Bounds(ticks=1, jumps=(LEASE_OVER_S,)),
        logins=(1, 2),
        setting=Setting(refuse=first("salesforce_fault"), errors=(SalesforceUnavailable,)),
    ),
    "a token comes late": Scenario(actors=TWO, script=((0, "publish"), MINUTE_S, (1, "acquire"), 0), logins=1),
    "a young token comes late": Scenario(
        actors=TWO,
        script=((0, "publish"), 49.0, (1, "acquire"), 0),
        logins=1,
        setting=Setting(lifetime_s=100),
    ),
    "a young token comes late to the keeper": Scenario(
        actors=(CALLER, (REFRESH,)),
        script=((0, "publish"), 25.0, (1, "acquire"), 0),
        logins=1,
        setting=Setting(lifetime_s=600),
    ),
    "a failure comes late": Scenario(
        actors=(CALLER, CALLER, (NEW_USER,)),
        script=((0, "exchange"), LEASE_OVER_S, 2, (1, "acquire"), 0),
        logins=1,
        setting=Setting(refuse=first("salesforce_fault"), errors=(SalesforceUnavailable,)),
    ),
    "a clock is put right under a lease": Scenario(
        actors=(CALLER, CALLER, (SetClock(1),)),
        script=((0, "exchange"), (1, "load"), 2),
        logins=1,
        setting=Setting(skews_s=(0.0, 25.0, 0.0)),
    ),
    "clocks three seconds apart": Scenario(
        actors=THREE,
        script=(0, PAST_SOFT_EXPIRY_S),
        bounds=Bounds(ticks=1, jumps=(18.0,)),
        logins=(2, 3),
        setting=Setting(skews_s=(0.0, 3.0, -3.0)),
    ),
}

RESTORED: Final[Mapping[str, Scenario]] = {
    "the row is deleted": Scenario(actors=(*THREE, (RestoreRow(),)), script=((0, "exchange"),), logins=(1, 2)),
    "the row is deleted, and a lease given back late": Scenario(
        actors=(*TWO, (RestoreRow(),)), script=((0, "budget"), 4.0, 2, (1, "exchange")), logins=1
    ),
    "the row is deleted during an outage": Scenario(
        actors=(CALLER, CALLER, (RestoreRow(),)),
        logins=(1, 2),
        setting=Setting(refuse=first("salesforce_fault"), errors=(SalesforceUnavailable,)),
    ),
    "the row is restored": Scenario(
        actors=(CALLER, CALLER, CALLER, (RestoreRow(),)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(2, 3),
        setting=SAME_SESSION,
    ),
    "the row of a rejected session is restored": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER, CALLER, (RestoreRow(),)),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S),
        logins=(3, 4),
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
}
