"""The events of key_rotation: Secrets Manager's four steps, an operator's orders, and the tick of the schedule."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from key_rotation.versions import is_version_id
from sfmint.errors import ConnectionForbidden, ConnectionNotFound, InvalidRequest
from sfmint_values.alias_arn import LIVE, connection_of
from sfmint_values.foreign import Foreign, plain_names

type Step = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]
type Action = Literal["start", "status", "advance", "finish", "cancel", "check"]

_STEPS: tuple[Step, ...] = get_args(Step.__value__)
_ACTIONS: tuple[Action, ...] = get_args(Action.__value__)
_TICK = {"action": "tick"}
_SUFFIX = 6  # letters and digits with which Secrets Manager ends the ARN of a secret, behind a dash


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The stack whose secrets the function rotates.

    Attributes:
        stack: its name.
        region: of the function, and so of the stack's secrets.
        account: likewise, 12 digits.
        connections: the names of its connections.
    """

    stack: str
    region: str
    account: str
    connections: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequest:
    """A step of Secrets Manager's.

    Attributes:
        step: which of the four.
        connection: whose secret it is.
        version: the version id of the secret that the rotation is to fill.
    """

    step: Step
    connection: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What an operator wants.

    Attributes:
        action: what to do.
        connection: the connection's name.
    """

    action: Action
    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRequest:
    """The schedule's: go on with whatever is pending, and tell how things stand."""


type RotationRequest = StepRequest | OrderRequest | TickRequest


def check_alias(invoked_arn: Foreign, function_name: str) -> None:
    """Refuse every way in but the alias `live`: its policy is what says who may rotate.

    Args:
        invoked_arn: `context.invoked_function_arn`, which Lambda sets on every path and a caller cannot.
        function_name: the function's own name.

    Raises:
        ConnectionForbidden: unqualified, `$LATEST`, a version, or another alias.
    """
    if connection_of(invoked_arn, function_name, (LIVE,)) is None:
        raise ConnectionForbidden(
            f"The function was invoked without its alias {LIVE}.",
            remedy=f"Invoke {function_name}:{LIVE}; for RotateSecret give the ARN with :{LIVE} at its end.",
        )


def home_of(invoked_arn: Foreign, stack: str, connections: Collection[str]) -> Home:
    """Return the stack around an invoked function, whose ARN Lambda writes.

    Args:
        invoked_arn: as `check_alias` has found it good.
        stack: the stack's name.
        connections: the names of its connections.
    """
    region, account = invoked_arn.split(":")[3:5]
    return Home(stack=stack, region=region, account=account, connections=connections)


def parse_event(event: object, home: Home) -> RotationRequest:
    """Return the request of an event.

    Args:
        event: as it came.
        home: whose connections may be rotated.

    Raises:
        InvalidRequest: no object, an unknown action, step or field, a value of a wrong type.
        ConnectionNotFound: the stack has no such connection.
        ConnectionForbidden: the secret is none of the stack's.
    """
    if not isinstance(event, dict):
        raise InvalidRequest(
            "The event is not a JSON object.", remedy='Send {"action": "status", "connection": "NAME"}.'
        )
    if "Step" in event:
        return _step(event, home)
    if event.get("action") == "tick":
        _refuse_unknown(event, _TICK)
        return TickRequest()
    return _order(event, home.connections)


def _step(event: Mapping[str, object], home: Home) -> StepRequest:
    """Read a step; fields beside the three are Secrets Manager's to add.

    Source: AWS Secrets Manager User Guide, "Lambda rotation functions": Step, SecretId, ClientRequestToken.
    """
    step = next((each for each in _STEPS if each == event["Step"]), None)
    if step is None:
        raise InvalidRequest("The event names an unknown step.", remedy=f"Known are {', '.join(_STEPS)}.")
    secret_id, version = event.get("SecretId"), event.get("ClientRequestToken")
    if not isinstance(version, str) or not is_version_id(version):
        raise InvalidRequest(
            "The event's ClientRequestToken is no id of a secret's version.",
            remedy="Let Secrets Manager invoke the function: sfmint rotate start NAME.",
        )
    connection = _connection_of(secret_id, home) if isinstance(secret_id, str) else None
    if connection is None:
        raise ConnectionForbidden(
            "The event's SecretId is no secret of a connection of this stack.",
            remedy="Rotate the secret with the key_rotation of its own stack: sfmint rotate start NAME --stack STACK.",
        )
    return StepRequest(step=step, connection=connection, version=version)


def _order(event: Mapping[str, object], connections: Collection[str]) -> OrderRequest:
    action = next((each for each in _ACTIONS if each == event.get("action")), None)
    if action is None:
        raise InvalidRequest("The event names an unknown action.", remedy=f"Known are {', '.join(_ACTIONS)}, tick.")
    _refuse_unknown(event, {"action", "connection"})
    connection = event.get("connection")
    if not isinstance(connection, str):
        raise InvalidRequest("The event's connection is missing, or no text.", remedy="Send the connection's name.")
    if connection not in connections:
        raise ConnectionNotFound(
            "The stack has no connection of that name.", remedy="Add it to the parameter Connections and deploy."
        )
    return OrderRequest(action=action, connection=connection)


def _refuse_unknown(event: Mapping[str, object], known: Collection[str]) -> None:
    if unknown := set(event) - set(known):
        raise InvalidRequest(
            f"The event has unknown fields: {plain_names(unknown)}.", remedy=f"Known are {', '.join(sorted(known))}."
        )


def _connection_of(secret_id: Foreign, home: Home) -> str | None:
    """Return the connection of a secret's whole ARN, which Secrets Manager ends with six characters, or of its name."""
    match secret_id.split(":"):
        case ["arn", _, "secretsmanager", home.region, home.account, "secret", name]:
            name, _, suffix = name.rpartition("-")
            if len(suffix) != _SUFFIX or not (suffix.isascii() and suffix.isalnum()):
                return None
        case [name]:
            pass
        case _:
            return None
    folder, _, connection = name.rpartition("/")
    return connection if folder == f"sfmint/{home.stack}" and connection in home.connections else None
