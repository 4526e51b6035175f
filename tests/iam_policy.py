"""What IAM decides of policies, as far as the project's own policies use its language.

Source: IAM User Guide, "IAM JSON policy elements" and "Policy evaluation logic".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

type Statement = Mapping[str, Any]
type Context = Mapping[str, str]


def allowed(statements: Iterable[Statement], action: str, resource: str, context: Context | None = None) -> bool:
    """Return whether some statement allows a request and none denies it."""
    effects = {each["Effect"] for each in statements if _matches(each, action, resource, context or {})}
    return effects == {"Allow"}


def denied(statements: Iterable[Statement], action: str, resource: str, context: Context | None = None) -> bool:
    """Return whether some statement denies a request."""
    return any(each["Effect"] == "Deny" and _matches(each, action, resource, context or {}) for each in statements)


def listed(value: Any) -> list[Any]:
    """Return what IAM takes as one thing or as a list of them."""
    return value if isinstance(value, list) else [value]


def _matches(statement: Statement, action: str, resource: str, context: Context) -> bool:
    return (
        any(_like(action.lower(), each.lower()) for each in listed(statement["Action"]))
        and any(_like(resource, each) for each in listed(statement["Resource"]))
        and all(
            _holds(operator, wanted, context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, wanted: Any, found: str | None) -> bool:
    plain = operator.removeprefix("ForAnyValue:")
    if plain == "Null":
        return (found is None) == (str(wanted).lower() == "true")
    compare = _COMPARES[plain.replace("Not", "")]
    if "Not" in plain:
        return found is None or not any(compare(found, each) for each in listed(wanted))
    return found is not None and any(compare(found, each) for each in listed(wanted))


def _like(text: str, pattern: str) -> bool:
    parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text) is not None


_COMPARES: dict[str, Callable[[str, str], bool]] = {
    "ArnEquals": _like,  # as AWS has it: both take wildcards
    "ArnLike": _like,
    "StringEquals": lambda found, wanted: found == wanted,
    "StringLike": _like,
}
