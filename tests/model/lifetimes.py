"""Lifetimes: when a token is refreshed, and for whom."""

from collections.abc import Mapping
from typing import Final

from model.explorer import Bounds
from model.scenario import CALLER, FLUSH, LEASE_OVER_S, PAST_SOFT_EXPIRY_S, REFRESH, SAME_SESSION, THREE, Scenario, get
from model.stack import Setting

LIFETIMES: Final[Mapping[str, Scenario]] = {
    "past soft expiry": Scenario(actors=THREE, script=(0, PAST_SOFT_EXPIRY_S), logins=2),
    "past soft expiry within a minute": Scenario(
        actors=THREE, script=(0, 52.0), logins=2, setting=Setting(lifetime_s=100)
    ),
    "a fault past soft expiry": Scenario(
        actors=THREE, script=(0, PAST_SOFT_EXPIRY_S), bounds=Bounds(faults=1), logins=(1, 3)
    ),
    "the keeper past soft expiry": Scenario(
        actors=(CALLER, CALLER, (REFRESH,)),
        script=(0, PAST_SOFT_EXPIRY_S),
        bounds=Bounds(ticks=1, jumps=(LEASE_OVER_S,)),
        logins=(2, 3),
    ),
    "the keeper before soft expiry": Scenario(actors=(CALLER, CALLER, (REFRESH,)), script=(0, 200.0), logins=2),
    "past hard expiry": Scenario(actors=THREE, script=(0, 900.0), logins=2),
    "a long life is asked for": Scenario(
        actors=(CALLER, (get(min_ttl=600),), (get(min_ttl=600),)), script=(0, 440.0), logins=2
    ),
    "a long life is asked for of a young token": Scenario(
        actors=(CALLER, CALLER, CALLER), script=(0, 49.0), logins=1, setting=Setting(lifetime_s=100)
    ),
    "memory and a flush": Scenario(
        actors=((get(), get()), (FLUSH,)), script=(0,), bounds=Bounds(ticks=2, jumps=(16.0,)), logins=(1, 2)
    ),
    "a budget of two logins": Scenario(
        actors=THREE,
        script=(0, PAST_SOFT_EXPIRY_S, 1, PAST_SOFT_EXPIRY_S),
        logins=2,
        setting=Setting(login_budget=2),
    ),
    "the same session again": Scenario(actors=THREE, script=(0, PAST_SOFT_EXPIRY_S), logins=2, setting=SAME_SESSION),
    "the same session ten seconds later": Scenario(
        actors=THREE, script=(0, PAST_SOFT_EXPIRY_S, 1, 10.0), logins=2, setting=SAME_SESSION
    ),
}
