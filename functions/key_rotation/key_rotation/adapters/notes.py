"""The notes of rotations and the certificates that are published, in Parameter Store.

    /sfmint/STACK/rotations/CONNECTION/0000000007           a revision of the connection's note
    /sfmint/STACK/connections/CONNECTION/next-certificate   what a person has to upload

Parameter Store compares nothing before it writes, but of several who create one name one succeeds. So each revision is a
parameter of its own, which is never overwritten, and the last one is never deleted. Whoever creates one late, where it has
been and was deleted since, sees a later one and knows.

Source: AWS Systems Manager API Reference, PutParameter (`Overwrite`), GetParametersByPath, DeleteParameter.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from key_rotation.adapters.asking import asking
from key_rotation.errors import RotationRefused
from key_rotation.note import Note, note_of
from sfmint.adapters.aws.errors import Asked
from sfmint.errors import SfmintError
from sfmint_values.aws_codes import code_of
from sfmint_values.foreign import Foreign
from sfmint_values.redaction import redacted
from sfmint_values.vocabulary import REST

_TAKEN, _NOT_THERE = "ParameterAlreadyExists", "ParameterNotFound"
_KEPT = 5  # revisions: they tell what happened, and nobody is so late that these are gone
_PAGE = 10  # parameters that a listing gives at most
_LONGEST = 4096  # characters of a parameter of the standard tier
_DIGITS = 10
_LAST = 10**_DIGITS - 1
_REVISION = re.compile(f"[0-9]{{{_DIGITS}}}", re.ASCII)


class ParameterNotes:
    """Notes and published certificates.

    Args:
        client: of Systems Manager, botocore's.
        stack: the stack's name.
    """

    def __init__(self, client: Any, stack: str) -> None:
        self._client = client
        self._stack = stack

    def find(self, connection: str) -> Note | None:
        """Return the last revision of a connection's note.

        Raises:
            RotationRefused: it is none that this release can read: it is shown, and nothing is written over it.
        """
        texts = self._revisions(connection)
        if not texts:
            return None
        last = max(texts)
        try:
            if last >= _LAST:
                raise ValueError("no revision can follow")  # noqa: TRY301 - nobody's, as what cannot be read
            return note_of(texts[last], last)
        except ValueError:
            name = self._revision_name(connection, last)
        raise RotationRefused(
            f"The note of the rotation, parameter {name}, cannot be read; it says: {_shown(texts[last])}.",
            remedy=f"Find out who wrote it, and delete it: aws ssm delete-parameter --name {name}; the revision before it counts"
            " then.",
        )

    def put(self, connection: str, note: Note) -> bool:
        """Write the next revision; False: somebody else was first."""
        revision = note.revision + 1
        with self._asking(connection, "write", "PutParameter"):
            try:
                self._client.put_parameter(
                    Name=self._revision_name(connection, revision),
                    Value=_fitting(note),
                    Type="String",
                    Tier="Standard",
                    Overwrite=False,
                )
            except ClientError as error:
                if code_of(error) == _TAKEN:
                    return False
                raise
        there = self._revisions(connection)
        self._drop(connection, [each for each in there if each <= max(there) - _KEPT])
        return max(there, default=revision) <= revision

    def published(self, connection: str) -> str | None:
        """Return the certificate that is published."""
        with self._asking(connection, "read", "GetParameter"):
            try:
                answer = self._client.get_parameter(Name=self._certificate_name(connection))
            except ClientError as error:
                if code_of(error) == _NOT_THERE:
                    return None
                raise
            return str(answer["Parameter"]["Value"])

    def publish(self, connection: str, certificate: str) -> None:
        """Publish a certificate, in place of any other."""
        with self._asking(connection, "write", "PutParameter"):
            self._client.put_parameter(
                Name=self._certificate_name(connection),
                Value=certificate,
                Type="String",
                Tier="Standard",
                Overwrite=True,
            )

    def withdraw(self, connection: str) -> None:
        """Take away what is published."""
        self._delete(connection, self._certificate_name(connection))

    def _revisions(self, connection: str) -> Mapping[int, Foreign]:
        """Return the texts of all revisions that are there."""
        found: dict[int, Foreign] = {}
        asked: dict[str, Any] = {"Path": self._path(connection), "WithDecryption": False, "MaxResults": _PAGE}
        with self._asking(connection, "read", "GetParametersByPath"):
            while True:
                answer = self._client.get_parameters_by_path(**asked)
                for each in answer["Parameters"]:
                    name = str(each["Name"]).rpartition("/")[2]
                    if _is_revision(name):
                        found[int(name)] = str(each["Value"])
                if not answer.get("NextToken"):
                    return found
                asked["NextToken"] = answer["NextToken"]

    def _drop(self, connection: str, revisions: Sequence[int]) -> None:
        """Delete what counts no more; what is left over after a failure is deleted the next time."""
        with suppress(SfmintError):
            for revision in revisions:
                self._delete(connection, self._revision_name(connection, revision))

    def _delete(self, connection: str, name: str) -> None:
        with self._asking(connection, "delete", "DeleteParameter"):
            try:
                self._client.delete_parameter(Name=name)
            except ClientError as error:
                if code_of(error) != _NOT_THERE:
                    raise

    def _path(self, connection: str) -> str:
        return f"/sfmint/{self._stack}/rotations/{connection}"

    def _revision_name(self, connection: str, revision: int) -> str:
        return f"{self._path(connection)}/{revision:0{_DIGITS}}"

    def _certificate_name(self, connection: str) -> str:
        return f"/sfmint/{self._stack}/connections/{connection}/next-certificate"

    def _asking(self, connection: str, action: str, operation: str) -> AbstractContextManager[None]:
        return asking(
            Asked(
                service="Parameter Store",
                action=f"to {action} the rotation of {connection}",
                permission=f"ssm:{operation}",
                thing=f"the parameters of the rotation ({self._path(connection)}/*, {self._certificate_name(connection)})",
            )
        )


def _fitting(note: Note) -> str:
    """Return a note's text, its reasons cut where it does not fit: others' words may be long, and in any script."""
    text = note.to_text()
    while len(text) > _LONGEST and (note.why or note.reason):
        note = replace(note, why=note.why[: len(note.why) // 2], reason=note.reason[: len(note.reason) // 2])
        text = note.to_text()
    return text


def _is_revision(name: Foreign) -> bool:
    return _REVISION.fullmatch(name) is not None


def _shown(text: Foreign) -> str:
    return redacted(text, vocabulary=REST)
