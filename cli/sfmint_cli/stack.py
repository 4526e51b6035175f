"""A deployed stack, as CloudFormation describes it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from sfmint_cli import render
from sfmint_cli.aws_account import Account, asking
from sfmint_cli.result import Failed
from sfmint_values.aws_codes import code_of
from sfmint_values.connection_name import is_admin
from sfmint_values.hosts import listed_hosts

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What commands need to know of a deployed stack.

    Attributes:
        name: its name.
        connections: the names of its connections, those of administrators too.
        token_hosts: hosts beside Salesforce's own that may be asked for a token, as the broker reads them.
        keeper: the ARN of the keeper's alias.
        secret_prefix: with a connection's name after it, the name of its secret.
        has_table: its tokens stand in a table, and not in Parameter Store.
        parameter_prefix: with a connection's name and a slash after it, what its parameters begin with.
        secrets_keys: ARNs of the customer's KMS keys that its functions may decrypt secrets with.
        signing_keys: ARNs of the customer's KMS keys that its functions may sign with.
        broker: the ARN of its function, without an alias.
        request: the same of what sends REST requests.
        rotation: the ARN of the alias that rotates keys; empty: the stack is older than that.
        prober: the ARN of the alias that probes a connection; empty: nothing does.
        build: what `make deploy` has put on its aliases; empty after a plain deploy.
        refresh_rate: of the schedules; `off` for none.
        status: CloudFormation's, such as UPDATE_COMPLETE.
    """

    name: str
    connections: tuple[str, ...]
    token_hosts: frozenset[str]
    keeper: str
    secret_prefix: str
    parameter_prefix: str
    has_table: bool
    secrets_keys: tuple[str, ...] = ()
    signing_keys: tuple[str, ...] = ()
    broker: str = ""
    request: str = ""
    rotation: str = ""
    prober: str = ""
    build: str = ""
    refresh_rate: str = ""
    status: str = ""

    @classmethod
    def deployed(cls, account: Account, name: str) -> Self:
        """Return a stack of the account.

        Raises:
            Failed: there is none of that name, it is none of sfmint's, or AWS does not tell.
        """
        found = _describe(account, name)
        parameters = {entry["ParameterKey"]: entry["ParameterValue"] for entry in found.get("Parameters", [])}
        outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs", [])}
        try:
            return cls(
                name=name,
                connections=_names(parameters["Connections"]) + _names(parameters.get("AdminConnections", "")),
                token_hosts=listed_hosts(parameters["TokenHosts"]),
                keeper=outputs["KeeperArn"],
                secret_prefix=outputs["SecretPrefix"],
                parameter_prefix=outputs["ParameterPrefix"],
                has_table=parameters.get("CacheBackend", "dynamodb") == "dynamodb",
                secrets_keys=_names(parameters.get("SecretsKeyArns", "")),
                signing_keys=_names(parameters.get("SigningKeyArns", "")),
                broker=outputs.get("BrokerArn", ""),
                request=outputs.get("RequestArn", ""),
                rotation=outputs.get("RotationArn", ""),
                prober=outputs.get("ProberArn", ""),
                build=outputs.get("BuildId", ""),
                refresh_rate=parameters.get("RefreshRate", ""),
                status=found["StackStatus"],
            )
        except KeyError as error:
            raise Failed(
                f"The stack {name!r} in {account.region} is {found['StackStatus']} and lacks {error.args[0]}:"
                " it is no sfmint, or its deploy has failed.",
                remedy="Name another one with --stack, or deploy it (make deploy).",
                name="StackNotUsable",
            ) from None

    def require(self, connection: str) -> None:
        """Check that a connection is the stack's.

        Raises:
            Failed: it is not.
        """
        if connection not in self.connections:
            names = ", ".join(self.connections)
            raise Failed(
                f"The stack {self.name!r} has no connection {connection!r}; it has {names}.",
                remedy=f"Add it: {self.listing(connection, is_listed=True)}.",
                name="ConnectionNotFound",
            )

    def require_rest(self) -> None:
        """Check that nobody deploys it: what it lists, and what it has made, may not be the same until that is over.

        Raises:
            Failed: somebody does.
        """
        if self.status.endswith("_IN_PROGRESS"):
            raise Failed(
                f"The stack {self.name!r} is being changed ({self.status}), so nothing was done.",
                remedy="Run this again when that is over.",
                name="StackChanging",
            )

    def listing(self, connection: str, *, is_listed: bool) -> str:
        """Return the command that deploys the stack with a connection, or without it, and with all others of its kind."""
        others = [name for name in self.connections if name != connection and is_admin(name) is is_admin(connection)]
        kind = "AdminConnections" if is_admin(connection) else "Connections"
        return f'make deploy PARAMETERS="{kind}={",".join([*others, connection] if is_listed else others)}"'

    def require_grant(self, key_arn: str) -> None:
        """Check that the functions may decrypt secrets with a KMS key of the stack's region.

        Raises:
            Failed: the key is of another region or partition, it is one that signs, or the stack does not list it.
        """
        if key_arn in self.signing_keys:
            raise Failed(
                "The key of --kms-key is one that signs (SigningKeyArns), and a secret is encrypted with a symmetric one.",
                remedy="Give the key that signs with --kms, and with --kms-key the one that encrypts the secret, or none.",
                name="KeyOfAnotherKind",
            )
        self._require_key(key_arn, "--kms-key", "SecretsKeyArns", self.secrets_keys, "decrypt")

    def require_signing(self, key_arn: str, option: str) -> None:
        """Check that the functions may sign with a KMS key of the stack's region.

        Args:
            key_arn: of the key.
            option: which names it.

        Raises:
            Failed: the key is of another region or partition, it encrypts secrets, or the stack does not list it.
        """
        if key_arn in self.secrets_keys:
            raise Failed(
                f"The key of {option} is one that encrypts secrets (SecretsKeyArns), and signs nothing.",
                remedy=f"Give with {option} an RSA key of KMS that signs; --kms-key names the one that encrypts the secret.",
                name="KeyOfAnotherKind",
            )
        self._require_key(key_arn, option, "SigningKeyArns", self.signing_keys, "sign")

    def _require_key(self, key_arn: str, option: str, parameter: str, listed: tuple[str, ...], verb: str) -> None:
        _, partition, _, region, account, *_ = self.keeper.split(":")
        _, key_partition, _, key_region, key_account, _ = key_arn.split(":")
        if (partition, region) != (key_partition, key_region):
            raise Failed(
                f"The key of {option} is in {key_region} ({key_partition}), and the stack {self.name!r} in {region}"
                f" ({partition}).",
                remedy=f"Give a key of {region}: the stack's functions use KMS in their own region.",
                name="KeyOfAnotherRegion",
            )
        if key_arn not in listed:
            raise Failed(
                f"The functions of the stack {self.name!r} may not {verb} with the key of {option}.",
                remedy=f'Let them, then run this again: make deploy PARAMETERS="{parameter}={",".join((*listed, key_arn))}".',
                name="KeyNotGranted",
            )
        if account != key_account:
            render.warn(
                f"The key is of the account {key_account}: its own policy has to let the stack's functions, and you, use it."
            )


def _describe(account: Account, name: str) -> "StackTypeDef":
    client = account.cloudformation()
    with asking(f"describe the stack {name!r}"):
        try:
            return client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if code_of(error) != "ValidationError":  # what CloudFormation calls a stack that it does not know
                raise
    raise Failed(
        f"There is no stack {name!r} in {account.region}.",
        remedy="Check --stack, --region and --profile, or deploy it (make deploy).",
        name="StackNotFound",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
