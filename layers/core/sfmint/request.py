"""The events of the invoke interface, checked before anything is done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sfmint.errors import ConnectionForbidden, ConnectionNotFound, InvalidRequest
from sfmint.salesforce.connection import STAGES, TRY_STAGE, Stage
from sfmint_values.alias_arn import OBSERVE, connection_of
from sfmint_values.embedded_metrics import NO_CONNECTION
from sfmint_values.foreign import Foreign, plain_names
from sfmint_values.invoke_limits import (
    DEFAULT_DEADLINE_MS,
    DEFAULT_MIN_TTL_S,
    LONGEST_AHEAD_S,
    LONGEST_DEADLINE_MS,
    LONGEST_MIN_TTL_S,
)
from sfmint_values.secret import is_fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """`get_token`.

    Attributes:
        connection: the invoked alias.
        min_ttl: least life that the token should have, in seconds.
        rejected: fingerprint of a token that Salesforce answered 401 for.
        deadline_s: how long the caller waits, in seconds.
    """

    connection: str
    min_ttl: int
    rejected: str | None
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest:
    """`status`."""

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRequest:
    """`refresh`, of the keeper.

    Attributes:
        connection: the connection's name.
        ahead_s: how far ahead a soft expiry counts as reached, in seconds; None: as far as the schedule's next run.
    """

    connection: str
    ahead_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushRequest:
    """`flush`, of the keeper."""

    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsRequest:
    """`status`, of the keeper.

    Attributes:
        connections: whose rows are told.
    """

    connections: tuple[str, ...]

    @property
    def connection(self) -> str:
        """The connection, if it is one only; else "-"."""
        return self.connections[0] if len(self.connections) == 1 else NO_CONNECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRequest:
    """`try`, of the keeper.

    Attributes:
        connection: the connection's name.
        stage: the label of the secret's version that is tried.
    """

    connection: str
    stage: Stage = TRY_STAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class TaintRequest:
    """`taint`, of the keeper.

    Attributes:
        connection: the connection's name.
        key_id: the key that leaked, as `status` shows it: 16 hex digits.
    """

    connection: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """`watch`, of the keeper.

    Attributes:
        connections: all of the stack's.
        connection: none, as metrics write it.
    """

    connections: tuple[str, ...]
    connection: str = NO_CONNECTION


type KeeperRequest = RefreshRequest | FlushRequest | RowsRequest | TaintRequest | TryRequest | WatchRequest


def alias_of(invoked_arn: Foreign, function_name: str, connections: Collection[str]) -> str:
    """Return the connection whose alias was invoked.

    Args:
        invoked_arn: `context.invoked_function_arn`, which Lambda sets on every path and a caller cannot.
        function_name: the function's own name.
        connections: the stack's connections.

    Raises:
        ConnectionForbidden: unqualified, `$LATEST`, a version, `live`, or an alias that is no connection.
    """
    alias = connection_of(invoked_arn, function_name, connections)
    if alias is None:
        raise ConnectionForbidden(
            "The function was invoked without the alias of a connection.",
            remedy="Invoke the alias ARN that stands in SSM under /sfmint/STACK/connections/NAME/broker.",
        )
    return alias


def parse_broker_event(event: object, alias: str) -> TokenRequest | StatusRequest:
    """Return the request of an event to token_broker.

    Raises:
        InvalidRequest: no object, an unknown action or field, a value of a wrong type or out of range.
        ConnectionForbidden: the event names another connection than the alias.
    """
    fields = _object(event, '{} or {"action": "get_token"}')
    action = fields.get("action", "get_token")
    if action not in ("get_token", "status"):
        raise InvalidRequest("The event names an unknown action.", remedy="Known are get_token and status.")
    known = {"action", "connection"} if action == "status" else {"action", "connection", *_TOKEN_FIELDS}
    _refuse_unknown(fields, known)
    if fields.get("connection", alias) != alias:
        raise ConnectionForbidden(
            f"The event names another connection than the invoked alias {alias!r}.",
            remedy="Leave connection out, or invoke that connection's own alias.",
        )
    if action == "status":
        return StatusRequest(connection=alias)
    deadline_ms = _whole(fields, "deadline_ms", DEFAULT_DEADLINE_MS, LONGEST_DEADLINE_MS)
    return TokenRequest(
        connection=alias,
        min_ttl=_whole(fields, "min_ttl", DEFAULT_MIN_TTL_S, LONGEST_MIN_TTL_S),
        rejected=_hex16(fields, "rejected", "fingerprint", "Send the fingerprint of the answer that held the token"),
        deadline_s=deadline_ms / 1000,
    )


def parse_keeper_event(event: object, connections: Collection[str]) -> KeeperRequest:
    """Return the request of an event to token_keeper.

    Raises:
        InvalidRequest: no object, an unknown action or field, a value of a wrong type.
        ConnectionNotFound: the stack has no such connection.
    """
    fields = _object(event, '{"action": "refresh", "connection": NAME}')
    action = fields.get("action")
    known = {"action"} if action == "watch" else {"action", "connection"}
    if isinstance(action, str) and action in _FIELD_OF:
        known.add(_FIELD_OF[action])
    _refuse_unknown(fields, known)
    if action not in ("refresh", "flush", "status", "taint", "try", "watch"):
        raise InvalidRequest(
            "The event names no known action.", remedy="Known are refresh, flush, status, taint, try and watch."
        )
    if action == "watch":
        return WatchRequest(connections=tuple(sorted(connections)))
    if action == "status" and "connection" not in fields:
        return RowsRequest(connections=tuple(sorted(connections)))
    connection = _connection(fields, connections)
    match action:
        case "refresh":
            return RefreshRequest(connection=connection, ahead_s=_ahead_s(fields))
        case "flush":
            return FlushRequest(connection=connection)
        case "status":
            return RowsRequest(connections=(connection,))
        case "try":
            return TryRequest(connection=connection, stage=_stage(fields))
        case _:
            return TaintRequest(connection=connection, key_id=_key_id(fields))


_TOKEN_FIELDS = ("min_ttl", "rejected", "deadline_ms")
_FIELD_OF = {"refresh": "ahead_s", "taint": "key_id", "try": "stage"}  # of the keeper's actions, beside the connection


def _connection(fields: Mapping[str, object], connections: Collection[str]) -> str:
    connection = fields.get("connection")
    if not isinstance(connection, str):
        raise InvalidRequest("The event names no connection.", remedy='Add "connection": its name.')
    if connection not in connections:
        raise ConnectionNotFound(
            "The stack has no connection of that name.",
            remedy=f"It has {', '.join(sorted(connections))}; add names to the parameter Connections.",
        )
    return connection


def _key_id(fields: Mapping[str, object]) -> str:
    key_id = _hex16(fields, "key_id", "key id", "Send the key_id that status shows")
    if key_id is None:
        raise InvalidRequest("The event names no key.", remedy='Add "key_id": its id as status shows it.')
    return key_id


def _ahead_s(fields: Mapping[str, object]) -> int | None:
    return _whole(fields, "ahead_s", 0, LONGEST_AHEAD_S) if "ahead_s" in fields else None


def _stage(fields: Mapping[str, object]) -> Stage:
    stage = fields.get("stage", TRY_STAGE)
    for known in STAGES:
        if stage == known:
            return known
    raise InvalidRequest("The event's stage is no label that can be tried.", remedy=f"Give {', '.join(STAGES)}.")


def check_alias(request: KeeperRequest, invoked_arn: Foreign, function_name: str) -> None:
    """Check that a request to token_keeper is one for the alias that was invoked: `observe` is for `status` alone.

    Args:
        request: the checked event.
        invoked_arn: as in `alias_of`.
        function_name: likewise.

    Raises:
        ConnectionForbidden: it is not.
    """
    if not isinstance(request, RowsRequest) and connection_of(invoked_arn, function_name, (OBSERVE,)) is not None:
        raise ConnectionForbidden(
            "The alias observe of the keeper answers the action status alone.",
            remedy="Invoke its alias live, for which the policy of operators is needed.",
        )


def _object(event: object, example: str) -> Mapping[str, object]:
    if isinstance(event, dict):
        return event
    raise InvalidRequest("The event is not a JSON object.", remedy=f"Send {example}.")


def _refuse_unknown(fields: Mapping[str, object], known: set[str]) -> None:
    if unknown := set(fields) - known:
        raise InvalidRequest(
            f"The event has unknown fields: {plain_names(unknown)}.",
            remedy=f"Known here are {', '.join(sorted(known))}.",
        )


def _whole(fields: Mapping[str, object], field: str, default: int, longest: int) -> int:
    value = fields.get(field, default)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= longest:
        return value
    raise InvalidRequest(f"The event's {field} is unusable.", remedy=f"Give a whole number from 0 to {longest}.")


def _hex16(fields: Mapping[str, object], field: str, what: str, remedy: str) -> str | None:
    value = fields.get(field)
    if value is None or (isinstance(value, str) and is_fingerprint(value)):
        return value
    raise InvalidRequest(f"The event's {field} is not a {what}.", remedy=f"{remedy}: 16 hex digits.")
