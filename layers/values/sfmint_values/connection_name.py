"""What a connection may be called. The template has the same pattern for its parameter Connections."""

import re

from sfmint_values.foreign import Foreign

PATTERN = r"(?!live$)[a-z][a-z0-9-]{0,31}"
RULE = "1 to 32 lower-case letters, digits and dashes, begins with a letter, and is not 'live'"

ADMIN = "admin-"  # what the names of AdminConnections begin with, and no others

_NAME = re.compile(PATTERN)


def is_connection_name(text: Foreign) -> bool:
    """Return whether a connection may be called so."""
    return _NAME.fullmatch(text) is not None


def is_admin(connection: str) -> bool:
    """Return whether a connection is an administrators' one, which nobody gets by a policy of the stack, and no schedule refreshes."""
    return connection.startswith(ADMIN)
