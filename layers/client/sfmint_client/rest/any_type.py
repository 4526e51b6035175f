"""Resources that answer whatever somebody put there: Apex REST, and the bytes of files.

Source: REST API Developer Guide, "sObject Blob Get" and "sObject Rich Text Image Get"; Connect REST API Developer Guide,
"Files"; Apex Developer Guide, "Exposing Apex Classes as REST Web Services".
"""

import re

from sfmint_client.errors import SalesforceBadRequest
from sfmint_client.rest.request import RestRequest
from sfmint_values.foreign import Foreign

_HTML = "text/html"
_REST = "/services/data/"
_FILE = re.compile(
    r"/services/data/[^/]++/(?:sobjects/\w++/\w{15,18}+/(?:(?:Body|VersionData|LogFile|ContentData)|richTextImageFields/\w++/\w++)"
    r"|(?:connect|chatter)/(?:\w++/){0,4}files/\w++/(?:content|rendition))"
)


def is_own_code(path: Foreign) -> bool:
    """Tell whether the org's own code answers at a path, as in Apex REST."""
    return not path.startswith(_REST)


def is_file(path: Foreign) -> bool:
    """Tell whether a path leads to the bytes of a file."""
    return _FILE.fullmatch(path) is not None


def asks_for_pages(request: RestRequest) -> bool:
    """Tell whether a request takes HTML."""
    asked = " ".join(value for name, value in request.headers.items() if name.lower() == "accept")
    return _HTML in asked or "*/*" in asked


def page_refused(request: RestRequest, status: int) -> SalesforceBadRequest:
    """Return the error of a page that code of the org answers and nobody asked for."""
    done = "" if request.is_repeatable else " It was carried out: do not send it again before you have looked."
    return SalesforceBadRequest(
        f"Salesforce answered {status} with a page of HTML, which nobody asked for.{done} If the class of Apex REST answers"
        " HTML, ask with the header Accept: text/html; else look at who answers at this path."
    )
