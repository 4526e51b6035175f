"""A connection's secret in Secrets Manager, which outlives the stack."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_values.aws_codes import code_of
from sfmint_values.text_bytes import text_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


STAGES = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")


class State(Enum):
    """What there is of a secret."""

    MISSING = "missing"
    STORED = "stored"
    DELETED = "scheduled for deletion"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSecret:
    """The secret `sfmint/STACK/CONNECTION`; every call may raise `Failed`.

    Attributes:
        client: of Secrets Manager.
        name: the secret's.
    """

    client: "SecretsManagerClient"
    name: str

    def state(self) -> tuple[State, datetime | None]:
        """Return what there is, and since when: its last change, or its deletion."""
        with asking(f"describe the secret {self.name}"):
            try:
                found = self.client.describe_secret(SecretId=self.name)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return State.MISSING, None
                raise
        if "DeletedDate" in found:
            return State.DELETED, found["DeletedDate"]
        return State.STORED, found.get("LastChangedDate")

    def read(self, stage: str = "AWSCURRENT") -> str | None:
        """Return the text of a version, or None where there is none."""
        with asking(f"read the secret {self.name}"):
            try:
                found = self.client.get_secret_value(SecretId=self.name, VersionStage=stage)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return None
                raise
        with suppress(ValueError):
            return found.get("SecretString") or text_of(found.get("SecretBinary", b"")) or None
        return None

    def create(self, text: str, *, description: str) -> None:
        """Create it, under the account's own key for Secrets Manager."""
        with asking(f"create the secret {self.name}"):
            self.client.create_secret(Name=self.name, Description=description, SecretString=text)

    def replace(self, text: str) -> None:
        """Give it a new value; the one before stays as AWSPREVIOUS until the next."""
        with asking(f"write the secret {self.name}"):
            self.client.put_secret_value(SecretId=self.name, SecretString=text)

    def amend(self, text: str) -> None:
        """Give it a new value of the same credentials: AWSPREVIOUS stays with those that were there before them."""
        with asking(f"write the secret {self.name}"):
            versions = self.client.describe_secret(SecretId=self.name).get("VersionIdsToStages", {})
            at = {stage: version for version, stages in versions.items() for stage in stages}
            self.client.put_secret_value(SecretId=self.name, SecretString=text)
        move = {"MoveToVersionId": at["AWSPREVIOUS"]} if "AWSPREVIOUS" in at else {}
        with asking(f"leave AWSPREVIOUS of the secret {self.name} where it was"):
            self.client.update_secret_version_stage(
                SecretId=self.name, VersionStage="AWSPREVIOUS", RemoveFromVersionId=at["AWSCURRENT"], **move
            )

    def restore(self) -> None:
        """Take its deletion back."""
        with asking(f"restore the secret {self.name}"):
            self.client.restore_secret(SecretId=self.name)
