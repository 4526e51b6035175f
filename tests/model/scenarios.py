"""The scenarios of the model. Each is explored in every order of its events; docs/protocol.md names them."""

from collections.abc import Mapping
from typing import Final

from model.by_hand import BARRED_BY_HAND, BY_HAND, COME_BACK_BY_HAND, FENCED_BY_HAND, OF_ANOTHER_TYPE
from model.leases import LEASES, RESTORED
from model.lifetimes import LIFETIMES
from model.operators import LISTS, OPERATORS, ROTATIONS
from model.outages import FAILURES, OUTAGES
from model.rejections import REJECTIONS
from model.scenario import Scenario

SCENARIOS: Final[Mapping[str, Scenario]] = {
    **LEASES,
    **RESTORED,
    **LIFETIMES,
    **REJECTIONS,
    **OPERATORS,
    **LISTS,
    **ROTATIONS,
    **FAILURES,
    **OUTAGES,
    **BY_HAND,
    **OF_ANOTHER_TYPE,
    **FENCED_BY_HAND,
    **COME_BACK_BY_HAND,
    **BARRED_BY_HAND,
}
