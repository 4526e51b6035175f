"""What samconfig.toml says about one environment of the SAM CLI."""

import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

_TEXTS = {"stack_name", "region", "profile", "s3_bucket", "s3_prefix", "role_arn"}
_LISTS = {"parameter_overrides", "tags"}
_FLAGS = {"confirm_changeset"}


class UnusableConfig(Exception):  # noqa: N818 - what it is
    """samconfig.toml or a parameter cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where and how one environment is deployed.

    Attributes:
        stack: the stack's name.
        region: the AWS region, or None for the person's own.
        profile: the AWS profile, or None for the person's own.
        parameters: the template's parameters that are set here, by name; they count for the first deploy.
        bucket: where artefacts are put, or None for the one that the SAM CLI makes.
        prefix: of their keys, the stack's name in it; no two stacks share one.
        role: the ARN of the role that CloudFormation works as, or None for the person's own.
        tags: of the stack and all that it has.
        asks: whether a change waits for a person's yes.
    """

    stack: str
    region: str | None = None
    profile: str | None = None
    parameters: Mapping[str, str]
    bucket: str | None = None
    prefix: str
    role: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    asks: bool = True

    @classmethod
    def read(cls, path: Path, name: str) -> Self:
        """Return an environment of samconfig.toml.

        Args:
            path: the file.
            name: the environment, such as ``default``.

        Raises:
            UnusableConfig: the file or the environment is not there, or says too little.
        """
        environments = _load(path)
        if name not in environments:
            known = ", ".join(environments) or "none"
            raise UnusableConfig(f"{path.name} has no environment {name!r}. Choose one that it has: {known}.")
        said = _said_of_deploy(environments[name])
        if "stack_name" not in said:
            raise UnusableConfig(f"{path.name} names no stack. Add stack_name under [{name}.global.parameters].")
        return cls(
            stack=said["stack_name"],
            region=said.get("region"),
            profile=said.get("profile"),
            parameters=parse_parameters(split_words(said.get("parameter_overrides", []))),
            bucket=said.get("s3_bucket"),
            prefix=_prefix(said.get("s3_prefix", ""), said["stack_name"]),
            role=said.get("role_arn"),
            tags=_tags(split_words(said.get("tags", []))),
            asks=said.get("confirm_changeset", True),
        )

    def named(self, stack: str) -> Self:
        """Return the same environment for a stack of another name."""
        return replace(self, stack=stack, prefix=_prefix("", stack))


def _tags(words: Iterable[str]) -> dict[str, str]:
    tags = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UnusableConfig(f'{word!r} sets no tag. Write "name=value" under tags.')
        tags[name] = value
    return tags


def parse_parameters(words: Iterable[str]) -> dict[str, str]:
    """Return the parameters that words such as ``Name=value`` set; of two for one name, the later.

    Raises:
        UnusableConfig: a word sets none.
    """
    parameters = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.isalnum() or name == "ParameterKey":
            raise UnusableConfig(f'{word!r} sets no parameter. Write Name=value, or Name="two words".')
        parameters[name] = value
    return parameters


def _load(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise UnusableConfig(f"There is no {path}. Run this in the folder of template.yaml.") from None
    except tomllib.TOMLDecodeError as error:
        raise UnusableConfig(f"{path.name} is no TOML: {error}. Correct that line.") from None
    return {name: environment for name, environment in content.items() if isinstance(environment, dict)}


def _said_of_deploy(environment: dict[str, Any]) -> dict[str, Any]:
    # As the SAM CLI reads it: what stands under the command replaces what stands under global.
    said: dict[str, Any] = {}
    for command in ("global", "deploy"):
        table = environment.get(command, {})
        parameters = table.get("parameters", {}) if isinstance(table, dict) else None
        if not isinstance(parameters, dict):
            raise UnusableConfig(
                f"{command} in samconfig.toml is no table of parameters. Write [ENV.{command}.parameters]."
            )
        said |= parameters
    for key, value in said.items():
        _check_kind(key, value)
    return said


def _check_kind(key: str, value: object) -> None:
    is_texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if key in _FLAGS:
        fits, kind = isinstance(value, bool), "true or false"
    elif key in _LISTS:
        fits, kind = isinstance(value, str) or is_texts, "a text, or a list of texts"
    else:
        fits, kind = key not in _TEXTS or isinstance(value, str), "a text"
    if not fits:
        raise UnusableConfig(f"samconfig.toml says {key} = {value!r}. Write {kind}.")


def _prefix(said: str, stack: str) -> str:
    # The last part alone, and always: what a copied s3_prefix says may be another stack's name.
    return f"{said.strip('/')}/{stack}".lstrip("/")


def split_words(overrides: str | list[str]) -> Iterator[str]:
    """Give the words of a text, or of several, as a shell takes them apart.

    Raises:
        UnusableConfig: a quotation is not closed.
    """
    for text in [overrides] if isinstance(overrides, str) else overrides:
        try:
            yield from shlex.split(text)
        except ValueError:
            raise UnusableConfig(f"{text!r} has a quotation mark without its partner. Add it.") from None
