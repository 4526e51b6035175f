"""What Salesforce refuses for the sake of the request's form: path, query, body, size."""

from functools import partial

from sfmint_client.errors import SalesforceBadRequest
from sfmint_client.rest.refusals.meaning import Meaning, codes

_bad = partial(Meaning, error=SalesforceBadRequest)

LONGEST_HEAD = 16_384  # bytes that URL and headers may have together
SPLIT = (
    "Split the list of ids or fields over several requests, send the query inside of a POST to /composite, or use Bulk"
    " API 2.0, whose query stands in the body."
)

REQUEST = (
    _bad(
        codes=codes("INVALID_QUERY_LOCATOR INVALID_LOCATOR ASYNC_OPERATION_LOCATOR"),
        cause="The next page of a query is no longer kept, or never was.",
        remedy="Run the query again: its next page is no longer kept.",
    ),
    _bad(
        codes=codes("MALFORMED_QUERY INVALID_QUERY_FILTER_OPERATOR ENTITY_NOT_QUERYABLE"),
        cause="The SOQL cannot be read.",
        remedy="Correct the SOQL where the message points: its quotes, commas and the order of its clauses.",
    ),
    _bad(
        codes=codes("MALFORMED_SEARCH INVALID_SEARCH INVALID_SEARCH_SCOPE"),
        cause="The SOSL cannot be read.",
        remedy="Correct the SOSL where the message points; a term has at least two characters, and reserved ones a"
        " backslash before them.",
    ),
    _bad(
        codes=codes(
            "QUERY_TOO_COMPLICATED EXCEEDED_MAX_SEMIJOIN_SUBSELECTS EXCEEDED_MAX_SEMIJOIN_SUBSELECTS_WRITE"
            " EXCEEDED_MAX_FILTER_ENTITIES BIG_OBJECT_UNSUPPORTED_OPERATION ASYNC_QUERY_UNSUPPORTED_QUERY"
            " DATACLOUD_API_INVALID_QUERY_EXCEPTION DEPENDENCY_API_UNSUPPORTED_EXCEPTION FILTERED_LOOKUP_LIMIT_EXCEEDED"
        ),
        cause="The query is more than Salesforce takes at once, or of a kind that this object does not take.",
        remedy="Split the query, and filter by fewer formulas and subqueries.",
    ),
    _bad(
        codes=("INVALID_FIELD",),
        cause="The object has no such field, or the user may not see it.",
        remedy="Check the field's API name, and that field-level security lets the connection's user see it.",
    ),
    _bad(
        codes=codes("INVALID_TYPE INVALID_TYPE_FOR_OPERATION"),
        cause="There is no such object, or the user may not see it.",
        remedy="Check the object's API name, and that the connection's user may see the object.",
    ),
    _bad(
        codes=codes(
            "JSON_PARSER_ERROR XML_PARSER_ERROR POST_BODY_PARSE_ERROR ARGUMENT_OBJECT_PARSE_ERROR INVALID_INPUT_FORMAT"
            " INVALID_MULTIPART_REQUEST InvalidXML ClientInputError UNSUPPORTED_ATTACHMENT_ENCODING"
            " CONTENT_HUB_INVALID_PAYLOAD INVALID_SOAP_HEADER"
        ),
        cause="The body cannot be read as what its Content-Type says.",
        remedy="Correct the body where the message points, or name its true Content-Type.",
    ),
    _bad(
        codes=codes("UNSUPPORTED_MEDIA_TYPE INVALID_CONTENT_TYPE NOT_ACCEPTABLE"),
        cause="The resource does not take or give this type.",
        remedy="Name another type in the header Content-Type, or in Accept.",
    ),
    _bad(
        codes=("METHOD_NOT_ALLOWED",),
        cause="The resource does not take this method.",
        remedy="Correct the request: the header Allow, or GET of the resource above, says what it takes.",
    ),
    _bad(
        codes=codes(
            "EXCEEDED_ID_LIMIT EXCEEDED_MAX_SIZE_REQUEST EXCEEDED_MAX_TYPES_LIMIT EXCEEDED_MAX_SOBJECTS OPERATION_TOO_LARGE"
            " DELETE_OPERATION_TOO_LARGE EXCEEDED_LEAD_CONVERT_LIMIT TOO_MANY_RECORDS TOO_MANY_RECIPIENTS LIMIT_EXCEEDED"
            " INVALID_BATCH_SIZE PAYLOAD_SIZE_EXCEEDED MAX_LIMIT_EXCEEDED MAXIMUM_SIZE_OF_ATTACHMENT MAXIMUM_SIZE_OF_DOCUMENT"
            " IMAGE_TOO_LARGE MAXIMUM_CCEMAILS_EXCEEDED MAX_TASK_DESCRIPTION_EXCEEEDED MAX_TASK_DESCRIPTION_EXCEEDED"
            " CONTENT_IMAGE_SCALING_MAX_RENDITIONS_EXCEPTION"
        ),
        cause="The request holds more than Salesforce takes at once.",
        remedy="Send less at a time, or use Bulk API 2.0.",
    ),
    _bad(
        codes=codes(
            "INVALID_BATCH_REQUEST INVALID_BATCH_OPERATION INVALID_OPERATION InvalidOperation InvalidBatch InvalidJob"
            " INVALID_OPERATOR INVALID_FILTER_ACTION INVALID_INPUT INVALID_API_INPUT INVALID_INPUT_COMBINATION"
            " INVALID_PAGING_OPTION INVALID_SORT_OPTION ILLEGAL_QUERY_PARAMETER_VALUE INVALID_QUERY_SCOPE INVALID_QUERY_KEY"
            " INVALID_QUERY_VALUE INVALID_PACKAGE_VERSION INVALID_PAYLOAD_VERSION INVALID_PROVIDER_TYPE INVALID_EVENT_INPUT"
            " INVALID_EVENT_DELIVERY INVALID_EVENT_SUBSCRIPTION WRONG_CONTROLLER_TYPE"
        ),
        cause="The resource does not take a part of the request.",
        remedy="Correct what the message names; the resource's page in Salesforce's documentation lists what it takes.",
    ),
    _bad(
        codes=codes(
            "PROCESSING_HALTED BATCH_PROCESSING_HALTED ALL_OR_NONE_OPERATION_ROLLED_BACK EMAIL_NOT_PROCESSED_DUE_TO_PRIOR_ERROR"
            " OPERATION_ENQUEUED"
        ),
        cause="Another part of the same request failed, so this one was not carried out.",
        remedy="Correct the part that failed first: this one is only told of it.",
    ),
    _bad(
        statuses=(413,),
        cause="The body is longer than the resource takes.",
        remedy="Send less at a time, or use Bulk API 2.0.",
    ),
    _bad(
        statuses=(414, 431),
        cause=f"URL and headers are longer than {LONGEST_HEAD} bytes.",
        remedy=f"Salesforce takes {LONGEST_HEAD} bytes of URL and headers together. {SPLIT}",
    ),
    _bad(
        statuses=(428,),
        cause="The resource takes conditional requests only.",
        remedy="Read the record, and send its ETag in the header If-Match.",
    ),
)
