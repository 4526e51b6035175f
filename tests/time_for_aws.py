"""The time that adapters under test have for AWS."""

from typing import NoReturn

from sfmint.adapters.aws.repeats import Repeats
from sfmint.aws_access.budget import Budget
from sfmint.ports import Clock
from sfmint_testing.fakes import FakeChance


def repeats_by(clock: Clock, budget: Budget | None = None) -> Repeats:
    """Return what asks AWS again, with pauses of this clock and as long as a call may take."""
    return Repeats(budget or Budget(clock), clock, FakeChance())


def no_kms() -> NoReturn:
    """Stand for the client of KMS where none may be opened."""
    raise AssertionError("nothing here is signed by KMS")
