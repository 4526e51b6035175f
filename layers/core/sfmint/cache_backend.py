"""Where the tokens are kept: what the operator chose with the parameter CacheBackend, before a store is opened."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DynamoDb:
    """A table.

    Attributes:
        table: its name.
        poll_s: least and longest pause, in seconds, between two reads of the row while another environment mints.
    """

    table: str
    poll_s: ClassVar = (0.05, 0.10)  # a mint takes 0.3 to 1 s; growing steps would oversleep it


@dataclass(frozen=True, slots=True)
class ParameterStore:
    """The parameters of the stack.

    Attributes:
        poll_s: likewise.
    """

    poll_s: ClassVar = (1.0, 2.0)  # an account reads forty parameters a second, for all that it does


type CacheBackend = DynamoDb | ParameterStore
