"""Connections in Secrets Manager, read anew for every mint."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, AwsError, unavailable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.adapters.aws.secret_value import secret_text
from sfmint.errors import InvalidCredentials, SfmintError
from sfmint.salesforce.connection import Connection, Lack, Stage, no_credentials, parse_connection
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint_values.aws_codes import code_of
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import Answer, SecretsManagerCalls
    from sfmint_values.proxy_login import ProxyLogin

# AWS Secrets Manager API Reference, GetSecretValue, "Errors". Of a plain read only a deleted secret brings about the second.
_LACKS = {"ResourceNotFoundException": Lack.NOTHING, "InvalidRequestException": Lack.DELETED}


class SecretsManagerCredentials:
    """The secrets `sfmint/STACK/CONNECTION`.

    Args:
        client: of Secrets Manager.
        stack: the stack's name.
        listed: hosts beside Salesforce's own that may be asked for a token.
        repeats: asks Secrets Manager again.
        proxy_login: what a proxy on the way is told; None: there is none that asks. It is read with a connection, so that
            no login is begun, and none is counted, without it.
    """

    def __init__(
        self,
        client: "SecretsManagerCalls",
        stack: str,
        listed: frozenset[str],
        repeats: Repeats,
        proxy_login: "ProxyLogin | None" = None,
    ) -> None:
        self._client = client
        self._stack = stack
        self._listed = listed
        self._repeats = repeats
        self._proxy_login = proxy_login
        self._parsed: dict[str, tuple[Secret, Connection]] = {}  # by connection: its secret, and what that means

    def load(self, connection: str) -> Connection:
        """Return the connection as its secret says now (AWSCURRENT)."""
        return self._read(connection, "AWSCURRENT")

    def pending(self, connection: Connection) -> Connection | None:
        """Return what a rotation has made ready (AWSPENDING), if it is the same user's at the same host."""
        try:
            return _if_alike(self._read(connection.name, "AWSPENDING"), connection)
        except SfmintError:
            return None  # the connection's own secret has decided already

    def previous(self, connection: Connection, now: float) -> Connection | None:
        """Return what a rotation has replaced (AWSPREVIOUS), as long as its label lets it log in; likewise."""
        from sfmint.salesforce.grace import is_in_grace  # who is not refused needs none of it

        try:
            answer = self._ask(connection.name, "AWSPREVIOUS", Lack.NOTHING)
            if not is_in_grace(answer.get("VersionStages"), now):
                return None
            return _if_alike(self._understood(connection.name, answer, Lack.NOTHING), connection)
        except SfmintError:
            return None

    def staged(self, connection: str, stage: Stage) -> Connection:
        """Return what is to be tried: the version that has this label."""
        return self._read(connection, stage)

    def _read(self, connection: str, stage: Stage) -> Connection:
        nothing = Lack.of(stage)
        return self._understood(connection, self._ask(connection, stage, nothing), nothing)

    def _ask(self, connection: str, stage: str, nothing: Lack) -> "Answer":
        secret_id = f"sfmint/{self._stack}/{connection}"
        try:
            return self._repeats.ask(lambda: self._client.get_secret_value(SecretId=secret_id, VersionStage=stage))
        except (BotoCoreError, ClientError) as error:
            if lack := _LACKS.get(code_of(error)):
                raise no_credentials(connection, self._stack, nothing if lack is Lack.NOTHING else lack) from None
            raise _unread(connection, self._stack, error) from None

    def _understood(self, connection: str, answer: "Answer", nothing: Lack) -> Connection:
        """Return what an answer says, and see to it that a proxy on the way lets us pass."""
        try:
            text = secret_text(answer)
            if text.strip() in {"", "{}"}:
                raise no_credentials(connection, self._stack, nothing)
            found = self._connection(connection, text)
        except CredentialFault as fault:
            raise fault.to_error(connection) from None
        except ValueError as error:
            raise CredentialFault(Fault.UNREADABLE, what=f"binary, and {error}").to_error(connection) from None
        if self._proxy_login is not None:
            self._proxy_login.current()
        return found

    def _connection(self, name: str, text: str) -> Connection:
        """Return the connection of a secret, which is parsed once for as long as it says the same."""
        says = Secret(text)
        said, connection = self._parsed.get(name, (None, None))
        if connection is None or said != says:
            connection = parse_connection(name, text, self._listed)
            self._parsed[name] = says, connection
        return connection


def _if_alike(other: Connection, connection: Connection) -> Connection | None:
    """Return other credentials if they are the same user's at the same host: the login of another is no alternative."""
    alike = (other.username, other.token_host) == (connection.username, connection.token_host)
    return other if alike else None


def _unread(connection: str, stack: str, error: AwsError) -> SfmintError:
    """Return the error for a secret that was not read; a denial lasts until somebody changes a policy or a key."""
    secret_id = f"sfmint/{stack}/{connection}"
    found = unavailable(
        Asked(
            service="Secrets Manager",
            action=f"to read {secret_id}",
            permission="secretsmanager:GetSecretValue",
            thing=f"the secret {secret_id}",
            key_parameter="SecretsKeyArns",
            other_key=f"store it under another with sfmint connection add {connection} --stack {stack} --kms-key ARN",
        ),
        error,
    )
    return InvalidCredentials(found.cause, remedy=found.remedy, denied=True) if found.denied else found
