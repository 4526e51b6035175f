"""Outages: what Salesforce refuses, and services that do not answer."""

from collections.abc import Mapping
from typing import Final

from model.actor import Outcome
from model.salesforce import everybody, first
from model.scenario import CALLER, FLUSH, NEW_USER, PAST_SOFT_EXPIRY_S, THREE, TWO, Scenario, get
from model.stack import Setting
from sfmint.errors import AssertionRejected, CacheUnavailable, SalesforceUnavailable
from sfmint.salesforce.connection import Connection


def old_user(connection: Connection, login: int) -> str | None:
    """Refuse the user whom the secret named first."""
    return "user_not_approved" if connection.username != NEW_USER.username else None


FAILURES: Final[Mapping[str, Scenario]] = {
    "refused for good": Scenario(
        actors=THREE,
        logins=1,
        heals=False,
        setting=Setting(refuse=everybody("wrong_key"), errors=(AssertionRejected,)),
    ),
    "refused, then repaired": Scenario(
        actors=(CALLER, CALLER, CALLER, (NEW_USER,)),
        script=(0, 3),
        logins=2,
        setting=Setting(refuse=old_user, errors=(AssertionRejected,)),
    ),
    "an outage, and another secret": Scenario(
        actors=(CALLER, CALLER, CALLER, (NEW_USER,)),
        script=(0, 3),
        logins=1,
        setting=Setting(refuse=first("salesforce_fault"), errors=(SalesforceUnavailable,)),
    ),
    "an outage that is over": Scenario(
        actors=((get(), get()), CALLER),
        script=(0, 3.0),
        logins=2,
        setting=Setting(refuse=first("salesforce_fault"), errors=(SalesforceUnavailable,)),
    ),
}

OUTAGES: Final[Mapping[str, Scenario]] = {
    "Secrets Manager is down": Scenario(
        actors=((get(), get()), CALLER),
        script=(0, PAST_SOFT_EXPIRY_S, (0, "load"), (0, Outcome.FAILED)),
        logins=2,
    ),
    "Secrets Manager is down after a flush": Scenario(
        actors=((get(), get()), (NEW_USER, FLUSH)),
        script=(
            0,
            PAST_SOFT_EXPIRY_S,
            (0, "load"),
            1,
            1,
            (0, Outcome.FAILED),
            (0, "load"),
            (0, Outcome.FAILED),
        ),
        logins=1,
    ),
    "KMS is down": Scenario(
        actors=TWO,
        script=((0, "seal"), (0, Outcome.FAILED)),
        logins=1,
        setting=Setting(errors=(CacheUnavailable,)),
    ),
    "the store is down past soft expiry": Scenario(
        actors=((get(), get()), CALLER),
        script=(0, PAST_SOFT_EXPIRY_S, (0, "read"), (0, Outcome.FAILED)),
        logins=2,
    ),
    "a clock two minutes fast": Scenario(
        actors=TWO, logins=1, setting=Setting(skews_s=(0.0, 120.0), errors=(CacheUnavailable,))
    ),
    "a clock two minutes slow": Scenario(
        actors=TWO, logins=1, setting=Setting(skews_s=(0.0, -120.0), errors=(CacheUnavailable,))
    ),
}
