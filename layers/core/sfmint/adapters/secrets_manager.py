"""Connections in Secrets Manager, read anew for every mint."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, AwsError, unavailable, unreadable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.errors import InvalidCredentials, SfmintError
from sfmint.salesforce.connection import TRY_STAGE, Connection, Lack, no_credentials, parse_connection
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint_values.aws_codes import code_of
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import SecretsManagerCalls

# AWS Secrets Manager API Reference, GetSecretValue, "Errors". Of a plain read only a deleted secret brings about the second.
_LACKS = {"ResourceNotFoundException": Lack.NOTHING, "InvalidRequestException": Lack.DELETED}


class SecretsManagerCredentials:
    """The secrets `sfmint/STACK/CONNECTION`.

    Args:
        client: of Secrets Manager.
        stack: the stack's name.
        listed: hosts beside Salesforce's own that may be asked for a token.
        repeats: asks Secrets Manager again.
    """

    def __init__(self, client: "SecretsManagerCalls", stack: str, listed: frozenset[str], repeats: Repeats) -> None:
        self._client = client
        self._stack = stack
        self._listed = listed
        self._repeats = repeats
        self._parsed: dict[str, tuple[Secret, Connection]] = {}  # by connection: its secret, and what that means

    def load(self, connection: str) -> Connection:
        """Return the connection as its secret says now (AWSCURRENT)."""
        return self._read(connection, "AWSCURRENT")

    def pending(self, connection: Connection) -> Connection | None:
        """Return what a rotation has made ready (AWSPENDING), if it is the same user's at the same host."""
        try:
            pending = self._read(connection.name, "AWSPENDING")
        except SfmintError:
            return None  # the connection's own secret has decided already
        same = (pending.username, pending.token_host) == (connection.username, connection.token_host)
        return pending if same else None

    def staged(self, connection: str) -> Connection:
        """Return what an operator wants to be tried (SFMINT_TRY)."""
        return self._read(connection, TRY_STAGE, Lack.NOT_STAGED)

    def _read(self, connection: str, stage: str, nothing: Lack = Lack.NOTHING) -> Connection:
        secret_id = f"sfmint/{self._stack}/{connection}"
        try:
            answer = self._repeats.ask(lambda: self._client.get_secret_value(SecretId=secret_id, VersionStage=stage))
        except (BotoCoreError, ClientError) as error:
            if lack := _LACKS.get(code_of(error)):
                raise no_credentials(connection, self._stack, nothing if lack is Lack.NOTHING else lack) from None
            raise _unread(secret_id, error) from None
        try:
            text = _text(answer)
            if text.strip() in {"", "{}"}:
                raise no_credentials(connection, self._stack, nothing)
            return self._connection(connection, text)
        except CredentialFault as fault:
            raise fault.to_error(connection) from None

    def _connection(self, name: str, text: str) -> Connection:
        """Return the connection of a secret, which is parsed once for as long as it says the same."""
        says = Secret(text)
        said, connection = self._parsed.get(name, (None, None))
        if connection is None or said != says:
            connection = parse_connection(name, text, self._listed)
            self._parsed[name] = says, connection
        return connection


def _text(answer: Mapping[str, Any]) -> str:
    """Return a secret's text, which is stored as a text or as octets.

    Raises:
        CredentialFault: the octets are no text.
        CacheUnavailable: the answer is none of Secrets Manager's.

    Source: AWS Secrets Manager API Reference, GetSecretValue: SecretString or SecretBinary, never both.
    """
    match answer.get("SecretString", answer.get("SecretBinary", "")):
        case str(text):
            return text.removeprefix("\ufeff")  # a byte order mark
        case bytes(octets):
            from sfmint_values.text_bytes import text_of

            try:
                return text_of(octets)
            except ValueError as error:
                raise CredentialFault(Fault.UNREADABLE, what=f"binary, and {error}") from None
        case _:
            raise unreadable("Secrets Manager")


def _unread(secret_id: str, error: AwsError) -> SfmintError:
    """Return the error for a secret that was not read; a denial lasts until somebody changes a policy or a key."""
    found = unavailable(
        Asked(
            service="Secrets Manager",
            action=f"to read {secret_id}",
            permission="secretsmanager:GetSecretValue",
            thing=f"the secret {secret_id}",
        ),
        error,
    )
    return InvalidCredentials(found.cause, remedy=found.remedy, denied=True) if found.denied else found
