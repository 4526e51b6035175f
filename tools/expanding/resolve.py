"""Fills parameters, and where they are given pseudo parameters, into a template without loops, and decides its conditions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NOTHING = object()  # AWS::NoValue: the key or item around it goes
_PLACE = re.compile(r"\$\{([^!}]+)\}")

type Values = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Resolver:
    """What is known before CloudFormation makes a resource.

    Attributes:
        values: of parameters and pseudo parameters.
        conditions: of the template, not yet decided.
    """

    values: Values
    conditions: Mapping[str, Any]

    def template(self, template: Mapping[str, Any]) -> dict[str, Any]:
        """Return a template without parameters, rules, conditions, and what they leave out."""
        gone = {"Parameters", "Rules", "Conditions", "Metadata"}
        return {
            section: self._resolved(self._present(part) if section in {"Resources", "Outputs"} else part)
            for section, part in template.items()
            if section not in gone
        }

    def _present(self, section: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: {key: part for key, part in thing.items() if key != "Condition"}
            for name, thing in section.items()
            if "Condition" not in thing or self.holds(thing["Condition"])
        }

    def holds(self, condition: Any) -> bool:
        """Return what CloudFormation decides of a condition, or of the assertion of a rule."""
        match condition:
            case str(name) | {"Condition": str(name)}:
                return self.holds(self.conditions[name])
            case {"Fn::Equals": [left, right]}:
                return bool(self._resolved(left) == self._resolved(right))
            case {"Fn::Contains": [items, item]}:
                return self._resolved(item) in self._resolved(items)
            case {"Fn::Not": [part]}:
                return not self.holds(part)
            case {"Fn::And": list(parts)}:
                return all(self.holds(part) for part in parts)
            case {"Fn::Or": list(parts)}:
                return any(self.holds(part) for part in parts)
            case _:
                raise ValueError(f"A condition is {condition}, which is not known here. Teach it to {__name__}.")

    def _resolved(self, value: Any) -> Any:
        match value:
            case {"Ref": "AWS::NoValue"}:
                return _NOTHING
            case {"Ref": str(name)} if name in self.values:
                return self.values[name]
            case {"Fn::If": [str(name), then, otherwise]}:
                return self._resolved(then if self.holds(name) else otherwise)
            case {"Fn::Sub": text}:
                return self._filled_in(text)
            case dict():
                parts = {key: self._resolved(part) for key, part in value.items()}
                return _applied({key: part for key, part in parts.items() if part is not _NOTHING})
            case list():
                return [part for part in map(self._resolved, value) if part is not _NOTHING]
            case _:
                return value

    def _filled_in(self, sub: Any) -> Any:
        text, own = (sub, {}) if isinstance(sub, str) else (sub[0], self._resolved(sub[1]))
        known = {**self.values, **{name: value for name, value in own.items() if isinstance(value, str)}}
        text = _PLACE.sub(lambda place: str(known.get(place[1], place[0])), text)
        left = {name: value for name, value in own.items() if f"${{{name}}}" in text}
        if "${" not in text:
            return text
        return {"Fn::Sub": [text, left] if left else text}


def _applied(value: dict[str, Any]) -> Any:
    """Return what a function of CloudFormation makes, if all its arguments are there."""
    match value:
        case {"Fn::Join": [str(between), list(parts)]} if all(isinstance(part, str) for part in parts):
            return between.join(parts)
        case {"Fn::Split": [str(between), str(text)]}:
            return text.split(between)
        case {"Fn::Select": [index, list(parts)]}:
            return parts[int(index)]
        case _:
            return value
