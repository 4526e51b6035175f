"""template.yaml as AWS sees it: the loop unrolled, the globals merged."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cfnlint.decode  # type: ignore[import-untyped]
from cfnlint.template import Template  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTemplate:
    """The parameters, resources and outputs of a template."""

    parameters: dict[str, Any]
    resources: dict[str, Any]
    outputs: dict[str, Any]

    @classmethod
    def unrolled(cls, path: Path, *connections: str, **conditions: bool) -> Self:
        """Return a template with everything that each of some connections has, where some conditions are decided."""
        read, faults = cfnlint.decode.decode(str(path))
        assert not faults
        read["Parameters"]["Connections"]["Default"] = ",".join(connections)
        template = Template(str(path), read, ["eu-central-1"])
        assert not template.transform()
        plain = _decided(json.loads(json.dumps(template.template)), conditions)
        return cls(parameters=plain["Parameters"], resources=plain["Resources"], outputs=plain.get("Outputs", {}))

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


def _decided(value: Any, conditions: Mapping[str, bool]) -> Any:
    """Return a value without what conditions leave out."""
    match value:
        case {"Fn::If": [str(name), then, otherwise]} if name in conditions:
            return _decided(then if conditions[name] else otherwise, conditions)
        case dict():
            kept = {key: part for key, part in value.items() if conditions.get(_condition_of(part), True)}
            return {key: _decided(part, conditions) for key, part in kept.items()}
        case list():
            return [_decided(part, conditions) for part in value]
        case _:
            return value


def _condition_of(part: Any) -> str:
    condition = part.get("Condition") if isinstance(part, dict) else None
    return condition if isinstance(condition, str) else ""
