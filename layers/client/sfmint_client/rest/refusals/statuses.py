"""What a status alone means, where Salesforce gives no code that is known here."""

from sfmint_client.errors import (
    SalesforceBadRequest,
    SalesforceConflict,
    SalesforceForbidden,
    SalesforceNotFound,
    SalesforceRateLimited,
    SalesforceUnavailable,
)
from sfmint_client.rest.refusals.meaning import Again, Meaning

STATUSES = (
    Meaning(
        statuses=(300,),
        error=SalesforceConflict,
        cause="Several records have this external id.",
        remedy="Make the external id unique: several records have this one.",
    ),
    Meaning(
        statuses=(401,),
        error=SalesforceForbidden,
        cause="Salesforce refuses the session.",
        remedy="If there is no reason, as with HEAD, ask by GET; else look at the app's scopes and policies, and at the"
        " user.",
    ),
    Meaning(
        statuses=(403,),
        error=SalesforceForbidden,
        cause="The connection's user may not do this.",
        remedy="Give the connection's user the permission, or ask for something else.",
    ),
    Meaning(
        statuses=(404,),
        error=SalesforceNotFound,
        cause="Salesforce has no such resource or record, or does not show it to the user.",
        remedy="Check the path, and that the connection's user may see the record.",
    ),
    Meaning(
        statuses=(408,),
        error=SalesforceUnavailable,
        again=Again.IF_REPEATABLE,
        cause="The request took too long on its way.",
        remedy="Call again; if it lasts, look at the network and at proxies.",
    ),
    Meaning(
        statuses=(409,),
        error=SalesforceConflict,
        cause="The record's state does not allow the request.",
        remedy="Read the record again and decide anew.",
    ),
    Meaning(
        statuses=(410,),
        error=SalesforceNotFound,
        cause="The resource is retired, as old versions of the API are.",
        remedy="Name a newer version in the path: GET /services/data/ lists them.",
    ),
    Meaning(
        statuses=(412,),
        error=SalesforceConflict,
        cause="The record is not in the state that a header of the request wants.",
        remedy="The record has changed: read it again and decide anew.",
    ),
    Meaning(
        statuses=(420,),
        error=SalesforceUnavailable,
        again=Again.IF_REPEATABLE,
        cause="Salesforce Edge does not know where to send requests for this host.",
        remedy="Call again later; if the org has just moved, flush the connection's token.",
    ),
    Meaning(
        statuses=(429,),
        error=SalesforceRateLimited,
        again=Again.IF_REPEATABLE,
        cause="Requests come faster than Salesforce takes them.",
        remedy="Call less often, or later.",
    ),
    Meaning(
        statuses=(3,),
        error=SalesforceUnavailable,
        cause="Salesforce sends the request elsewhere.",
        remedy="Redirects are not followed; if the org has moved to another host, flush the connection's token, and the"
        " next one names it.",
    ),
    Meaning(
        statuses=(4,),
        error=SalesforceBadRequest,
        cause="Salesforce finds an error in the request or in its data.",
        remedy="Correct the request; the same one is refused again.",
    ),
    Meaning(
        statuses=(5,),
        error=SalesforceUnavailable,
        again=Again.IF_REPEATABLE,
        cause="Salesforce met a fault of its own, or is not available.",
        remedy="Call again later; status.salesforce.com tells of outages.",
    ),
    Meaning(
        error=SalesforceUnavailable,
        cause="Salesforce never answers with this status.",
        remedy="No server of Salesforce answers so: look at proxies on the way.",
    ),
)
