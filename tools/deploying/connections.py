"""The connections of a stack: what they may be called, and that none goes without being named."""

import re
from collections import Counter
from collections.abc import Iterable

from deploying.errors import Refused
from deploying.parameters import Values
from deploying.template import Template, items

LISTS = ("Connections", "AdminConnections")  # the parameters that name them
MOST = 61  # of 500 resources, 70 are there once and 7 for each connection


def names_in(values: Values) -> list[str]:
    """Return the names that the parameters list."""
    return [name for key in LISTS for name in items(values.get(key, ""))]


def without(values: Values, removed: Iterable[str]) -> dict[str, str]:
    """Return the lists of a deployed stack without some of their names."""
    gone = set(removed)
    return {
        key: ",".join(name for name in items(values[key]) if name not in gone)
        for key in LISTS
        if gone.intersection(items(values.get(key, "")))
    }


def check_connections(template: Template, values: Values) -> None:
    """Check names and number of the connections.

    Raises:
        Refused: a name cannot be used, or there are too many or none.
    """
    if not items(values.get("Connections", "any")):
        raise Refused("Connections is empty, and a stack needs one. Name one, or remove the stack: make remove.")
    for key in LISTS:
        if names := items(values.get(key, "")):
            rules = template.parameters[key]
            check_connection_names(names, rules["AllowedPattern"], rules["ConstraintDescription"], key)
    names = names_in(values)
    _check_apart(names)
    if len(names) > MOST:
        raise Refused(f"{len(names)} connections do not fit a stack, which holds {MOST}. Put some into a second stack.")


def check_connection_names(names: list[str], pattern: str, rule: str, parameter: str = "Connections") -> None:
    """Check what CloudFormation would refuse late, or in words that do not help.

    Args:
        names: of the connections.
        pattern: that each must match.
        rule: the pattern in words.
        parameter: that lists them.

    Raises:
        Refused: a name does not match, is there twice, or differs from another by dashes only.
    """
    for name in names:
        if not name:
            raise Refused(f"{parameter} has a comma without a name beside it. Remove the comma, or name one.")
        if not re.fullmatch(pattern, name):
            raise Refused(f"{name!r} cannot name a connection: {rule}. Rename it in {parameter}.")
    _check_apart(names)


def check_none_vanishes(deployed: Values, wanted: Values, removed: Iterable[str]) -> None:
    """Check that exactly those connections go that are named for it.

    Args:
        deployed: the parameters of the stack.
        wanted: the parameters that it shall have.
        removed: the names that may go.

    Raises:
        Refused: another would go, or one that shall go stays or is not there.
    """
    before, after, named = names_in(deployed), names_in(wanted), list(removed)
    if unknown := [name for name in named if name not in before]:
        raise Refused(f"The stack has no connection {', '.join(unknown)} to remove. It has {', '.join(before)}.")
    if kept := [name for name in named if name in after]:
        raise Refused(f"{', '.join(kept)} is in REMOVE and in the list of connections. Leave it out of one of them.")
    if lost := [name for name in before if name not in after and name not in named]:
        raise Refused(
            f"The list leaves out {', '.join(lost)}: aliases, policies and parameters of it would be deleted. "
            f"Add it to the list, or say REMOVE={','.join([*named, *lost])}."
        )


def _check_apart(names: list[str]) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Refused(f"Connections lists {', '.join(twice)} more than once. Remove the repetition.")
    # CloudFormation's own names for what a connection has hold no dashes.
    undashed: dict[str, str] = {}
    for name in names:
        other = undashed.setdefault(name.replace("-", ""), name)
        if other != name:
            raise Refused(f"The connections {other!r} and {name!r} differ by dashes only. Rename one of them.")
