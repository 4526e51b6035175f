"""Scenarios that show a fault of the code: each is to move to the others when the code is right."""

from collections.abc import Mapping
from typing import Final

from model.operators import NEXT_KEY, old_key
from model.scenario import CALLER, FIRST, FLUSH, MINUTE_S, TEN_MINUTES_S, TWO, Scenario, get
from model.stack import Setting
from sfmint.errors import SalesforceUnavailable

FAULTS: Final[Mapping[str, Scenario]] = {
    # Who finds the current key's refusal on the row raises it, and never comes to the key that a rotation has ready.
    "a rotation whose certificate is uploaded, and nobody is refused": Scenario(
        actors=TWO, logins=2, setting=Setting(next_key=NEXT_KEY, refuse=old_key)
    ),
    # A flush keeps `rejected` and drops `fingerprint`: what is handed out again is then neither new nor reaffirmed.
    "the same session again, ten minutes after it was rejected and flushed": Scenario(
        actors=(CALLER, (get(FIRST),), (FLUSH,)),
        script=(0, MINUTE_S, 1, 2, TEN_MINUTES_S),
        logins=2,
        setting=Setting(same_session=True, errors=(SalesforceUnavailable,)),
    ),
}
