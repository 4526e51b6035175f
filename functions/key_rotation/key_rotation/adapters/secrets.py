"""The versions of a connection's secret in Secrets Manager.

Source: AWS Secrets Manager API Reference, DescribeSecret, GetSecretValue, PutSecretValue, UpdateSecretVersionStage.
"""

from contextlib import AbstractContextManager
from typing import Any

from botocore.exceptions import ClientError

from key_rotation.adapters.asking import asking
from key_rotation.ports import StageMovedError
from key_rotation.versions import NEXT, PENDING, Versions
from sfmint.adapters.aws.errors import Asked
from sfmint.adapters.aws.secret_value import secret_text
from sfmint.errors import InvalidCredentials
from sfmint.salesforce.connection import Lack, no_credentials
from sfmint_values.aws_codes import code_of
from sfmint_values.secret import Secret

_NOT_THERE = "ResourceNotFoundException"
_HOLDS_ANOTHER = "ResourceExistsException"
_NOT_WHERE_IT_WAS = "InvalidParameterException"


class SecretsManagerSecrets:
    """The secrets `sfmint/STACK/CONNECTION`.

    Args:
        client: of Secrets Manager, botocore's.
        stack: the stack's name.
    """

    def __init__(self, client: Any, stack: str) -> None:
        self._client = client
        self._stack = stack

    def describe(self, connection: str) -> Versions:
        """Return which version has which labels."""
        with self._asking(connection, "describe", "DescribeSecret"):
            try:
                answer = self._client.describe_secret(SecretId=self._id(connection))
            except ClientError as error:
                if code_of(error) != _NOT_THERE:
                    raise
                answer = None
            stages = answer.get("VersionIdsToStages") or {} if answer else {}
            labels = {version: frozenset(found) for version, found in stages.items()}
            lack = Lack.NOTHING if answer is None else Lack.DELETED if answer.get("DeletedDate") else None
        if lack is not None:
            raise no_credentials(connection, self._stack, lack)
        return Versions(labels)

    def text(self, connection: str, version: str) -> Secret | None:
        """Return what a version holds; None: nothing yet, as one that RotateSecret has only begun."""
        with self._asking(connection, "read", "GetSecretValue"):
            try:
                answer = self._client.get_secret_value(SecretId=self._id(connection), VersionId=version)
            except ClientError as error:
                if code_of(error) == _NOT_THERE:
                    return None
                raise
        try:
            return Secret(secret_text(answer))
        except ValueError as error:
            what = str(error)
        raise InvalidCredentials(
            f"The secret {self._id(connection)} is binary, and {what}.",
            remedy=f"Store it anew: sfmint connection add {connection} --stack {self._stack}.",
        )

    def put(self, connection: str, version: str, text: Secret) -> None:
        """Write a version, unless it holds something.

        AWS documents that the labels given are attached, and not what becomes of those that the version has: so AWSPENDING is
        named again where it has that.
        """
        has_pending = self.describe(connection).at(PENDING) == version
        with self._asking(connection, "write", "PutSecretValue"):
            try:
                self._client.put_secret_value(
                    SecretId=self._id(connection),
                    ClientRequestToken=version,
                    SecretString=text.reveal(),
                    VersionStages=[NEXT, PENDING] if has_pending else [NEXT],
                )
            except ClientError as error:
                if code_of(error) != _HOLDS_ANOTHER:
                    raise

    def move(self, connection: str, label: str, *, to: str | None, off: str | None) -> None:
        """Move a label, if it is where it is said to be: AWS decides that, once."""
        if self._is_moved(connection, label, to=to, off=off):
            return
        given = {name: version for name, version in (("MoveToVersionId", to), ("RemoveFromVersionId", off)) if version}
        with self._asking(connection, f"move the label {label} of", "UpdateSecretVersionStage"):
            try:
                self._client.update_secret_version_stage(SecretId=self._id(connection), VersionStage=label, **given)
            except ClientError as error:
                if code_of(error) != _NOT_WHERE_IT_WAS:
                    raise
            else:
                return
        if not self._is_moved(connection, label, to=to, off=off):
            raise StageMovedError

    def _is_moved(self, connection: str, label: str, *, to: str | None, off: str | None) -> bool:
        """Return whether a label is as wanted already.

        Raises:
            StageMovedError: it is at a third version.
        """
        at = self.describe(connection).at(label)
        if at == to if to is not None else at != off:
            return True
        if at != off:
            raise StageMovedError
        return False

    def _id(self, connection: str) -> str:
        return f"sfmint/{self._stack}/{connection}"

    def _asking(self, connection: str, action: str, operation: str) -> AbstractContextManager[None]:
        secret_id = self._id(connection)
        return asking(
            Asked(
                service="Secrets Manager",
                action=f"to {action} {secret_id}",
                permission=f"secretsmanager:{operation}",
                thing=f"the secret {secret_id}",
                key_parameter="SecretsKeyArns",
            )
        )
