"""Looks for keys, assertions and tokens in places where none may be."""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.functions import Functions
from sfmint_local.secret_pieces import Secrets, unpacked
from sfmint_local.state_machine import StateMachine

KINDS = ("log lines", "history events", "items", "parameters", "messages", "artefacts", "settings", "files", "answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A secret in a place where it may not be.

    Attributes:
        kind: what sort of text it is, one of KINDS.
        place: a file, a log group, a table or a state machine.
        what: the kind of secret.
    """

    kind: str
    place: str
    what: str


@dataclass(slots=True)
class LeakScan:
    """Reads many places.

    Attributes:
        secrets: what to look for.
        leaks: what was found.
        read: how many texts of each kind were read.
    """

    secrets: Secrets
    leaks: set[Leak] = field(default_factory=set)
    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    _clean: set[bytes] = field(default_factory=set, repr=False)  # digests: a layer is there many times

    def read_text(self, kind: str, place: str, text: bytes) -> None:
        """Read one text of a kind that `read` names."""
        self.read[kind] += 1
        for part in unpacked(text):
            digest = sha256(part).digest()
            if digest in self._clean:
                continue
            if found := self.secrets.found_in_part(part):
                self.leaks |= {Leak(kind=kind, place=place, what=what) for what in found}
            else:
                self._clean.add(digest)

    def read_answers(self, functions: Functions) -> None:
        """Read everything that functions have answered, the tokens themselves left out."""
        for answer in functions.said:
            self.read_text("answers", "an answer", answer.encode())

    def read_kept(self, aws: EmbeddedAws) -> None:
        """Read what an AWS keeps for everybody to see who may look: logs, histories, items, parameters, settings."""
        for read in (self.read_logs, self.read_histories, self.read_items, self.read_parameters, self.read_settings):
            read(aws)

    def read_logs(self, aws: EmbeddedAws) -> None:
        """Read every line of CloudWatch Logs."""
        for group, line in aws.log_lines():
            self.read_text("log lines", group, line.encode())

    def read_histories(self, aws: EmbeddedAws) -> None:
        """Read every event of every run of every state machine."""
        for machine in StateMachine.all_of(aws):
            for event in machine.histories():
                self.read_text("history events", machine.arn, event.encode())

    def read_items(self, aws: EmbeddedAws) -> None:
        """Read every item of every table of DynamoDB."""
        for table in aws.dynamodb.list_tables()["TableNames"]:
            for page in aws.dynamodb.get_paginator("scan").paginate(TableName=table):
                for item in page["Items"]:
                    self.read_text("items", table, repr(item).encode())

    def read_parameters(self, aws: EmbeddedAws) -> None:
        """Read every version that Parameter Store keeps of every parameter."""
        parameters = aws.parameters.get_paginator("get_parameters_by_path").paginate(Path="/", Recursive=True)
        for name in parameters.search("Parameters[].Name"):
            versions = aws.parameters.get_paginator("get_parameter_history").paginate(Name=name)
            for version in versions.search("Parameters[]"):
                self.read_text("parameters", name, json.dumps(version, default=str).encode())

    def read_messages(self, messages: Collection[str]) -> None:
        """Read what was published to a topic."""
        for message in messages:
            self.read_text("messages", "a topic", message.encode())

    def read_artefacts(self, aws: EmbeddedAws) -> None:
        """Read every object of every bucket, and what archives hold."""
        for bucket in aws.s3.list_buckets()["Buckets"]:
            for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
                for each in page.get("Contents", []):
                    body = aws.s3.get_object(Bucket=bucket["Name"], Key=each["Key"])["Body"].read()
                    self.read_text("artefacts", each["Key"], body)

    def read_settings(self, aws: EmbeddedAws) -> None:
        """Read what each stack and each version of each function is configured with, what schedules send, what secrets are called."""
        for name in aws.functions.get_paginator("list_functions").paginate().search("Functions[].FunctionName"):
            versions = aws.functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
            self._read_settings(name, versions.search("Versions[]"))
        self._read_settings("a secret", aws.secrets.get_paginator("list_secrets").paginate().search("SecretList[]"))
        for each in aws.scheduler.get_paginator("list_schedules").paginate().search("Schedules[]"):
            self._read_settings(
                "a schedule", [aws.scheduler.get_schedule(GroupName=each["GroupName"], Name=each["Name"])]
            )
        for stack in aws.cloudformation.describe_stacks()["Stacks"]:
            events = aws.cloudformation.describe_stack_events(StackName=stack["StackName"])["StackEvents"]
            self._read_settings(stack["StackName"], [stack, *events])

    def _read_settings(self, place: str, settings: Iterable[object]) -> None:
        for each in settings:
            self.read_text("settings", place, json.dumps(each, default=str).encode())

    def read_files(self, folder: Path, *, since: float, except_in: Collection[Path]) -> None:
        """Read every file below a folder that was written or linked since an epoch time, save those in some folders."""
        for path in _files(folder):
            with suppress(FileNotFoundError):  # another local stack's, which has just ended
                if not any(map(path.is_relative_to, except_in)) and path.stat().st_ctime >= since:
                    self.read_text("files", str(path), path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in folder.walk():
        yield from (path for name in names if (path := parent / name).is_file() and not path.is_symlink())
