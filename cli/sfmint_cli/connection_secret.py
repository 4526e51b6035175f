"""A connection's secret in Secrets Manager, which outlives the stack."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_cli.pasteable import aws
from sfmint_cli.result import Failed
from sfmint_values.aws_codes import code_of
from sfmint_values.text_bytes import text_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import (
        CreateSecretRequestTypeDef,
        GetSecretValueResponseTypeDef,
    )


PENDING = "AWSPENDING"  # the stage of the version that a rotation has made ready
STAGES = ("AWSCURRENT", "AWSPREVIOUS", PENDING)
TRY = "SFMINT_TRY"  # the stage of the version that the keeper is to try
AMENDED = "SFMINT_AMEND"  # and of one that only says more of the same credentials, until it is the current one
OWN_KEY = "alias/aws/secretsmanager"  # what AWS calls the account's own key


class State(Enum):
    """What there is of a secret."""

    MISSING = "missing"
    STORED = "stored"
    DELETED = "scheduled for deletion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What Secrets Manager tells of a secret without its value.

    Attributes:
        state: what there is.
        since: its last change, or its deletion.
        at: the version that each stage names.
        kms_key: the customer's key that encrypts it; None: the account's own.
        is_rotated: whether Secrets Manager has it rotated on a schedule.
        next_rotation: the day of the next time, where AWS says so.
    """

    state: State
    since: datetime | None = None
    at: Mapping[str, str] = field(default_factory=dict)
    kms_key: str | None = None
    is_rotated: bool = False
    next_rotation: datetime | None = None

    @property
    def has_pending(self) -> bool:
        """Whether a rotation has made a version ready, which is not yet the current one."""
        return PENDING in self.at and self.at[PENDING] != self.at.get("AWSCURRENT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSecret:
    """The secret `sfmint/STACK/CONNECTION`; every call may raise `Failed`.

    Attributes:
        client: of Secrets Manager.
        name: the secret's.
    """

    client: "SecretsManagerClient"
    name: str

    def describe(self) -> Described:
        """Return what there is."""
        with asking(f"describe the secret {self.name}"):
            try:
                found = self.client.describe_secret(SecretId=self.name)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return Described(state=State.MISSING)
                raise
            _ = found["ARN"]  # AWS itself has answered
        if "DeletedDate" in found:
            return Described(state=State.DELETED, since=found["DeletedDate"])
        return Described(
            state=State.STORED,
            since=found.get("LastChangedDate"),
            at={stage: version for version, stages in found.get("VersionIdsToStages", {}).items() for stage in stages},
            kms_key=found.get("KmsKeyId"),
            is_rotated=found.get("RotationEnabled", False),
            next_rotation=found.get("NextRotationDate"),
        )

    def read(self, stage: str = "AWSCURRENT") -> str | None:
        """Return the text of the version that has a stage, or None where there is none."""
        return self._text(VersionStage=stage)

    def octets(self) -> bytes | None:
        """Return what the current version holds, text or not, or None where there is none."""
        found = self._value(VersionStage="AWSCURRENT")
        return None if found is None else found.get("SecretString", "").encode() or found.get("SecretBinary")

    def read_version(self, version: str) -> str | None:
        """Return the text of a version, or None where there is none."""
        return self._text(VersionId=version)

    def read_dated(self, stage: str) -> tuple[str, datetime | None] | None:
        """Return the text of the version that has a stage and when it was made, or None where there is none."""
        found = self._value(VersionStage=stage)
        text = _text_in(found)
        return None if text is None or found is None else (text, found.get("CreatedDate"))

    def schedule_deletion(self, days: int) -> datetime:
        """Have AWS delete it in some days, and return when; until then it can be taken back."""
        with asking(f"schedule the deletion of the secret {self.name}"):
            return self.client.delete_secret(SecretId=self.name, RecoveryWindowInDays=days)["DeletionDate"]

    def _text(self, **which: str) -> str | None:
        return _text_in(self._value(**which))

    def _value(self, **which: str) -> "GetSecretValueResponseTypeDef | None":
        with asking(f"read the secret {self.name}"):
            try:
                found = self.client.get_secret_value(SecretId=self.name, **which)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return None
                if (
                    code_of(error) == "InvalidRequestException"
                ):  # which a plain read of a deleted secret alone brings about
                    raise self._deleted() from None
                raise
            _ = found["ARN"]
        return found

    def _deleted(self) -> Failed:
        return Failed(
            f"The secret {self.name} is scheduled for deletion, so its value cannot be read.",
            remedy=f"Take that back, then run this again: {self.restoration()}",
            name="SecretDeleted",
        )

    def create(self, text: str, *, description: str, kms_key: str | None) -> None:
        """Create it, under a key of the customer's, or else under the account's own for Secrets Manager."""
        with asking(f"create the secret {self.name}"):
            wanted: CreateSecretRequestTypeDef = {"Name": self.name, "Description": description, "SecretString": text}
            made = self.client.create_secret(**(wanted if kms_key is None else {**wanted, "KmsKeyId": kms_key}))
            _ = made["VersionId"]

    def put(self, text: str, stage: str = "AWSCURRENT") -> str:
        """Add a version that has a stage, which is taken off any other, and return its id."""
        with asking(f"write the secret {self.name}"):
            return self.client.put_secret_value(SecretId=self.name, SecretString=text, VersionStages=[stage])[
                "VersionId"
            ]

    def move(self, stage: str, *, to: str | None, off: str | None) -> None:
        """Move a stage from one version to another; AWS refuses if the former has it no more."""
        ends = {"MoveToVersionId": to, "RemoveFromVersionId": off}
        given = {name: version for name, version in ends.items() if version is not None}
        with asking(f"move {stage} of the secret {self.name}"):
            self.client.update_secret_version_stage(SecretId=self.name, VersionStage=stage, **given)

    def encrypt_under(self, kms_key: str) -> None:
        """Have its versions with stages of AWS's, and all that follow, encrypted under another key."""
        with asking(f"set the KMS key of the secret {self.name}"):
            self.client.update_secret(SecretId=self.name, KmsKeyId=kms_key)

    def amend(self, text: str, *, before: str) -> None:
        """Give it a new value of the same credentials: AWSPREVIOUS stays with those that were there before them.

        Args:
            text: the new value.
            before: the current value that it was made from: a rotation may have put another key there since.
        """
        at = self.describe().at
        if self.read_version(at.get("AWSCURRENT", "")) != before:
            raise Failed(
                f"Somebody has changed the secret {self.name} meanwhile, so nothing was done.",
                remedy="Run this again.",
                name="ChangedMeanwhile",
            )
        version = self.put(text, AMENDED)
        self.move("AWSCURRENT", to=version, off=at["AWSCURRENT"])  # unless somebody else has changed it meanwhile
        self.move("AWSPREVIOUS", to=at.get("AWSPREVIOUS"), off=at["AWSCURRENT"])
        self.move(AMENDED, to=None, off=version)

    def restoration(self) -> str:
        """Return the command that takes its deletion back."""
        return aws("secretsmanager", "restore-secret", "--secret-id", self.name)

    def restore(self) -> None:
        """Take its deletion back."""
        with asking(f"restore the secret {self.name}"):
            self.client.restore_secret(SecretId=self.name)


def _text_in(found: "GetSecretValueResponseTypeDef | None") -> str | None:
    with suppress(ValueError):
        return found and (found.get("SecretString") or text_of(found.get("SecretBinary", b"")) or None)
    return None
