"""The builds that a stack has had: each is saved beside its artefacts before another takes its place.

One is template, parameters and digest of the stack at one time. Going back saves what is there too, so that it can
itself be undone.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from botocore.exceptions import ClientError

from deploying.artefact import uris
from deploying.errors import Refused
from deploying.stack import Stack

_ABSENT = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What was deployed at one time.

    Attributes:
        deployed_at: ISO 8601, of UTC.
        template: as packaged: it names its artefacts in the bucket.
        parameters: all of them, BuildId too.
    """

    deployed_at: str
    template: str
    parameters: dict[str, str]

    @classmethod
    def of(cls, cloudformation: Any, stack: Stack) -> Self:
        """Return what a stack has now."""
        body = cloudformation.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"]
        return cls(
            deployed_at=_moment(stack.changed_at),
            template=body if isinstance(body, str) else json.dumps(body),
            parameters=dict(stack.parameters),
        )

    def is_like(self, other: "Build") -> bool:
        """Return whether both would deploy the same."""
        return (self.template, self.parameters) == (other.template, other.parameters)


def save(s3: Any, build: Build, prefix: str) -> None:
    """Save a build; a second time changes nothing."""
    if places := uris(build.template):
        body = json.dumps(asdict(build)).encode()
        s3.put_object(Bucket=places[0][0], Key=f"{prefix}/deployed/{build.deployed_at}.json", Body=body)


def before(s3: Any, present: Build, prefix: str, made_at: datetime) -> Build:
    """Return the newest saved build that is another than the present one.

    What a removed stack of the same name has had does not count.

    Args:
        s3: a client.
        present: what the stack has.
        prefix: of the stack's keys.
        made_at: when the stack was made.

    Raises:
        Refused: none is saved, or its artefacts are gone.
    """
    if not (places := uris(present.template)):
        raise Refused("The stack's template names no artefacts, so no build is saved. Deploy the one that you want.")
    bucket = places[0][0]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/deployed/")
    first = f"{prefix}/deployed/{_moment(made_at)}"
    found = (found["Key"] for page in pages for found in page.get("Contents", []))
    keys = sorted((key for key in found if key >= first), reverse=True)
    for key in keys:
        build = _read(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        if build is not None and not build.is_like(present):
            _check_artefacts(s3, build)
            return build
    raise Refused("No other build of this stack is saved. There is one after the next `make deploy`.")


def _read(body: bytes) -> Build | None:
    """Return a saved build, or None where somebody else has written the file."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    match found:
        case {"deployed_at": str(at), "template": str(template), "parameters": dict(parameters)}:
            return Build(deployed_at=at, template=template, parameters=parameters)
        case _:
            return None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _check_artefacts(s3: Any, build: Build) -> None:
    for bucket, key in uris(build.template):
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            raise Refused(
                f"The build of {build.deployed_at} cannot be put back: s3://{bucket}/{key} is gone. "
                "Check out its commit and run `make deploy`."
            ) from None
