"""What is said of credentials that are stored, and of a try to store them that fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from sfmint.salesforce.connection import Connection
from sfmint_cli.result import Facts, Failed


@contextmanager
def told(facts: Facts) -> Iterator[None]:
    """Say with a failure what is known.

    Args:
        facts: that hold, whatever happens.
    """
    try:
        yield
    except Failed as failed:
        raise failed.knowing({**facts, "done": "nothing", "login": False}) from None


def said_of(connection: Connection) -> Facts:
    """Return what is no secret of a connection."""
    return {
        "username": connection.username,
        "token_host": connection.token_host,
        "audience": connection.audience,
        "token_lifetime": connection.lifetime_s,
        **({"org_id": connection.org_id} if connection.org_id else {}),
        **({"hosts": list(connection.hosts)} if connection.hosts else {}),
    }
