"""What stands in a browser's address bar while one looks at Salesforce, and at which My Domain the same org logs in.

Source: Salesforce Help, "My Domain URL Formats" (Experience Builder, Files, Lightning, Setup, Visualforce, Sites; sandboxes
and other partitions), and the same "When You Enable or Disable Enhanced Domains" for the older ones.
"""

import re
from urllib.parse import urlsplit

from sfmint_values.foreign import Foreign

# What ends an address, the longest first, and what the login has in its place.
_LOGINS = (
    (".lightning.crmforce.mil", "my.salesforce.mil"),
    (".crmforce.mil", "my.salesforce.mil"),
    (".sfcrmapps.cn", "my.sfcrmproducts.cn"),
    *(
        (ending, "my.salesforce.com")
        for ending in (
            *(".salesforce-setup.com", ".salesforce-experience.com", ".salesforce-scrt.com", ".salesforce-sites.com"),
            *(".cloudforce.com", ".database.com", ".documentforce.com", ".forceusercontent.com", ".visualforce.com"),
            *(".lightning.com", ".force.com"),
        )
    ),
)
_PARTITIONS = ("sandbox", "develop", "scratch", "demo", "patch", "trailblaze", "free", "wfc", "stage")
# Of these the name ends with the package whose page it is: acme--c, of a sandbox acme--sbx--c.
_OF_PACKAGES = (
    *(".vf.force.com", ".visual.force.com", ".visualforce.com", ".documentforce.com", ".content.force.com"),
    *(".container.force.com", ".container.lightning.com", ".forceusercontent.com", ".vf.crmforce.mil"),
)
_LONGEST = 300  # characters that are looked at
_NAME = re.compile(
    r"(?!(?:[a-z]{2,3}[0-9]{1,4}|content|file|lightning|login|my|test|vf|www)$)[a-z0-9][a-z0-9-]{1,62}"
)  # and not na139, which is an instance


def login_of(text: Foreign) -> str | None:
    """Return where the org of a browser's address logs in, such as `https://acme.my.salesforce.com`.

    Args:
        text: a URL or a host.

    Returns:
        An origin; with NAME in it where the address does not tell the org's name. None for what is no such address.
    """
    try:
        head = text[:_LONGEST]  # of a page's URL the host stands in front
        host = (urlsplit(head if "//" in head else f"//{head}").hostname or "").lower()
    except ValueError:
        return None
    for ending, login in _LOGINS:
        if f".{host}".endswith(ending):
            return f"https://{_org(host, ending)}.{login}"
    return None


def _org(host: Foreign, ending: str) -> str:
    """Return the org's name and, unless it is production, its partition."""
    name, *labels = f".{host}".removesuffix(ending).removeprefix(".").split(".")
    if host.endswith(_OF_PACKAGES) and "--" in name:
        name = name.rpartition("--")[0]
    if not _is_name(name):
        return "NAME"
    partition = next((label for label in labels if label in _PARTITIONS), "sandbox" if "--" in name else "")
    return f"{name}.{partition}" if partition else name


def _is_name(name: Foreign) -> bool:
    return _NAME.fullmatch(name) is not None
