"""Why a login failed, in the words of a terminal: the table speaks of a secret and a stack, `sfmint login` has options."""

import re
from dataclasses import replace

from sfmint.salesforce.login_failures.reason import Reason
from sfmint_values.foreign import Foreign

# "The assertion's audience" is what was sent, and no field.
_FIELDS = re.compile(r"(?<!'s )\b(?:consumer_key|token_host|username|audience)\b")
_PHRASES = (
    (" in the secret", ""),
    (" of the secret", ""),
    ("the username", "the user of username"),
    ("of the machine that signs (inside Lambda it is AWS's: open a case with AWS Support)", "of this machine"),
    ("the egress address of the Lambda functions", "this machine's address on the internet"),
    ("store its new consumer key", "give its new consumer_key"),
    ("compare token_lifetime with the app's session time-out", "look at the app's session time-out"),
)
_STEPS = {
    "unreachable": (
        "check token_host, and this machine's way out to the internet (HTTPS_PROXY)",
        "behind a proxy that opens TLS, give its authority with --ca-bundle",
    ),
}


def in_options(reason: Reason) -> Reason:
    """Return a reason that names the options of `sfmint login` in place of a secret's fields."""
    steps = _STEPS.get(reason.code, reason.steps)
    return replace(reason, cause=_with_options(reason.cause), steps=tuple(map(_with_options, steps)))


def _with_options(text: Foreign) -> str:
    for phrase, own in _PHRASES:
        text = text.replace(phrase, own)
    return _FIELDS.sub(lambda field: f"--{field[0].replace('_', '-')}", text)
