"""A stack without its functions: the embedded AWS with a table and a key, the embedded org, and connections."""

import json
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from sfmint_local import authorities, places
from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.embedded_org import EmbeddedOrg
from sfmint_local.environments.guard import guarded
from sfmint_local.interruption import deferred, undisturbed
from sfmint_local.key_pair import KeyInKms, new_key_in_kms, new_key_pair
from sfmint_local.org.values import App, User

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from sfmint_local.org.control_client import OrgControl

STACK = "sfmint"
TABLE = "tokens"

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BareConnection:
    """A connection that was set up.

    Attributes:
        name: also names its Salesforce user, so that each connection's logins are counted apart.
        app: its Salesforce app.
        username: the user whom its tokens speak for.
        key_in_kms: the key that signs; None: the stack's own, which is in the secret.
    """

    name: str
    app: App
    username: str
    key_in_kms: KeyInKms | None = None


class BareStack:
    """The processes and what stands in them. Leaving it ends them, and removes every file.

    Args:
        title: begins the name of its folder under ``.local/runs``.

    Attributes:
        aws: the embedded AWS.
        control: arranges the embedded org: faults, settings, counters.
        folder: logs, and until the end everything else.
        key_arn: the KMS key.
        pids: the process ids of both.
    """

    def __init__(self, title: str = "bare") -> None:
        self._title = title
        self._ending = ExitStack()
        self._key_pair = new_key_pair(title)  # one for all: it takes a while to make
        self._connections: dict[str, BareConnection] = {}
        self.aws: EmbeddedAws
        self.control: OrgControl
        self.folder: Path
        self.key_arn: str
        self.pids: tuple[int, int]

    def __enter__(self) -> Self:
        self.folder = places.new_run(self._title)
        self._ending.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def connect(self, name: str, token_lifetime: int = 900, *, in_kms: bool = False) -> BareConnection:
        """Set up a connection: Salesforce app and user, secret.

        Args:
            name: of the connection.
            token_lifetime: seconds; also the session time-out of its app.
            in_kms: whether its key is one of its own in KMS.
        """
        key = new_key_in_kms(self.aws.kms, name) if in_kms else None
        certificate = (key or self._key_pair).certificate
        app = self.control.put_app(App(certificate=certificate, session_timeout_s=token_lifetime))
        user = self.control.put_user(User(username=f"{name}@sfmint.example"))
        self.control.approve(app.consumer_key, user.username)
        self._connections[name] = BareConnection(name=name, app=app, username=user.username, key_in_kms=key)
        self.aws.secrets.create_secret(Name=f"sfmint/{STACK}/{name}", SecretString=self._secret(name, token_lifetime))
        return self._connections[name]

    def settings(self, **changes: str) -> dict[str, str]:
        """Return the variables of an environment that serves every connection there is by now.

        Args:
            changes: variables to add or to set otherwise.
        """
        own = function_variables(
            connections=self._connections,
            key_arn=self.key_arn,
            token_hosts=[self.control.url.removeprefix("https://")],
            trusted=self._trusted,
        )
        return {**own, **self.aws.environment(), **changes}

    def row(self, name: str) -> Row | None:
        """Return the attributes of a connection's row; numbers are `Decimal`, and bytes are bytes."""
        item = self.aws.dynamodb.get_item(TableName=TABLE, Key=_key(name), ConsistentRead=True).get("Item")
        return None if item is None else {key: _plain(value) for key, value in item.items() if key != "pk"}

    def put_row(self, name: str, row: Row) -> None:
        """Put a row in place of a connection's own, as `row` returns it; a float will do for a number."""
        numbers = {key: Decimal(repr(value)) if isinstance(value, float) else value for key, value in row.items()}
        item = {key: TypeSerializer().serialize(value) for key, value in numbers.items()}
        self.aws.dynamodb.put_item(TableName=TABLE, Item=item | _key(name))

    def logins(self, name: str) -> int:
        """Return how many logins a connection has cost, granted or refused."""
        return self.control.counters().by_user[self._connections[name].username].attempted

    @property
    def _trusted(self) -> Path:
        return self.folder / "authorities.pem"

    def _secret(self, name: str, token_lifetime: int) -> str:
        connection = self._connections[name]
        key = connection.key_in_kms
        return json.dumps(
            {
                "consumer_key": connection.app.consumer_key,
                "username": connection.username,
                "token_host": self.control.url,
                **({"private_key": self._key_pair.private_key} if key is None else {"signer": {"kms": key.arn}}),
                "certificate": (key or self._key_pair).certificate,
                "token_lifetime": token_lifetime,
            }
        )

    def _start(self) -> None:
        with deferred():  # both at once: the org is up before it is waited for
            org = EmbeddedOrg.start(self.folder)
            self._ending.callback(org.stop)
            self.aws = EmbeddedAws.start(self.folder)
            self._ending.callback(self.aws.stop)
            self.pids = (self.aws.pid, org.pid)
            self._ending.enter_context(guarded(self.folder, *self.pids))
        self.control = org.wait()
        self._ending.callback(self.control.close)
        authorities.write(self._trusted, Path(self.control.ca))
        self.aws.wait()
        self.key_arn = self.aws.kms.create_key()["KeyMetadata"]["Arn"]
        make_table(self.aws.dynamodb)

    def _end(self) -> None:
        with undisturbed():
            self._ending.close()


def make_table(dynamodb: "DynamoDBClient") -> None:
    """Make the table of tokens, as the template does."""
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def function_variables(
    *, connections: Iterable[str], key_arn: str, token_hosts: Iterable[str], trusted: Path
) -> dict[str, str]:
    """Return a function's environment variables, with the template's defaults; AWS's own are not among them.

    Args:
        connections: their names.
        key_arn: of the KMS key.
        token_hosts: hosts beside Salesforce's own.
        trusted: the file of the authorities that are trusted over TLS.
    """
    return {
        "SFMINT_STACK": STACK,
        "SFMINT_CONNECTIONS": ",".join(connections),
        "SFMINT_CACHE_BACKEND": "dynamodb",
        "SFMINT_TABLE": TABLE,
        "SFMINT_KEY_ARN": key_arn,
        "SFMINT_MEMORY_TRUST_SECONDS": "30",
        "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
        "SFMINT_TOKEN_HOSTS": ",".join(sorted(token_hosts)),
        "SFMINT_HTTPS_PROXY": "",
        "SFMINT_BUILD": "",
        "SFMINT_REFRESH_RATE": "rate(5 minutes)",
        "SSL_CERT_FILE": str(trusted),
        "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        # No profile of the person's own.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def _key(name: str) -> dict[str, Any]:
    return {"pk": {"S": f"t1#{name}"}}


def _plain(attribute: Any) -> Any:
    return bytes(attribute["B"]) if "B" in attribute else TypeDeserializer().deserialize(attribute)
