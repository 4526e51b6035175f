"""The API name of a connection's app: what its secret says, or else what `sfmint app create` calls it."""

from contextlib import suppress

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.secret_text import fields_of
from sfmint.salesforce.vocabulary import Field
from sfmint_setup.app_files import app_name
from sfmint_values.foreign import Foreign


def app_of(connection: str, text: Foreign | None) -> str:
    """Return the API name of a connection's app.

    Args:
        connection: its name.
        text: of the secret, any of its versions; None: it cannot be read.
    """
    with suppress(CredentialFault):
        named = fields_of(text or "{}").get(Field.APP)
        if isinstance(named, str) and named.strip():
            return named.strip()
    return app_name(connection)
