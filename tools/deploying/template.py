"""What a template says: its parameters, its rules, and the resources that have names of their own.

Source: CloudFormation User Guide, "Intrinsic function reference" and "Rules".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

_FOR_EACH = "Fn::ForEach::"
# The property that names a resource of this type, for the types whose names an orphan can block.
_NAMING = {
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SSM::Parameter": "Name",
    "AWS::Serverless::Function": "FunctionName",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A resource that has a name of its own.

    Attributes:
        kind: its type, such as ``AWS::Logs::LogGroup``.
        name: what it is called in the account.
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template, with its short forms (``!Ref``) written out.

    Attributes:
        content: its sections.
    """

    content: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the template that a text is, YAML or JSON."""
        return cls(yaml.load(text, _Loader))  # noqa: S506 - a safe loader too

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the template in a file."""
        return cls.parse(path.read_text())

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """Its parameters, each with type, default and what it allows."""
        parameters: Mapping[str, Mapping[str, Any]] = self.content["Parameters"]
        return parameters

    def broken_rules(self, values: Mapping[str, str]) -> list[str]:
        """Return the descriptions of the assertions that do not hold for these values of the parameters."""
        return [
            assertion["AssertDescription"]
            for rule in self.content.get("Rules", {}).values()
            if self._holds(rule.get("RuleCondition", True), values) is not False
            for assertion in rule["Assertions"]
            if self._holds(assertion["Assert"], values) is False
        ]

    def named(self, values: Mapping[str, str], pseudo: Mapping[str, str]) -> frozenset[Named]:
        """Return the resources with names of their own that the stack has with these values.

        Args:
            values: of the parameters, all of them.
            pseudo: of the pseudo parameters, such as ``AWS::StackName``.
        """
        known = {**values, **pseudo}
        return frozenset(
            Named(kind, name)
            for resource, own in self._resources(values)
            if (kind := resource["Type"]) in _NAMING
            and self._holds({"Condition": resource["Condition"]} if "Condition" in resource else True, values)
            is not False
            and (name := _filled_in(resource.get("Properties", {}).get(_NAMING[kind]), {**known, **own}))
        )

    def _resources(self, values: Mapping[str, str]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
        """Give each resource, and what a loop's variable stands for in it."""
        for key, said in self.content["Resources"].items():
            if not key.startswith(_FOR_EACH):
                yield said, {}
                continue
            variable, collection, body = said
            for item in items(values.get(collection.get("Ref", ""), "")):
                yield from ((resource, {variable: item}) for resource in body.values())

    def _holds(self, said: Any, values: Mapping[str, str]) -> bool | None:
        """Return whether a condition holds; None where that cannot be told from the parameters."""
        if not isinstance(said, dict):
            return said if isinstance(said, bool) else None
        [(function, argument)] = said.items()
        match function:
            case "Condition":
                return self._holds(self.content.get("Conditions", {}).get(argument), values)
            case "Fn::Equals":
                left, right = (_filled_in(side, values) for side in argument)
                return None if left is None or right is None else left == right
            case "Fn::Contains":
                listed, item = (_filled_in(side, values) for side in argument)
                return None if listed is None or item is None else item in items(listed)
            case _:
                return self._joined(function, argument, values)

    def _joined(self, function: str, argument: Any, values: Mapping[str, str]) -> bool | None:
        results = [self._holds(part, values) for part in argument] if isinstance(argument, list) else []
        if None in results or not results:
            return None
        return {"Fn::Not": lambda: not results[0], "Fn::And": lambda: all(results), "Fn::Or": lambda: any(results)}.get(
            function, lambda: None
        )()


def items(value: str) -> list[str]:
    """Return the items of a list's value; none of an empty one."""
    return [item.strip() for item in value.split(",")] if value.strip() else []


def _filled_in(said: Any, known: Mapping[str, str]) -> str | None:
    """Return a text with its places filled in; None if it is computed otherwise."""
    match said:
        case {"Ref": str(name)}:
            return known.get(name)
        case {"Fn::Sub": str(text)} if all(name in known for name in re.findall(r"\$\{([^!}]+)\}", text)):
            return re.sub(r"\$\{([^!}]+)\}", lambda found: known[found[1]], text)
        case str() | int():
            return str(said)
        case _:
            return None


class _Loader(yaml.SafeLoader):
    """Writes out the short forms of a template."""


def _written_out(loader: yaml.SafeLoader, function: str, node: yaml.Node) -> Any:
    match node:
        case yaml.SequenceNode():
            argument: Any = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            argument = loader.construct_mapping(node, deep=True)
        case _:
            argument = loader.construct_scalar(node)  # type: ignore[arg-type]
    return {function if function in {"Ref", "Condition"} else f"Fn::{function}": argument}


_Loader.add_multi_constructor("!", _written_out)
