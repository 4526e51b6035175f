"""Rejections: tokens that Salesforce refuses, and orgs that hand out the same session again."""

from collections.abc import Mapping
from typing import Final

from model.explorer import Bounds
from model.scenario import (
    AFTER_A_FAULT,
    CALLER,
    FIRST,
    FLUSH,
    FOURTH,
    MINUTE_S,
    PAST_SOFT_EXPIRY_S,
    SAME_SESSION,
    SECOND,
    TEN_MINUTES_S,
    THIRD,
    Scenario,
    get,
)
from model.stack import EndSessions, Setting
from sfmint.errors import RejectionLimited, SalesforceUnavailable

REJECTIONS: Final[Mapping[str, Scenario]] = {
    "the same 401 twice": Scenario(actors=(CALLER, (get(FIRST),), (get(FIRST),)), script=(0, MINUTE_S), logins=2),
    "the same 401 and a fault": Scenario(
        actors=(CALLER, (get(FIRST),), (get(FIRST),)),
        script=(0, MINUTE_S, (1, "reject"), (2, "reject")),
        bounds=Bounds(faults=1),
        logins=(1, 3),
        setting=AFTER_A_FAULT,
    ),
    "a 401 past soft expiry": Scenario(
        actors=(CALLER, CALLER, (get(FIRST),)), script=(0, PAST_SOFT_EXPIRY_S), logins=2
    ),
    "a 401 of a successor": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER, (get(SECOND),)),
        script=(0, MINUTE_S, 1, PAST_SOFT_EXPIRY_S),
        logins=3,
    ),
    "another 401 within the minute": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND, deadline_s=10),), (get(SECOND, deadline_s=10),)),
        script=(0, MINUTE_S, 1, 30.0),
        logins=2,
        setting=Setting(errors=(RejectionLimited,)),
    ),
    "another 401 within the minute, and time to wait for its end": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),), (get(SECOND),)), script=(0, MINUTE_S, 1, 30.0), logins=3
    ),
    "another 401 a minute later": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),), (get(SECOND),)), script=(0, MINUTE_S, 1, MINUTE_S), logins=3
    ),
    "another 401 ten minutes later": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),), (get(SECOND),)),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S),
        logins=3,
    ),
    "a 401 ten minutes after the first and less than one after the last": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),), (get(THIRD, deadline_s=0),)),
        script=(0, MINUTE_S, 1, 545.0, 2, 55.5),
        logins=3,
        setting=Setting(errors=(RejectionLimited,)),
    ),
    "the fourth 401": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),), (get(THIRD),), (get(FOURTH),)),
        script=(0, MINUTE_S, 1, MINUTE_S, 2, MINUTE_S, 3, MINUTE_S),
        logins=4,
        setting=Setting(errors=(RejectionLimited,)),
    ),
    "a 401 that was on its way for a minute": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),), (get(SECOND),)),
        script=(0, MINUTE_S, 1, MINUTE_S, (2, "reject-again"), MINUTE_S, (3, "reject-again")),
        logins=3,
    ),
    "the same session again, though rejected": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER),
        script=(0, MINUTE_S),
        bounds=Bounds(ticks=1, jumps=(TEN_MINUTES_S,)),
        logins=(1, 3),
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "the same session again, a minute after it was rejected": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER),
        script=(0, MINUTE_S, 1, MINUTE_S),
        logins=3,
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "the same session again, rejected again": Scenario(
        actors=(CALLER, (get(FIRST),), (get(FIRST),)),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S),
        logins=3,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "the same session again, rejected and flushed": Scenario(
        actors=(CALLER, (get(FIRST),), (FLUSH,), CALLER),
        script=(0, MINUTE_S, 1, 2),
        logins=3,
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "the same session again, ten minutes after it was rejected and flushed": Scenario(
        actors=(CALLER, (get(FIRST),), (FLUSH,), CALLER),
        script=(0, MINUTE_S, 1, 2, TEN_MINUTES_S),
        logins=3,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "the same session again, rejected meanwhile": Scenario(
        actors=(CALLER, CALLER, (get(FIRST),)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(2, 3),
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "the same session again, after another was rejected": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER, CALLER, (EndSessions(),)),
        script=(0, MINUTE_S, 4, 1, PAST_SOFT_EXPIRY_S, 2, 10.0),
        logins=3,
        setting=SAME_SESSION,
    ),
}
