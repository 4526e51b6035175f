"""template.yaml as AWS sees it: the loop unrolled, the globals merged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cfnlint.decode  # type: ignore[import-untyped]
from cfnlint.template import Template  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTemplate:
    """The parameters and resources of a template."""

    parameters: dict[str, Any]
    resources: dict[str, Any]

    @classmethod
    def unrolled(cls, path: Path, *connections: str) -> Self:
        """Return a template with everything that each of some connections has."""
        read, faults = cfnlint.decode.decode(str(path))
        assert not faults
        read["Parameters"]["Connections"]["Default"] = ",".join(connections)
        template = Template(str(path), read, ["eu-central-1"])
        assert not template.transform()
        plain = json.loads(json.dumps(template.template))
        return cls(parameters=plain["Parameters"], resources=plain["Resources"])

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
