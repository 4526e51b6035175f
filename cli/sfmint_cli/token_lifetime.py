"""The option of a token's lifetime, which is the session time-out of the app."""

from collections.abc import Callable
from typing import Any

import click

from sfmint.salesforce.connection import DEFAULT_LIFETIME_S, LONGEST_LIFETIME_S, SHORTEST_LIFETIME_S


def token_lifetime_option(
    default: int | None = DEFAULT_LIFETIME_S,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option, in seconds; None as its default tells a command that it was not given."""
    shown = "" if default else f"  [default: {DEFAULT_LIFETIME_S}]"
    return click.option(
        "--token-lifetime",
        type=click.IntRange(SHORTEST_LIFETIME_S, LONGEST_LIFETIME_S),
        default=default,
        show_default=default is not None,
        metavar="SECONDS",
        help=f"Session time-out of the app.{shown}",
    )
