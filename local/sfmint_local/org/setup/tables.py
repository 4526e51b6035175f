"""The objects of Setup that a user sees in queries. Without the rights for it an object is unknown, as in Salesforce.

Source: Object Reference. Which objects need which right, beyond those on apps, is not published: here all that
concern permission sets need ViewSetup.
"""

from sfmint_local.org.setup import rights
from sfmint_local.org.setup.app_tables import app_tables
from sfmint_local.org.setup.deploy_table import deploy_requests
from sfmint_local.org.setup.permission_tables import permission_tables
from sfmint_local.org.setup.reading import METADATA_RIGHTS, SEES_APPS
from sfmint_local.org.setup.user_tables import user_tables
from sfmint_local.org.store import Store
from sfmint_local.org.tables import Table


def visible_tables(store: Store, username: str) -> list[Table]:
    """Return the objects of Setup that a user sees."""
    held = store.setup.rights(username)
    tables = [*user_tables(store)]
    if rights.VIEW_SETUP in held:
        tables += permission_tables(store)
    if held & SEES_APPS:
        tables += app_tables(store.setup)
    return tables


def tooling_tables(store: Store, username: str) -> list[Table]:
    """Return the objects of the Tooling API that a user sees."""
    held = store.setup.rights(username)
    return [deploy_requests(store)] if held & METADATA_RIGHTS else []
