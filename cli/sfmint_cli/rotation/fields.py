"""What a secret says to a rotation, written into it from the command line; the credentials stay as they are."""

import json

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint.salesforce.secret_text import fields_of
from sfmint_cli.connection_secret import ConnectionSecret
from sfmint_cli.result import Failed
from sfmint_cli.rotation.given import GivenFields
from sfmint_cli.stack import Stack
from sfmint_cli.storing_command import storing
from sfmint_values.connection_name import is_admin
from sfmint_values.foreign import Foreign


def require_admin(stack: Stack, name: str, given: GivenFields) -> None:
    """Check that the admin connection is one of the stack's.

    Raises:
        Failed: it is not, or it is the connection itself.
    """
    admin = given.admin_connection
    if admin is None:
        return
    if not is_admin(admin) or admin == name:
        raise Failed(
            f"{admin!r} cannot look after the app of {name!r}: that takes a connection of the parameter AdminConnections,"
            " and never the same one.",
            remedy="Add one whose user may change apps, and give its name: admin-...",
            name="NoAdminConnection",
        )
    stack.require(admin)


def changed(text: Foreign, given: GivenFields, name: str) -> str | None:
    """Return a secret's text with the given fields; None where it says them already.

    Args:
        text: the secret's.
        given: on the command line.
        name: of the connection.

    Raises:
        Failed: the text is none of a connection's, or the fields do not go together.
    """
    try:
        before = fields_of(text)
        after = json.dumps({**before, **given.said()})
        if fields_of(after) == before:
            return None
        parse_rotation(name, after)
    except CredentialFault as fault:
        error = fault.to_error(name)
        raise Failed(error.cause, remedy=error.remedy, name=type(error).__name__) from None
    return after


def write(secret: ConnectionSecret, given: GivenFields, name: str) -> bool:
    """Write the given fields into the secret, and return whether that changed anything.

    Raises:
        Failed: there is no secret, the fields do not go together, or AWS refuses.
    """
    if not given.said():
        return False
    text = secret.read()
    if text is None:
        raise Failed(
            f"The secret {secret.name} does not exist, or holds no credentials.",
            remedy=f"Store them first: {storing(name)}.",
            name="ConnectionNotFound",
        )
    after = changed(text, given, name)
    if after is None:
        return False
    secret.amend(after, before=text)
    return True
