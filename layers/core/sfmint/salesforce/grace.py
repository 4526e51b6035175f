"""For how long credentials that a rotation has replaced may still log in: a label of their version of the secret.

The finish of a rotation puts it there, and GetSecretValue answers a version's labels with its text (AWS Secrets Manager API
Reference, `VersionStages`). A change of the app may not have arrived everywhere yet, so either key may still be refused.
"""

from sfmint_values.foreign import Foreign

GRACE_S = 1800.0  # three times as long as people have seen a change of an app take
FURTHEST_S = 3600.0  # an end further ahead was written by a clock that is off, or is read by one
_PREFIX = "SFMINT_UNTIL_"
_DIGITS = 10  # of epoch seconds, from 2001 to 2286


def grace_label(until: float) -> str:
    """Return the label that lets a version of the secret log in until then, in epoch seconds."""
    return f"{_PREFIX}{int(until):0{_DIGITS}d}"


def grace_end(label: Foreign) -> int | None:
    """Return the instant that a label names, in epoch seconds; None: it is another label."""
    digits = label.removeprefix(_PREFIX)
    is_ours = label.startswith(_PREFIX) and len(digits) == _DIGITS and digits.isascii() and digits.isdigit()
    return int(digits) if is_ours else None


def is_in_grace(labels: object, now: float) -> bool:
    """Return whether a version with these labels may still log in.

    Args:
        labels: `VersionStages` of an answer of GetSecretValue, as it came.
        now: epoch seconds.
    """
    named = (grace_end(label) for label in (labels if isinstance(labels, list) else ()) if isinstance(label, str))
    return any(now < end <= now + FURTHEST_S for end in named if end is not None)
