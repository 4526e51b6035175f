"""template.yaml as AWS sees it: the loops unrolled, the globals merged."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cfnlint.decode  # type: ignore[import-untyped]
from cfnlint.template import Template  # type: ignore[import-untyped]

NOTHING = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTemplate:
    """The parameters, resources and outputs of a template, and what it says of itself."""

    parameters: dict[str, Any]
    resources: dict[str, Any]
    outputs: dict[str, Any]
    metadata: dict[str, Any]
    refusals: tuple[str, ...] = ()  # of the rules: why these parameters cannot go together

    @classmethod
    def unrolled(cls, path: Path, *connections: str) -> Self:
        """Return a template with everything that each of some connections has, whatever conditions say."""
        return cls._of(_transformed(path, {"Connections": ",".join(connections)}))

    @classmethod
    def chosen(cls, path: Path, **values: str) -> Self:
        """Return a template as some parameters make it, with the others at their defaults: no condition is left."""
        plain = _transformed(path, values)
        chosen = {name: str(parameter["Default"]) for name, parameter in plain["Parameters"].items()}
        conditions: dict[str, bool] = {}
        for name, condition in plain["Conditions"].items():
            conditions[name] = _holds(condition, chosen, conditions)
        asserted = [said for rule in plain["Rules"].values() for said in rule["Assertions"]]
        refusals = [said["AssertDescription"] for said in asserted if not _holds(said["Assert"], chosen, conditions)]
        return cls._of(_decided(plain, conditions), *refusals)

    @classmethod
    def _of(cls, plain: Mapping[str, Any], *refusals: str) -> Self:
        return cls(
            refusals=refusals,
            parameters=plain["Parameters"],
            resources=plain["Resources"],
            outputs=plain.get("Outputs", {}),
            metadata=plain.get("Metadata", {}),
        )

    def of_type(self, kind: str) -> dict[str, Any]:
        """Return the resources of one type."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def properties(self, name: str) -> dict[str, Any]:
        """Return the properties of a resource."""
        found: dict[str, Any] = self.resources[name]["Properties"]
        return found

    def statements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give every statement on what a role of the stack or a consumer may do, with its resource's name."""
        for name, resource in self.resources.items():
            documents = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", [])]
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                documents.append(resource["Properties"]["PolicyDocument"])
            for document in documents:
                for statement in document["Statement"]:
                    yield name, statement

    def statements_of(self, role: str) -> list[dict[str, Any]]:
        """Return every statement on what one role may do: its own, and those of the policies that it is attached to."""
        own = self.properties(role).get("ManagedPolicyArns", [])
        attached = {
            name
            for name, policy in self.of_type("AWS::IAM::ManagedPolicy").items()
            if {"Ref": role} in policy["Properties"].get("Roles", []) or {"Ref": name} in own
        }
        return [statement for holder, statement in self.statements() if holder in {role, *attached}]


def _transformed(path: Path, values: Mapping[str, str]) -> dict[str, Any]:
    read, faults = cfnlint.decode.decode(str(path))
    assert not faults
    for name, value in values.items():
        read["Parameters"][name]["Default"] = value
    template = Template(str(path), read, ["eu-central-1"])
    assert not template.transform()
    plain: dict[str, Any] = json.loads(json.dumps(template.template))
    return plain


def _holds(condition: Any, values: Mapping[str, str], known: Mapping[str, bool]) -> bool:
    """Return whether a condition holds, where parameters have some values and the conditions before it are known."""
    match condition:
        case {"Condition": str(name)}:
            return known[name]
        case {"Fn::Equals": [one, other]}:
            return _text(one, values) == _text(other, values)
        case {"Fn::Contains": [{"Ref": str(items)}, item]}:
            return _text(item, values) in values[items].split(",")
        case {"Fn::Not": [denied]}:
            return not _holds(denied, values, known)
        case {"Fn::And": list(parts)}:
            return all(_holds(part, values, known) for part in parts)
        case {"Fn::Or": list(parts)}:
            return any(_holds(part, values, known) for part in parts)
        case _:
            raise AssertionError(condition)


def _text(value: Any, values: Mapping[str, str]) -> str:
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Join": [str(between), {"Ref": str(name)}]}:
            return between.join(values[name].split(","))
        case _:
            raise AssertionError(value)


def _decided(value: Any, conditions: Mapping[str, bool]) -> Any:
    """Return a value without what conditions leave out."""
    match value:
        case {"Fn::If": [str(name), then, otherwise]}:
            return _decided(then if conditions[name] else otherwise, conditions)
        case dict():
            kept = {key: part for key, part in value.items() if conditions.get(_condition_of(part), True)}
            decided = {key: _decided(part, conditions) for key, part in kept.items()}
            return {key: part for key, part in decided.items() if part != NOTHING}
        case list():
            decided_parts = [_decided(part, conditions) for part in value]
            return [part for part in decided_parts if part != NOTHING]
        case _:
            return value


def _condition_of(part: Any) -> str:
    condition = part.get("Condition") if isinstance(part, dict) else None
    return condition if isinstance(condition, str) else ""
