"""Which value each parameter has, and whether the template allows it, before CloudFormation is asked.

Source: CloudFormation User Guide, "Parameters"; a pattern has to match the whole value, in a list each item.
"""

import difflib
import re
from collections.abc import Mapping
from typing import Any

from deploying.errors import Refused
from deploying.template import Template, items

BUILD_ID = "BuildId"  # each deploy makes it up
LIST = "CommaDelimitedList"

type Values = Mapping[str, str]


def merged(template: Template, *, given: Values, deployed: Values | None, configured: Values) -> dict[str, str]:
    """Return the value of each parameter but BuildId.

    The first that has one decides: the command line, the deployed stack (samconfig.toml if there is none), the
    template's default.

    Args:
        template: whose parameters they are.
        given: on the command line.
        deployed: of the stack, or None if there is none.
        configured: in samconfig.toml.

    Raises:
        Refused: samconfig.toml names a parameter that the template has not, or nothing says a value.
    """
    known = template.parameters
    if deployed is None:
        check_known(template, configured)
    kept = configured if deployed is None else deployed
    defaults = {name: str(rules["Default"]) for name, rules in known.items() if "Default" in rules}
    values = {**defaults, **{name: kept[name] for name in known if name in kept}, **given}
    if missing := [name for name in known if name not in values and name != BUILD_ID]:
        raise Refused(f'{", ".join(missing)} has no value. Give it: PARAMETERS="{missing[0]}=...".')
    return {name: value for name, value in values.items() if name != BUILD_ID}


def unheeded(*, given: Values, deployed: Values, configured: Values) -> list[str]:
    """Return what samconfig.toml says and the stack has otherwise, one sentence for each."""
    return [
        f"samconfig.toml says {name}={value}, and the stack keeps {deployed[name] or 'it empty'}: "
        f'a value there is for the first deploy. To change it: PARAMETERS="{name}={value}".'
        for name, value in configured.items()
        if name != BUILD_ID and name not in given and name in deployed and deployed[name] != value
    ]


def check(template: Template, values: Values) -> None:
    """Check values as CloudFormation would.

    Raises:
        Refused: one is not allowed, or two of them not together.
    """
    for name, rules in template.parameters.items():
        if name in values and not _allowed(rules, values[name]):
            said = rules.get("ConstraintDescription") or "as the template says"
            raise Refused(f"{name} cannot be {values[name]!r}. It has to be: {said}.")
    if broken := template.broken_rules(values):
        raise Refused(f"The parameters do not fit together. {' '.join(f'{rule}.' for rule in broken)}")


def check_known(template: Template, values: Values) -> None:
    """Check that a template has these parameters.

    Raises:
        Refused: it has not.
    """
    known = template.parameters
    if unknown := sorted(set(values) - set(known)):
        near = difflib.get_close_matches(unknown[0], known, n=1)
        meant = f"Perhaps {near[0]} is meant." if near else f"It has {', '.join(known)}."
        raise Refused(f"The template has no parameter {', '.join(unknown)}. {meant}")


def _allowed(rules: Mapping[str, Any], value: str) -> bool:
    each = items(value) if rules["Type"] == LIST else [value]
    return bool(
        all(re.fullmatch(rules.get("AllowedPattern", ".*"), item) for item in (each or [""]))
        and ("AllowedValues" not in rules or value in map(str, rules["AllowedValues"]))
        and (rules["Type"] != "Number" or _in_range(rules, value))
        and rules.get("MinLength", 0) <= len(value) <= rules.get("MaxLength", len(value))
    )


def _in_range(rules: Mapping[str, Any], value: str) -> bool:
    if not re.fullmatch("[0-9]{1,9}", value):  # the functions read a whole number
        return False
    return bool(rules.get("MinValue", 0) <= int(value) <= rules.get("MaxValue", int(value)))
