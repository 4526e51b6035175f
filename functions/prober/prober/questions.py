"""What a connection's policy must not give, as calls of AWS that would change and reveal nothing if they were allowed.

Source: AWS Lambda API Reference, Invoke (`DryRun`); AWS KMS Developer Guide, "Testing your permissions" (`DryRun`). Other
services know no such switch: they are asked for what does not exist, and look at the caller's rights before they look for it.
Where AWS would look for something else first, such as whether the key is disabled, its answer is none of those that
show a right, and so says nothing of rights.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sfmint_values.alias_arn import LIVE, OBSERVE

_NO_VERSION = "00000000-0000-4000-8000-000000000000"  # of a secret; Secrets Manager and the program make others
_NOWHERE = "prober"  # no row and no folder of the cache has this name
_PURPOSE = "sfmint/access-token"  # as the policies of the stack's key have it
_ABSENT = frozenset({"ResourceNotFoundException"})
_OK, _NO_CONTENT = 200, 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call that must be refused.

    Attributes:
        wish: what is asked for, in words.
        service: of AWS, as botocore calls it.
        operation: likewise, such as `get_secret_value`.
        parameters: of the operation.
        lets_in: the error codes that only those meet who may.
        done: the HTTP status with which AWS says that it was done.
    """

    wish: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    lets_in: frozenset[str] = frozenset()
    done: int = _OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The stack on which the questions are asked.

    Attributes:
        stack: its name.
        connection: whose policy is in hand.
        connections: the names of all its connections, those of administrators among them.
        broker_arn: the broker without an alias.
        key_arn: of the key that seals the tokens.
        table: where the rows are; empty where they are parameters.
    """

    stack: str
    connection: str
    connections: Collection[str]
    broker_arn: str
    key_arn: str
    table: str

    def arn_of(self, function: str) -> str:
        """Return the ARN of a function of the stack, such as `token-keeper`, without an alias."""
        return f"{self.broker_arn.removesuffix('token-broker')}{function}"


def questions(ground: Ground) -> Iterator[Question]:
    """Give every question, the gravest first."""
    yield from _secrets(ground)
    yield from _invocations(ground)
    yield from _rows(ground)
    yield _sealing(ground)


def _secrets(ground: Ground) -> Iterator[Question]:
    for name in sorted(ground.connections):
        secret = f"sfmint/{ground.stack}/{name}"
        yield Question(
            wish=f"read the secret {secret}",
            service="secretsmanager",
            operation="get_secret_value",
            parameters={"SecretId": secret, "VersionId": _NO_VERSION},
            lets_in=_ABSENT,
        )


def _invocations(ground: Ground) -> Iterator[Question]:
    others = sorted(set(ground.connections) - {ground.connection})
    yield from (_invocation(ground, "token-broker", alias) for alias in (*others, LIVE, ""))
    yield from (_invocation(ground, "token-keeper", alias) for alias in (LIVE, OBSERVE, ""))
    yield from (_invocation(ground, "key-rotation", alias) for alias in (LIVE, ""))
    yield from (_invocation(ground, "salesforce-request", alias) for alias in (ground.connection, *others, LIVE, ""))


def _invocation(ground: Ground, function: str, alias: str) -> Question:
    qualified = f"{function}:{alias}" if alias else function
    return Question(
        wish=f"invoke {ground.stack}-{qualified}",
        service="lambda",
        operation="invoke",
        parameters={"FunctionName": ground.arn_of(qualified), "InvocationType": "DryRun"},
        lets_in=_ABSENT,
        done=_NO_CONTENT,
    )


def _rows(ground: Ground) -> Iterator[Question]:
    cache = f"/sfmint/{ground.stack}/cache/{_NOWHERE}"
    yield Question(
        wish=f"read parameters under {cache}",
        service="ssm",
        operation="get_parameters_by_path",
        parameters={"Path": cache},
    )
    yield Question(
        wish=f"read the parameter {cache}",
        service="ssm",
        operation="get_parameter",
        parameters={"Name": cache},
        lets_in=frozenset({"ParameterNotFound"}),
    )
    if ground.table:
        yield Question(
            wish=f"read a row of the table {ground.table}",
            service="dynamodb",
            operation="get_item",
            parameters={"TableName": ground.table, "Key": {"pk": {"S": _NOWHERE}}},
            lets_in=_ABSENT,
        )


def _sealing(ground: Ground) -> Question:
    return Question(
        wish="use the key that seals the tokens",
        service="kms",
        operation="encrypt",
        parameters={
            "KeyId": ground.key_arn,
            "Plaintext": _NOWHERE,
            "EncryptionContext": {"purpose": _PURPOSE, "place": ground.table or f"/sfmint/{ground.stack}/cache"},
            "DryRun": True,
        },
        lets_in=frozenset({"DryRunOperationException"}),
    )
