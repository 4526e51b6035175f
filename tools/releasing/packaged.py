"""The template of a release: template.yaml word for word, but that its code lies in a bucket that is named at install.

Source: SAM specification, `AWS::Serverless::Function` (CodeUri: FunctionCode) and `AWS::Serverless::LayerVersion`
(ContentUri: LayerContent); AWS Serverless Application Repository, "AWS SAM template Metadata section properties".
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from deploying.template import Template
from releasing.errors import Failed
from releasing.version import Version

PARAMETERS = ("CodeBucket", "CodePrefix")  # beside those of template.yaml
ARCHITECTURES = ("arm64", "x86_64")  # the first is the template's own choice
BOTH = "${Architecture}"

_RESOURCE = re.compile(r"  (\w+):")
_CODE = re.compile(r"      (CodeUri|ContentUri): \S")
_GROUPS, _PARAMETERS, _METADATA = "    ParameterGroups:\n", "\nParameters:\n", "\nMetadata:\n"
_PROCESSORS = f"    AllowedValues: [{', '.join(ARCHITECTURES)}]\n"

_GROUP = """\
      - Label:
          default: Where the files of the release are
        Parameters: [CodeBucket, CodePrefix]
"""
_OF_CODE = """\
  # Where the files of the release are
  CodeBucket:
    Type: String
    AllowedPattern: ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$
    ConstraintDescription: the name of a bucket, without s3://
    Description: Bucket in the stack's region that holds the zip files of the release
  CodePrefix:
    Type: String
    Default: sfmint-release/
    AllowedPattern: ^([A-Za-z0-9!_.*'()-]+/)*$
    ConstraintDescription: a path that ends with a slash, such as sfmint-release/; or empty
    Description: What stands before the names of the zip files in the bucket

"""
_OF_REPOSITORY = """\
  AWS::ServerlessRepo::Application:
    Name: sfmint
    Description: Salesforce access tokens for AWS, minted from a key in Secrets Manager
    Author: sfmint
    SpdxLicenseId: Apache-2.0
    LicenseUrl: LICENSE
    Labels: [salesforce, oauth, jwt, token]
    SemanticVersion: VERSION
"""


def by_bucket(template: str, archives: Mapping[str, str]) -> str:
    """Return the template for CloudFormation: bucket and prefix of the code are parameters.

    Args:
        template: template.yaml.
        archives: the name of each resource's zip file, in which `BOTH` may stand.

    Raises:
        Failed: the template is not written as this module expects.
    """

    def place(archive: str) -> str:
        return f'{{Bucket: !Ref CodeBucket, Key: !Sub "${{CodePrefix}}{archive}"}}'

    written = _with_code(template, archives, place)
    written = _behind(_GROUPS, written, _GROUP)
    return _behind(_PARAMETERS, written, _OF_CODE)


def by_file(template: str, archives: Mapping[str, str], version: Version) -> str:
    """Return the template for the Serverless Application Repository: the code lies beside it, for one processor.

    The repository copies the code itself, and so takes no parameter in its place.

    Args:
        template: template.yaml.
        archives: see `by_bucket`.
        version: of the release.

    Raises:
        Failed: the template is not written as this module expects.
    """
    written = _with_code(template, archives, lambda archive: archive.replace(BOTH, ARCHITECTURES[0]))
    written = _in_place(_PROCESSORS, written, f"    AllowedValues: [{ARCHITECTURES[0]}]\n")
    return _behind(_METADATA, written, _OF_REPOSITORY.replace("VERSION", str(version)))


def as_json(template: str) -> str:
    """Return a template for programs that read JSON, with the short forms of YAML written out."""
    return json.dumps(_plain(dict(Template.parse(template).content)), indent=1) + "\n"


def _plain(value: Any) -> Any:
    match value:
        case {"Fn::GetAtt": str(name)}:  # JSON has no text for it
            return {"Fn::GetAtt": name.split(".", 1)}
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case _:
            return value


def _with_code(template: str, archives: Mapping[str, str], place: Callable[[str], str]) -> str:
    resource, written, left = "", [], dict(archives)
    for line in template.splitlines(keepends=True):
        if named := _RESOURCE.match(line):
            resource = named[1]
        if found := _CODE.match(line):
            if resource not in left:
                raise Failed(
                    f"{resource} of template.yaml has code that was not built. Look at what `sam build` makes."
                )
            written.append(f"      {found[1]}: {place(left.pop(resource))}\n")
        else:
            written.append(line)
    if left:
        raise Failed(f"template.yaml names no code of {', '.join(left)}. Write its CodeUri in one line.")
    return "".join(written)


def _behind(mark: str, template: str, text: str) -> str:
    return _in_place(mark, template, mark + text)


def _in_place(mark: str, template: str, text: str) -> str:
    if template.count(mark) != 1:
        raise Failed(f"template.yaml has the line {mark.strip()!r} {template.count(mark)} times. Leave it there once.")
    return template.replace(mark, text)
