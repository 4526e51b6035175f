"""What passes by itself: locks, load, maintenance, limits. Of a whole refusal nothing was written.

Where Salesforce documents that it refuses before it works, or takes all back, even a write is sent again.
"""

from functools import partial

from sfmint_client.errors import SalesforceBusy, SalesforceRateLimited, SalesforceUnavailable
from sfmint_client.rest.refusals.meaning import Again, Meaning, codes

_refused_before = partial(Meaning, error=SalesforceBusy, again=Again.ALWAYS)
_ended = partial(Meaning, error=SalesforceBusy, again=Again.IF_REPEATABLE)
_outage = partial(Meaning, error=SalesforceUnavailable, again=Again.IF_REPEATABLE)
_used_up = partial(Meaning, error=SalesforceRateLimited)

PASSING = (
    _ended(  # the code is that of a trigger, class or flow, which has met the lock
        codes=codes(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_EXECUTE_FLOW_TRIGGER APEX_ERROR CUSTOM_APEX_ERROR FLOW_EXCEPTION"
            " FIELD_CUSTOM_VALIDATION_EXCEPTION"
        ),
        words=("unable_to_lock_row", "unable to obtain exclusive access"),
        cause="A trigger, class or flow of the org met a record that somebody else is changing.",
        remedy="Send it again after a pause, and do not write children of one parent in parallel.",
    ),
    _refused_before(
        codes=("UNABLE_TO_LOCK_ROW",),
        cause="Somebody else is changing the record or its parent, so nothing was written.",
        remedy="Send it again after a pause, and do not write children of one parent in parallel.",
    ),
    _ended(
        codes=("TooManyLockFailure",),
        cause="Too many records of the batch, or their parents, were being changed by somebody else.",
        remedy="Send again what the job's failed results name; sort rows by their parent, or process the job serially.",
    ),
    _refused_before(
        codes=("REQUEST_LIMIT_EXCEEDED",),
        words=("concurrent",),
        cause="Too many long requests run in the org at once, so this one was not begun.",
        remedy="Call again; if it lasts, send fewer in parallel, and make the queries shorter.",
    ),
    _used_up(
        codes=codes("REQUEST_LIMIT_EXCEEDED EXCEEDED_QUOTA ExceededQuota"),
        cause="The org's quota of API requests is used up.",
        remedy="The org's API requests are used up: wait, and find out in Setup, under API usage, who uses them.",
    ),
    _refused_before(
        codes=("TOO_MANY_APEX_REQUESTS",),
        cause="Too many long Apex transactions run in the org at once, so this one was not begun.",
        remedy="Call again; if it lasts, send fewer in parallel, and have slow triggers and classes made quicker.",
    ),
    _refused_before(
        codes=codes(
            "API_CURRENTLY_DISABLED ORG_IN_MAINTENANCE ORG_IS_SIGNING_UP"
            " INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
        ),
        cause="Salesforce maintains the org or a part of it, and refuses requests meanwhile.",
        remedy="Call again in some minutes; status.salesforce.com tells how long it will last.",
    ),
    _ended(
        codes=codes("QUERY_TIMEOUT"),
        cause="Salesforce has ended a query that took more than two minutes.",
        remedy="Call again; if it lasts, filter by an indexed field, ask for fewer rows, or use Bulk API 2.0.",
    ),
    _ended(
        codes=codes("REQUEST_RUNNING_TOO_LONG REALTIME_PROCESSING_TIME_EXCEEDED_LIMIT Timeout"),
        cause="Salesforce has ended a request that ran too long.",
        remedy="Call again; if it lasts, send less at a time, or use Bulk API 2.0.",
    ),
    _ended(
        codes=codes("TERRITORY_REALIGN_IN_PROGRESS DATAASSESSMENT_CONFIG_ASSESSMENT_IN_PROGRESS_ERROR"),
        cause="The org recalculates something that the request needs.",
        remedy="Call again in some minutes, when it is done.",
    ),
    _ended(
        codes=codes("RECORD_IN_USE_BY_WORKFLOW"),
        cause="A workflow is busy with the record.",
        remedy="Send it again after a pause; if it lasts, look at the record's time-based workflows.",
    ),
    _ended(
        codes=codes(
            "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE SSO_SERVICE_DOWN PLATFORM_EVENT_PUBLISHING_UNAVAILABLE"
            " PLATFORM_EVENT_PUBLISH_FAILED DATACLOUD_API_SERVER_BUSY_EXCEPTION DATACLOUD_API_TIMEOUT_EXCEPTION"
            " DATACLOUD_API_UNAVAILABLE SOCIALCRM_FEEDSERVICE_API_UNAVAILABLE MATCH_SERVICE_TIMED_OUT"
            " MATCH_SERVICE_UNAVAILABLE_ERROR CONTENT_HUB_TIMEOUT_EXCEPTION CONTENT_IMAGE_SCALING_TIMEOUT_EXCEPTION"
            " EMAIL_EXTERNAL_TRANSPORT_CONNECTION_ERROR EMAIL_EXTERNAL_TRANSPORT_TOO_MANY_REQUESTS_ERROR"
            " SALESFORCE_INBOX_TRANSPORT_CONNECTION_ERROR TXN_SECURITY_METERING_ERROR XCLEAN_DJ_MATCH_RETRIABLE_ERROR"
        ),
        cause="A part of Salesforce that the request needs is not available for the moment.",
        remedy="Call again later; if it lasts, look at status.salesforce.com.",
    ),
    _outage(
        codes=codes("SERVER_UNAVAILABLE"),
        cause="A server that the request needs is not available.",
        remedy="Call again later; status.salesforce.com tells of outages.",
    ),
    _outage(
        codes=codes(
            "UNKNOWN_EXCEPTION INTERNAL_ERROR INTERNAL_SERVER_ERROR UNKNOWN_ATTACHMENT_EXCEPTION INTERNAL_CANVAS_ERROR"
            " CONTENT_HUB_UNEXPECTED_EXCEPTION CONTENT_IMAGE_SCALING_UNKNOWN_EXCEPTION DATACLOUDADDRESS_SERVER_ERROR"
            " DATACLOUD_API_SERVER_EXCEPTION SOCIALCRM_FEEDSERVICE_API_SERVER_EXCEPTION DATA_INTEGRATION_SERVER_ERROR"
            " LICENSING_UNKNOWN_ERROR XCLEAN_UNEXPECTED_ERROR XCLEAN_DJ_MATCH_INTERNAL_DJ_ERROR"
            " XCLEAN_DJ_MATCH_UNKNOWN_ERROR CLEAN_SERVICE_ERROR MATCH_SERVICE_ERROR MATCH_RUNTIME_ERROR"
            " DATAASSESSMENT_CONFIG_SERVICE_ERROR DATACLOUDADDRESS_PROCESSING_ERROR ERROR_IN_MAILER"
            " SALESFORCE_INBOX_TRANSPORT_UNKNOWN_ERROR EMAIL_EXTERNAL_TRANSPORT_UNKNOWN_ERROR Unknown"
        ),
        cause="Salesforce met a fault of its own.",
        remedy="Call again later; if it lasts, give Salesforce's support the number in the message.",
    ),
    _outage(
        codes=codes(
            "EXTERNAL_OBJECT_CONNECTION_EXCEPTION EXTERNAL_SERVICE_CONNECTION_EXCEPTION EXTERNAL_OBJECT_EXCEPTION"
            " EXTERNAL_SERVICE_EXCEPTION FEDERATED_SEARCH_ERROR"
        ),
        cause="A system outside Salesforce, which the org asks for this request, does not answer as it should.",
        remedy="Call again later; if it lasts, look in Setup at the external data source or service.",
    ),
    _used_up(
        codes=codes(
            "TOO_MANY_JOBS MASS_MAIL_LIMIT_EXCEEDED SINGLE_EMAIL_LIMIT_EXCEEDED MASSMAIL_RETRY_LIMIT_EXCEEDED"
            " EMAIL_TO_CASE_LIMIT_EXCEEDED EMAIL_BATCH_SIZE_LIMIT_EXCEEDED REPORT_EXPORT_LIMIT_EXCEEDED"
            " JIGSAW_IMPORT_LIMIT_EXCEEDED INSUFFICIENT_CREDITS"
        ),
        cause="A quota of the org, other than that of API requests, is used up.",
        remedy="Wait until it is filled up again: the message names it, Setup shows it.",
    ),
    _ended(
        words=("temporarily unavailable", "under maintenance", "in maintenance", "server is too busy"),
        cause="Salesforce says that it is not available for the moment.",
        remedy="Call again later; if it lasts, look at status.salesforce.com.",
    ),
)
