"""What holds a stack, and what is there after its removal.

The secrets, the allow parameters and the rows are not CloudFormation's to delete: they stay, and each is named with
the command that deletes it. What another stack has is never touched, though both share a bucket.
"""

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deploying.artefact import uris
from deploying.aws import Account
from deploying.grants import grants
from deploying.policies import Held, held, named_policies
from deploying.stack import Resource, Stack, resources

# Of what CloudFormation leaves alone, the types that cost or hold something; versions go with their function.
_DELETING = {
    "AWS::DynamoDB::Table": "dynamodb delete-table --table-name {}",
    "AWS::Logs::LogGroup": "logs delete-log-group --log-group-name {}",
    "AWS::KMS::Key": "kms schedule-key-deletion --key-id {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What a stack has and what holds it, before its removal.

    Attributes:
        held: policies that roles beside its own hold.
        grants: who else may invoke its aliases, one clause each.
        tables: its tables.
        are_tables_protected: whether DynamoDB refuses to delete them.
        log_groups: its log groups.
        secrets: the names of its connections' secrets.
        allow_parameters: what `sfmint connection allow` has written.
        cache_parameters: the tokens in Parameter Store.
        rotation_parameters: the notes of rotations, and the certificates that they have published.
        layers: the ARNs of all versions of its client layer.
        bucket: where its artefacts are, if they can be told.
    """

    held: list[Held]
    grants: list[str]
    tables: list[str]
    are_tables_protected: bool
    log_groups: list[str]
    secrets: list[str]
    allow_parameters: list[str]
    cache_parameters: list[str]
    rotation_parameters: list[str]
    layers: list[str]
    bucket: str | None

    @classmethod
    def read(cls, account: Account, stack: Stack) -> "Holdings":
        """Return what there is.

        Args:
            account: where the stack is.
            stack: in any state.
        """
        there = resources(account.client("cloudformation"), stack)
        own_roles = _physical(there, "AWS::IAM::Role")
        parameters = list(_parameter_names(account.client("ssm"), f"/sfmint/{stack.name}/"))
        return cls(
            held=held(account.client("iam"), named_policies(there), own_roles),
            grants=list(
                grants(
                    account.client("lambda"),
                    _physical(there, "AWS::Lambda::Alias"),
                    own=_physical(there, "AWS::Lambda::Permission"),
                )
            ),
            tables=_physical(there, "AWS::DynamoDB::Table"),
            are_tables_protected=stack.parameters.get("DeletionProtection") == "on",
            log_groups=_physical(there, "AWS::Logs::LogGroup"),
            secrets=list(_secret_names(account.client("secretsmanager"), f"sfmint/{stack.name}/")),
            allow_parameters=[name for name in parameters if name.endswith("/allow")],
            cache_parameters=[name for name in parameters if name.startswith(f"/sfmint/{stack.name}/cache/")],
            rotation_parameters=[
                name
                for name in parameters
                if name.startswith(f"/sfmint/{stack.name}/rotations/") or name.endswith("/next-certificate")
            ],
            layers=list(_layers(account.client("lambda"), f"{stack.name}-client")),
            bucket=_bucket(account.client("cloudformation"), stack),
        )

    def lines(self) -> list[str]:
        """Return them for a person, a line for each kind."""
        named = {
            "policies that others hold": [str(one) for one in self.held],
            "others who may invoke its aliases": self.grants,
            "tables (they stay)": self.tables,
            "log groups (they go)": self.log_groups,
            "secrets (they stay)": self.secrets,
            "lists of allowed requests (they stay)": self.allow_parameters,
            "parameters with tokens (they stay)": self.cache_parameters,
            "notes and certificates of rotations (they stay)": self.rotation_parameters,
            "versions of the client layer": self.layers,
        }
        return [f"  {what}: {', '.join(found) if found else 'none'}" for what, found in named.items()]


def leftovers(account: Account, holdings: Holdings, kept: Sequence[Resource], prefix: str) -> list[str]:
    """Return the command that deletes each thing that is there after the removal.

    Args:
        account: where the stack was.
        holdings: as they were.
        kept: what CloudFormation has left alone.
        prefix: of the stack's keys in the bucket.
    """
    alone = [_DELETING[one.kind].format(one.physical) for one in kept if one.kind in _DELETING]
    tables = [one.physical for one in kept if one.kind == "AWS::DynamoDB::Table" and holdings.are_tables_protected]
    parameters = [*holdings.allow_parameters, *holdings.cache_parameters, *holdings.rotation_parameters]
    versions = _layers(account.client("lambda"), _layer_of(holdings))
    return [
        account.command(words)
        for words in (
            *(f"dynamodb update-table --table-name {name} --no-deletion-protection-enabled" for name in tables),
            *alone,
            *(f"secretsmanager delete-secret --secret-id {shlex.quote(name)}" for name in holdings.secrets),
            *(f"ssm delete-parameter --name {shlex.quote(name)}" for name in parameters),
            *(_delete_layer(arn) for arn in versions),
            *([f"s3 rm --recursive s3://{holdings.bucket}/{prefix}/"] if holdings.bucket else []),
        )
    ]


def _physical(there: Iterable[Resource], kind: str) -> list[str]:
    return [resource.physical for resource in there if resource.kind == kind]


def _parameter_names(store: Any, prefix: str) -> Iterator[str]:
    pages = store.get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True, WithDecryption=False)
    for page in pages:
        yield from (parameter["Name"] for parameter in page["Parameters"])


def _secret_names(secrets: Any, prefix: str) -> Iterator[str]:
    pages = secrets.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [prefix]}])
    for page in pages:  # AWS's filter looks at parts of the name, and not at their case
        yield from (secret["Name"] for secret in page["SecretList"] if secret["Name"].startswith(prefix))


def _layers(functions: Any, name: str) -> Iterator[str]:
    if name:
        for page in functions.get_paginator("list_layer_versions").paginate(LayerName=name):
            yield from (layer["LayerVersionArn"] for layer in page["LayerVersions"])


def _layer_of(holdings: Holdings) -> str:
    return holdings.layers[0].split(":")[6] if holdings.layers else ""


def _delete_layer(arn: str) -> str:
    name, number = arn.split(":")[6:8]
    return f"lambda delete-layer-version --layer-name {name} --version-number {number}"


def _bucket(cloudformation: Any, stack: Stack) -> str | None:
    if stack.status == "REVIEW_IN_PROGRESS":
        return None
    template = cloudformation.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"]
    places = uris(template if isinstance(template, str) else json.dumps(template))
    return places[0][0] if places else None
