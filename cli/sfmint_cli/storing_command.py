"""`sfmint connection add` as a remedy names it: with every option that it wants, and what is known filled in."""

from typing import TYPE_CHECKING

from sfmint.salesforce.connection import DEFAULT_LIFETIME_S
from sfmint_cli.pasteable import sfmint

if TYPE_CHECKING:
    from sfmint.salesforce.connection import Connection

ADD = ("connection", "add")
_MY_DOMAIN = "https://MYDOMAIN.my.salesforce.com"


def storing(
    name: str, known: "Connection | None" = None, *, token_lifetime_s: int | None = None, restore: bool = False
) -> str:
    """Return the command that stores a connection; what is in capitals is to be filled in.

    It keeps of what is stored only --org-id and --host, so all else is named that is not its default.

    Args:
        name: the connection's.
        known: what the secret is to say; None: nothing is known.
        token_lifetime_s: another one than that, in seconds.
        restore: the secret is scheduled for deletion.
    """
    lifetime_s = token_lifetime_s or (known.lifetime_s if known else DEFAULT_LIFETIME_S)
    given = {
        "--key": None if known and known.signing_key else "FILE",
        "--kms": known.signing_key if known else None,
        "--certificate": "FILE",
        "--consumer-key": known.consumer_key if known else "KEY",
        "--username": known.username if known else "USER",
        "--token-host": known.token_host if known else _MY_DOMAIN,
        "--audience": known.audience if known else None,
        "--org-id": (known.org_id or None) if known else None,
        "--token-lifetime": lifetime_s if lifetime_s != DEFAULT_LIFETIME_S else None,
    }
    words = [word for option, value in given.items() if value is not None for word in (option, value)]
    return sfmint(*ADD, name, *(["--restore"] if restore else []), *words)
