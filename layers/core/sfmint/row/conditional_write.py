"""A conditional write of one item, as data: `writes` say it, a store carries it out, a test can take it apart.

Only what DynamoDB's UpdateItem can do in one request is sayable. A comparison with an attribute that is not there is
false, as in DynamoDB.

Source: Amazon DynamoDB Developer Guide, "Update expressions" and "Condition and filter expressions".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type Value = str | int | float | bytes | frozenset[str]
type Item = Mapping[str, Value]

FOREIGN: Value = frozenset()  # in place of a value of no type of ours: DynamoDB knows no empty set


@dataclass(frozen=True, slots=True)
class Missing:
    """The attribute is not there."""

    name: str


@dataclass(frozen=True, slots=True)
class Compare:
    """The attribute is there, and the comparison with the value holds."""

    name: str
    operator: Literal["=", "<>", "<", "<=", ">"]
    value: Value


@dataclass(frozen=True, slots=True)
class Same:
    """Both attributes are there and equal."""

    name: str
    other: str


@dataclass(frozen=True, slots=True)
class Between:
    """The attribute is there, and from low to high, both included."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contains:
    """The attribute is a set with this member."""

    name: str
    member: str


@dataclass(frozen=True, slots=True)
class FewerThan:
    """The attribute is a set with fewer members."""

    name: str
    members: int


@dataclass(frozen=True, slots=True)
class OfType:
    """The attribute is there and of this type, in DynamoDB's letters: text, number, bytes, set of texts."""

    name: str
    kind: Literal["S", "N", "B", "SS"]


@dataclass(frozen=True, slots=True)
class Not:
    """The clause does not hold."""

    clause: "Clause"


@dataclass(frozen=True, slots=True, init=False)
class AllOf:
    """Every clause holds."""

    clauses: tuple["Clause", ...]

    def __init__(self, *clauses: "Clause") -> None:
        object.__setattr__(self, "clauses", clauses)


@dataclass(frozen=True, slots=True, init=False)
class AnyOf:
    """One clause holds at least."""

    clauses: tuple["Clause", ...]

    def __init__(self, *clauses: "Clause") -> None:
        object.__setattr__(self, "clauses", clauses)


@dataclass(frozen=True, slots=True)
class Named:
    """A clause with its name, and why it is there; it holds where the clause holds.

    Attributes:
        name: what docs/protocol.md and the tests call it, unlike any other in the same write.
        why: the reason, for the same readers; a clause of a sentence.
        clause: what must hold.
    """

    name: str
    why: str
    clause: "Clause"


type Comparison = Missing | Compare | Same | Between | Contains | FewerThan | OfType
type Clause = Comparison | Named | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalWrite:
    """One conditional write, and what it needs of a store beside its condition.

    Attributes:
        name: the request's name in the protocol; a store uses it in the sentence of an error, and for nothing else.
        condition: what must hold in the item as it stands; None: the write is unconditional.
        assign: attributes to set.
        keep: attributes to set where they are missing.
        increment: attributes to count up by one, from nothing.
        add: members to add to sets.
        remove: attributes to remove.
        repeatable: whether it may be sent again where no answer came: its sender recognises what it has written, or twice
            does no harm.
        takes_lease: whether it takes the lease: of several that do so at once, one at most may be carried out.
        fences_out: whether the holder of the lease loses it: what that holder writes later must not count.
    """

    name: str
    condition: Clause | None = None
    assign: Item = field(default_factory=dict)
    keep: Item = field(default_factory=dict)
    increment: tuple[str, ...] = ()
    add: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    repeatable: bool = False
    takes_lease: bool = False
    fences_out: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The write landed; this is the item now (ReturnValues=ALL_NEW)."""

    item: Item


@dataclass(frozen=True, slots=True)
class ConditionFailed:
    """The condition did not hold; this is the item as it stood (ALL_OLD), or None where there was none."""

    item: Item | None
