"""How long a mint may take, and how much of that AWS may have."""

from sfmint.ports import Store
from sfmint.row import decisions
from sfmint.row.guarantees import Guarantee

READ_S = 3.0  # to read the secret, before the lease is taken
WORST_CASE_S = decisions.START_WITHIN_S + decisions.POST_S + decisions.FINISH_S  # of the lease
ROOM_S = READ_S + WORST_CASE_S  # what must be left of the function's own time-out when a mint begins
ANSWER_S = 0.5  # what no call of AWS may use of that time-out, to answer in it


def longest_paths(store: Store) -> tuple[tuple[str, int, float], ...]:
    """Return how often a mint may ask AWS, repetitions aside: before what, how often, and in how many seconds."""
    counts = Guarantee.LOGIN_BUDGET not in store.CANNOT_PROMISE
    signed = 1  # by KMS, if the key is there
    acquired_and_counted = store.LONGEST_WRITE * (2 if counts else 1)
    sealed_and_published = 1 + store.LONGEST_WRITE + store.LONGEST_READ + store.LONGEST_WRITE  # once more, if need be
    return (
        ("POST", acquired_and_counted + signed, decisions.START_WITHIN_S),
        ("answer", sealed_and_published, decisions.FINISH_S),
    )
