"""What an hour has used: the sum over its stacks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the callers of some stacks have used in an hour.

    Attributes:
        asked: how often a caller needed a token.
        logins: at Salesforce.
        invocations: of token_broker and token_keeper, by function.
        aws: calls of the two functions, by operation.
        units: request units of DynamoDB, `read` and `write`.
        gb_s: billed memory of Lambda, gigabytes times seconds.
        starts: execution environments that were started.
        most: environments of the token_broker of one stack at once.
        log_bytes: taken in by CloudWatch Logs.
        metrics: custom metrics that have got a value.
        connections: all stacks'.
        stacks: how many.
    """

    asked: int = 0
    logins: int = 0
    invocations: Counter[str] = field(default_factory=Counter)
    aws: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    gb_s: float = 0.0
    starts: int = 0
    most: int = 0
    log_bytes: int = 0
    metrics: int = 0
    connections: int = 0
    stacks: int = 0

    @classmethod
    def of_all(cls, parts: Iterable[Self]) -> Self:
        """Returns the sum of several stacks' usage; of environments at once, the most of any."""
        parts = list(parts)
        return cls(
            asked=sum(part.asked for part in parts),
            logins=sum(part.logins for part in parts),
            invocations=sum((part.invocations for part in parts), Counter()),
            aws=sum((part.aws for part in parts), Counter()),
            units=sum((part.units for part in parts), Counter()),
            gb_s=sum(part.gb_s for part in parts),
            starts=sum(part.starts for part in parts),
            most=max(part.most for part in parts),
            log_bytes=sum(part.log_bytes for part in parts),
            metrics=sum(part.metrics for part in parts),
            connections=sum(part.connections for part in parts),
            stacks=sum(part.stacks for part in parts),
        )
