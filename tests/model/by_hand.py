"""Rows that somebody has written by hand, at rest and in the middle of a mint."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from model.actor import SetClock
from model.salesforce import first, key_id_of
from model.scenario import (
    CALLER,
    FIRST,
    FLUSH,
    MINUTE_S,
    PAST_SOFT_EXPIRY_S,
    SAME_SESSION,
    SECOND,
    TEN_MINUTES_S,
    THREE,
    TWO,
    Scenario,
    get,
)
from model.stack import Edit, Setting
from sfmint.errors import InvalidCredentials, RefreshInProgress, RejectionLimited, SalesforceUnavailable
from sfmint.row.row import CacheRow, type_of
from sfmint_testing.fakes import a_connection

TOKEN: Final = (
    "sealed",
    "fingerprint",
    "key_id",
    "config_hash",
    "token_fence",
    "issued_at",
    "soft_expiry",
    "hard_expiry",
)
BARRED: Final = Edit(put={"tainted_keys": frozenset({key_id_of(a_connection())})})
PUT_BACK: Final = Edit(put={"fingerprint": FIRST, "key_id": key_id_of(a_connection())})
RAISED: Final = Edit(put={"fence": 50})

BY_HAND: Final[Mapping[str, Scenario]] = {
    "a lease far ahead": Scenario(
        actors=TWO, script=(Edit(put={"lease_owner": "somebody", "lease_until": 3600.0}),), logins=1
    ),
    "a failure far ahead": Scenario(
        actors=TWO, script=(Edit(put={"failure_code": "SalesforceUnavailable", "failure_until": 86400.0}),), logins=1
    ),
    **{
        f"a row without {name}": Scenario(actors=THREE, script=(0, 100.0, Edit(remove=(name,))), logins=2)
        for name in ("fingerprint", "sealed", "token_fence", "hard_expiry")
    },
    "past hard expiry, with no other time": Scenario(
        actors=THREE, script=(0, 900.0, Edit(remove=("issued_at", "soft_expiry"))), logins=2
    ),
    "a rejected token with its copy": Scenario(
        actors=THREE, script=(0, 100.0, Edit(put={"rejected": FIRST})), logins=2
    ),
    "a copy that does not open": Scenario(actors=THREE, script=(0, 100.0, Edit(put={"sealed": b"?"})), logins=2),
    "a young copy that does not open": Scenario(
        actors=(CALLER, (get(deadline_s=10),), (get(deadline_s=10),)),
        script=(0, 30.0, Edit(put={"sealed": b"?"})),
        logins=1,
        setting=Setting(errors=(RefreshInProgress,)),
    ),
    "a clock is put right before a copy that does not open": Scenario(
        actors=(CALLER, (get(deadline_s=10),), (SetClock(1),)),
        script=(0, 40.0, Edit(put={"sealed": b"?"}), (1, "load"), 2),
        logins=1,
        setting=Setting(skews_s=(0.0, 25.0, 0.0), errors=(RefreshInProgress,)),
    ),
    "a window without its rejected token": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),)),
        script=(0, MINUTE_S, 1, MINUTE_S, Edit(remove=("rejected",))),
        logins=3,
    ),
    "a window without its last rejection": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND),)),
        script=(0, MINUTE_S, 1, MINUTE_S, Edit(remove=("last_rejected_at",))),
        logins=3,
    ),
    "a rejection of another token is put by hand before a second reaffirm": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S, (2, "reaffirm-2"), Edit(put={"rejected": SECOND})),
        logins=3,
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "a window is put back by hand before a report": Scenario(
        actors=(CALLER, (get(FIRST),), (get(SECOND, deadline_s=0),)),
        script=(0, MINUTE_S, 1, MINUTE_S, (2, "reject-again"), Edit(put={"reject_window": -TEN_MINUTES_S})),
        logins=2,
        setting=Setting(errors=(RejectionLimited,)),
    ),
    "a lease's end in words": Scenario(actors=TWO, script=(Edit(put={"lease_until": "soon"}),), logins=1),
    "a lease's end of no type of ours": Scenario(
        actors=TWO, script=(Edit(put={"lease_until": frozenset()}),), logins=1
    ),
    "a lease's end in milliseconds": Scenario(actors=TWO, script=(Edit(put={"lease_until": 1.7e12}),), logins=1),
}

OF_ANOTHER_TYPE: Final[Mapping[str, Scenario]] = {
    f"a row whose {name} is of another type": Scenario(
        actors=THREE, script=(0, 100.0, Edit(put={name: "words" if type_of(name) == "N" else 5})), logins=(1, 2)
    )
    for name in (each.name for each in fields(CacheRow))
    if name not in {"malformed", "tainted_keys"}
}

FENCED_BY_HAND: Final[Mapping[str, Scenario]] = {
    "the fence is raised by hand before a publish": Scenario(actors=TWO, script=((0, "publish"), RAISED), logins=2),
    "the fence is raised by hand before a release": Scenario(
        actors=TWO, script=((0, "budget"), 4.0, (0, "release"), RAISED), logins=1
    ),
    "the fence is raised by hand before a failure": Scenario(
        actors=TWO,
        script=((0, "fail"), RAISED),
        logins=2,
        setting=Setting(refuse=first("salesforce_fault"), errors=(SalesforceUnavailable,)),
    ),
    "the fence is raised by hand before a reaffirm": Scenario(
        actors=TWO, script=(0, PAST_SOFT_EXPIRY_S, (1, "reaffirm"), RAISED), logins=2, setting=SAME_SESSION
    ),
    "the fence is raised by hand before a second reaffirm": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S, (2, "reaffirm-2"), RAISED),
        logins=(3, 4),
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "a token is put back by hand before a publish": Scenario(
        actors=TWO,
        script=(0, PAST_SOFT_EXPIRY_S, Edit(remove=TOKEN), (1, "publish"), PUT_BACK),
        logins=2,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "a token is taken off by hand before a reaffirm": Scenario(
        actors=TWO,
        script=(0, PAST_SOFT_EXPIRY_S, (1, "reaffirm"), Edit(remove=TOKEN)),
        logins=2,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
    "a token is taken off by hand before a second reaffirm": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S, (2, "reaffirm-2"), Edit(remove=TOKEN)),
        logins=3,
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
}

COME_BACK_BY_HAND: Final[Mapping[str, Scenario]] = {
    "a token that comes is called rejected long ago by hand": Scenario(
        actors=TWO,
        script=(0, 900.0, Edit(put={"rejected": SECOND, "last_rejected_at": -TEN_MINUTES_S})),
        logins=2,
    ),
    "a token is called rejected by hand before its publish": Scenario(
        actors=TWO,
        script=((0, "publish"), Edit(put={"rejected": FIRST, "last_rejected_at": 0.0})),
        logins=1,
        setting=Setting(errors=(SalesforceUnavailable,)),
    ),
    "a token is put back by hand before a second reaffirm": Scenario(
        actors=(CALLER, (get(FIRST),), (FLUSH,), CALLER),
        script=(0, MINUTE_S, 1, 2, TEN_MINUTES_S, (3, "reaffirm-2"), PUT_BACK),
        logins=3,
        heals=False,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
}

BARRED_BY_HAND: Final[Mapping[str, Scenario]] = {
    "a key is barred by hand before a publish": Scenario(
        actors=TWO,
        script=((0, "publish"), BARRED),
        logins=1,
        heals=False,
        setting=Setting(errors=(InvalidCredentials, SalesforceUnavailable)),
    ),
    "a key is barred by hand before a reaffirm": Scenario(
        actors=THREE,
        script=(0, PAST_SOFT_EXPIRY_S, (1, "reaffirm"), BARRED),
        logins=2,
        heals=False,
        setting=Setting(same_session=True, errors=(InvalidCredentials,)),
    ),
    "a key is barred by hand before a second reaffirm": Scenario(
        actors=(CALLER, (get(FIRST),), CALLER),
        script=(0, MINUTE_S, 1, TEN_MINUTES_S, (2, "reaffirm-2"), BARRED),
        logins=3,
        heals=False,
        setting=Setting(same_session=True, errors=(InvalidCredentials, SalesforceUnavailable)),
    ),
}
