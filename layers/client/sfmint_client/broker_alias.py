"""A connection's alias on token_broker: found through Parameter Store, invoked through Lambda."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Self

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from sfmint_client.access_token import AccessToken
from sfmint_client.aws_error import UNREADABLE, AwsError, in_our_words
from sfmint_client.errors import (
    AliasNotFound,
    BrokerUnavailable,
    ConnectionNotFound,
    DiscoveryForbidden,
    InternalError,
    InvokeForbidden,
    SfmintError,
    error_named,
)
from sfmint_client.function_error import FunctionError
from sfmint_client.system import region_of_environment
from sfmint_values.alias_arn import alias_parts
from sfmint_values.aws_codes import ACCESS_DENIED, code_of
from sfmint_values.foreign import Foreign
from sfmint_values.invoke_limits import LOGIN_S
from sfmint_values.secret import fingerprint_of

CONNECT_TIMEOUT_S = 2.0
DISCOVERY_TIMEOUT_S = 5.0

_MAKING_CLIENTS = Lock()  # a session may be shared, and makes one client at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAlias:
    """The ARN of a connection's alias, and what its parts say."""

    arn: str
    region: str
    policy: str

    @classmethod
    def parse(cls, arn: Foreign) -> Self:
        """Return the alias of an ARN.

        Raises:
            AliasNotFound: the text is no ARN of a Lambda alias.
        """
        if (parts := alias_parts(arn)) is None:
            raise AliasNotFound(
                "The text given as alias_arn is not the ARN of a Lambda alias. "
                "Take it from the SSM parameter /sfmint/STACK/connections/NAME/broker."
            )
        region, function, alias = parts
        return cls(arn=arn, region=region, policy=_policy(function.removesuffix("-token-broker"), alias, region))


class BrokerCaller:
    """Calls a connection's alias, once each time; what AWS refuses comes back in our words.

    Args:
        session: of botocore; its clients are made when they are first needed.
        deadline_s: the longest that a caller lets the broker wait, in seconds.
    """

    def __init__(self, session: Session, *, deadline_s: float) -> None:
        self._session = session
        self._read_timeout_s = deadline_s + LOGIN_S
        self._lambda: Any = None

    def find(self, connection: str, stack: str) -> BrokerAlias:
        """Return the connection's alias, as Parameter Store names it; it must be the stack's, where the parameter is.

        Raises:
            SfmintError: `ConnectionNotFound`, `DiscoveryForbidden`, `AliasNotFound`, or what any service of AWS may
                answer.
        """
        name = _parameter(stack, connection)
        try:
            ssm = self._client("ssm", self._region(), DISCOVERY_TIMEOUT_S)
            parameter = ssm.get_parameter(Name=name)["Parameter"]
        except (BotoCoreError, ClientError) as error:
            raise self._not_found(connection, stack, error) from None
        except UNREADABLE:
            raise BrokerUnavailable(
                "What answered in the place of Parameter Store is not AWS."
                " Look for a proxy or a sign-in page that answers for it (HTTPS_PROXY, AWS_ENDPOINT_URL)."
            ) from None
        expected = _expected_arn(str(parameter.get("ARN")), stack, connection)
        if expected is None or parameter["Value"] != expected:
            raise AliasNotFound(
                f"The SSM parameter {name} does not name the alias {connection} of {stack}-token-broker in its own"
                f" account and region, so nothing was called. Run sfmint doctor {connection}, which says how to put it right,"
                " and find out who wrote the parameter; for another account's stack give the client the alias_arn."
            )
        return BrokerAlias.parse(expected)

    def get_token(self, alias: BrokerAlias, event: Mapping[str, object]) -> AccessToken:
        """Return the token that the broker answers.

        Raises:
            SfmintError: the broker's own errors by their names, what IAM or Lambda says before it runs, and
                `InternalError` for an answer that is no token of this connection.
        """
        try:
            if self._lambda is None:
                self._lambda = self._client("lambda", alias.region, self._read_timeout_s)
            answer = self._lambda.invoke(FunctionName=alias.arn, Payload=json.dumps(event).encode())
            payload = answer["Payload"].read()
        except (BotoCoreError, ClientError) as error:
            raise _refused(alias, error) from None
        try:
            said = json.loads(payload)
            if "FunctionError" in answer:
                raise _failed(FunctionError.read(said))
            token = AccessToken.from_answer(said)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise InternalError(
                f"What answers at {alias.arn} is not a token broker that this client understands. "
                "Check the alias ARN, and that client and stack are of one major version."
            ) from None
        if (token.connection, token.fingerprint) != (event["connection"], fingerprint_of(token.access_token)):
            raise InternalError(
                f"What answers at {alias.arn} has given a token that is not the connection's, or not the one that it"
                " names. Check the alias ARN, and who may change the function and its aliases."
            )
        return token

    def _client(self, service: str, region: str | None, read_timeout_s: float) -> Any:
        config = Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            retries={"total_max_attempts": 1},  # TokenClient knows what may be repeated, and for how long
            tcp_keepalive=True,
        )
        with _MAKING_CLIENTS:
            return self._session.create_client(service, region_name=region, config=config)

    def _region(self) -> str | None:
        return self._session.get_config_variable("region") or region_of_environment()

    def _not_found(self, connection: str, stack: str, error: AwsError) -> SfmintError:
        code, parameter = code_of(error), _parameter(stack, connection)
        if code == "ParameterNotFound":
            return ConnectionNotFound(
                f"There is no SSM parameter {parameter} in region {self._region()}. "
                "Check the names of connection and stack, the region, and that the deployed Connections list the name."
            )
        if code in ACCESS_DENIED:
            policy = _policy(stack, connection, self._region() or "REGION")
            return DiscoveryForbidden(
                f"IAM does not let this caller read the SSM parameter {parameter}. "
                f"Attach the policy {policy} to its role, or give the client the alias_arn."
            )
        return in_our_words("Parameter Store", error)


def _parameter(stack: str, connection: str) -> str:
    return f"/sfmint/{stack}/connections/{connection}/broker"


def _expected_arn(parameter_arn: Foreign, stack: str, connection: str) -> str | None:
    """Return the ARN that a parameter has to name: account and region are those that SSM says of the parameter itself.

    Source: Systems Manager API Reference, GetParameter (`ARN`). Its value is what anybody has written who may.
    """
    match parameter_arn.split(":"):
        case ["arn", partition, "ssm", region, account, name] if name == f"parameter{_parameter(stack, connection)}":
            return f"arn:{partition}:lambda:{region}:{account}:function:{stack}-token-broker:{connection}"
        case _:
            return None


def _policy(stack: str, connection: str, region: str) -> str:
    return f"{stack}-get-token-{connection}-{region}"


def _refused(alias: BrokerAlias, error: AwsError) -> SfmintError:
    code = code_of(error)
    if code in ACCESS_DENIED:
        return InvokeForbidden(
            f"IAM does not let this caller invoke {alias.arn}. Attach the managed policy {alias.policy} to its role; "
            "for another account's role, name it in the alias's resource policy too."
        )
    if code == "ResourceNotFoundException":
        return AliasNotFound(
            f"Lambda knows no alias {alias.arn}. "
            "Check account and region, and that the deployed stack's Connections list the name."
        )
    return in_our_words("Lambda", error)


def _failed(error: FunctionError) -> SfmintError:
    if error.is_lambdas_own:
        return BrokerUnavailable(
            f"The broker's function ended without an answer ({error.name or 'no name'})."
            " Call again; its log group tells why."
        )
    return error_named(error.name, error.message)
