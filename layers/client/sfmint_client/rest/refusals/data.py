"""What Salesforce refuses for the sake of the request's data: the same request is refused again."""

from functools import partial

from sfmint_client.errors import SalesforceBadRequest, SalesforceConflict, SalesforceNotFound
from sfmint_client.rest.refusals.meaning import Meaning, codes

_bad = partial(Meaning, error=SalesforceBadRequest)
_conflict = partial(Meaning, error=SalesforceConflict)
_missing = partial(Meaning, error=SalesforceNotFound)

DATA = (
    _bad(
        codes=codes("DUPLICATE_VALUE DUPLICATE_EXTERNAL_ID DUPLICATE_USERNAME DUPLICATE_COMM_NICKNAME"),
        cause="Another record has this value in a field whose values must differ.",
        remedy="Another record has this value in a unique field: update that one, or send another value.",
    ),
    _bad(
        codes=codes(
            "DUPLICATE_CASE_SOLUTION DUPLICATE_CUSTOM_ENTITY_DEFINITION DUPLICATE_CUSTOM_TAB_MOTIF CUSTOM_INDEX_EXISTS"
            " DUPLICATE_DEVELOPER_NAME DUPLICATE_MASTER_LABEL DUPLICATE_SENDER_DISPLAY_NAME DUPLICATE_ARGUMENT_VALUE"
            " NONUNIQUE_SHIPPING_ADDRESS PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT SUBDOMAIN_IN_USE"
            " ORDER_MANAGEMENT_RECORD_EXISTS ENVIRONMENT_HUB_MEMBERSHIP_USER_ALREADY_IN_HUB"
            " CONTENT_ALREADY_AN_ASSET_EXCEPTION TOO_MANY_POSSIBLE_USERS_EXIST CONFLICTING_SSO_USER_MAPPING"
            " CONFLICTING_ENVIRONMENT_HUB_MEMBER ENVIRONMENT_HUB_MEMBERSHIP_CONFLICT"
        ),
        cause="There is such a thing already, and there may be one only.",
        remedy="Use the one that is there, or send another name.",
    ),
    _bad(
        codes=("DUPLICATES_DETECTED",),
        cause="A duplicate rule of the org takes the record for one that exists.",
        remedy="Update the record that the message names, or allow the duplicate (Sforce-Duplicate-Rule-Header).",
    ),
    _bad(
        codes=codes(
            "REQUIRED_FIELD_MISSING MISSING_ARGUMENT ID_REQUIRED INVALID_EMPTY_KEY_OWNER ASSIGNEE_TYPE_REQUIRED"
        ),
        cause="A required value is missing.",
        remedy="Send the fields that the message lists; a default of the page layout does not count.",
    ),
    _bad(
        codes=codes(
            "FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION RELATED_ENTITY_FILTER_VALIDATION_EXCEPTION"
            " FIELD_MODERATION_RULE_BLOCK FIELD_KEYWORD_LIST_MATCH_LIMIT ENTITY_SAVE_VALIDATION_ERROR ENTITY_SAVE_ERROR"
        ),
        cause="A rule that the org's administrators made refuses the record.",
        remedy="Send values that the rule takes: the message has its words; else have its author change it.",
    ),
    _bad(
        codes=codes(
            "FIELD_INTEGRITY_EXCEPTION CLONE_FIELD_INTEGRITY_EXCEPTION INVALID_CROSS_REFERENCE_KEY CIRCULAR_DEPENDENCY"
            " INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD INVALID_ID_FIELD MALFORMED_ID CIRCULAR_OBJECT_GRAPH UNAVAILABLE_REF"
            " UNAVAILABLE_RECORDTYPE_EXCEPTION INVALID_ASSIGNMENT_RULE PA_INVALID_ID_EXCEPTION INVALID_MESSAGE_ID_REFERENCE"
            " CANNOT_RESOLVE_NAME INVALID_SETUP_OWNER INVALID_OWNER INVALID_DATA_CATEGORY_GROUP_REFERENCE"
            " INVALID_DATASET_REFERENCE_INPUT BAD_CUSTOM_ENTITY_PARENT_DOMAIN"
        ),
        cause="An id in the request belongs to no record that may stand there.",
        remedy="Check the ids: that each is of the right object and org, and that the connection's user may see the record.",
    ),
    _bad(
        codes=codes("INACTIVE_OWNER_OR_USER MANAGER_NOT_DEFINED NO_SUCH_USER_EXISTS NO_INACTIVE_DIVISION_MEMBERS"),
        cause="The record's owner, or another user that it names, is inactive or missing.",
        remedy="Name an active user, or activate the one that the message names.",
    ),
    _bad(
        codes=codes(
            "STRING_TOO_LONG NUMBER_OUTSIDE_VALID_RANGE INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INVALID_EMAIL_ADDRESS"
            " INVALID_ARGUMENT_TYPE INVALID_TYPE_ON_FIELD_IN_RECORD INVALID_DATE_FORMAT INVALID_CURRENCY_ISO"
            " INVALID_CURRENCY_CONV_RATE INVALID_CURRENCY_CORP_RATE INVALID_CREDIT_CARD_INFO INVALID_INET_ADDRESS"
            " TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET TOO_MANY_ENUM_VALUE INVALID_STATUS INVALID_FILTER_VALUE"
            " INVALID_LOCALE_LANGUAGE INVALID_FILTER_LANGUAGE INVALID_SIGNUP_COUNTRY INVALID_SIGNUP_OPTION WEBLINK_URL_INVALID"
            " INVALID_DATA_URI INVALID_GOOGLE_DOCS_URL EXCHANGE_WEB_SERVICES_URL_INVALID UNSAFE_HTML_CONTENT INVALID_MARKUP"
            " INVALID_TEXT_REPRESENTATION INVALID_REPLICATION_DATE INVALID_SUBDOMAIN INVALID_NAMESPACE_PREFIX"
            " INVALID_ACCESS_LEVEL INVALID_ASSIGNEE_TYPE INVALID_RUNTIME_VALUE INVALID_KEY_FIELD_INPUT INVALID_EXTENSION_ID"
            " PA_URI_SYNTAX_EXCEPTION METADATA_FIELD_UPDATE_ERROR"
        ),
        cause="A field does not take the value that was sent.",
        remedy="Send a value of the field's type, length and picklist: the message names the field.",
    ),
    _bad(
        codes=codes(
            "INVALID_FIELD_FOR_INSERT_UPDATE INVALID_FIELD_WHEN_USING_TEMPLATE INVALID_SAVE_AS_ACTIVITY_FLAG"
            " INVALID_PERSON_ACCOUNT_OPERATION INVALID_ENTITY_FOR_UPSERT INVALID_LINEITEM_CLONE_STATE FIELD_MAPPING_ERROR"
            " INVALID_MASTER_OR_TRANSLATED_SOLUTION CUSTOM_METADATA_REL_FIELD_MANAGEABILITY"
        ),
        cause="The request names a field, or a kind of record, that this operation does not take.",
        remedy="Leave out the fields that the message names, such as an id in a create or in an upsert's body.",
    ),
    _bad(
        codes=codes(
            "ENTITY_IS_LOCKED CANNOT_UPDATE_CONVERTED_LEAD CANNOT_REPARENT_RECORD ALREADY_IN_PROCESS ENTITY_IS_ARCHIVED"
            " CANNOT_CASCADE_PRODUCT_ACTIVE CANNOT_POST_TO_ARCHIVED_GROUP STATE_TRANSITION_NOT_ALLOWED INVALID_REQUEST_STATE"
            " NO_APPLICABLE_PROCESS INVALID_PARTNER_NETWORK_STATUS CANT_DISABLE_CORP_CURRENCY CANT_UNSET_CORP_CURRENCY"
            " CANNOT_DEACTIVATE_DIVISION InvalidJobState FAILED_ACTIVATION STANDARD_PRICE_NOT_DEFINED INACTIVE_RULE_ERROR"
            " PRIVATE_CONTACT_ON_ASSET CLONE_NOT_SUPPORTED USER_OWNS_PORTAL_ACCOUNT_EXCEPTION USER_WITH_APEX_SHARES_EXCEPTION"
            " PORTAL_USER_CREATION_RESTRICTED_WITH_ENCRYPTION TEMPLATE_NOT_ACTIVE"
        ),
        cause="The record is in a state in which this change is not allowed, such as locked by an approval.",
        remedy="Bring it into another state first, for instance end the approval, or leave it as it is.",
    ),
    _bad(
        codes=codes(
            "DELETE_FAILED DEPENDENCY_EXISTS CANNOT_DELETE_ENTITY CANNOT_DELETE_OWNER CANNOT_DELETE_MANAGED_OBJECT"
            " CANNOT_DELETE_GLOBAL_ACTION_LIST CANNOT_DELETE_LAST_DATED_CONVERSION_RATE CHILD_SHARE_FAILS_PARENT"
            " SHARE_NEEDED_FOR_CHILD_OWNER DELETE_REQUIRED_ON_CASCADE HAS_PUBLIC_REFERENCES UNDELETE_FAILED MERGE_FAILED"
            " INVALID_SITE_DELETE_EXCEPTION"
        ),
        cause="Other records or settings depend on this one, so it stays.",
        remedy="Remove or change what the message names first.",
    ),
    _missing(
        codes=("ENTITY_IS_DELETED",),
        cause="The record is deleted.",
        remedy="Forget the record, or restore it from the Recycle Bin.",
    ),
    _missing(
        codes=codes(
            "NOT_FOUND MISSING_RECORD RECORD_NOT_FOUND ITEM_NOT_FOUND CATEGORY_NOT_FOUND INDEX_NOT_FOUND PRODUCT_NOT_FOUND"
            " WEBSTORE_NOT_FOUND TEMPLATE_NOT_FOUND PRICE_NOT_FOUND LIST_PRICE_NOT_FOUND CONTENT_TYPE_NOT_FOUND"
            " CONTENT_HUB_FILE_NOT_FOUND_EXCEPTION CONTENT_HUB_OBJECT_NOT_FOUND_EXCEPTION PA_NO_DATA_FOUND_EXCEPTION"
            " CONTENT_HUB_ITEM_TYPE_NOT_FOUND_EXCEPTION CONTENT_HUB_FILE_HAS_NO_URL_EXCEPTION DATA_INTEGRATION_NOT_FOUND"
            " DATACLOUDADDRESS_NO_RECORDS_FOUND ORDER_MANAGEMENT_RECORD_NOT_FOUND SOCIAL_ACCOUNT_NOT_FOUND"
            " SOCIAL_PERSONA_NOT_FOUND SOCIAL_POST_NOT_FOUND InvalidUrl"
        ),
        cause="Salesforce has no such resource or record, or does not show it to the user.",
        remedy="Check the path, and that the connection's user may see the record.",
    ),
    _missing(
        codes=("UNSUPPORTED_API_VERSION",),
        cause="The version of the API in the path is none, or no longer.",
        remedy="Name a newer version in the path: GET /services/data/ lists them.",
    ),
    _conflict(
        codes=codes("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE MODIFIED COLLISION_DETECTED MISMATCHING_VERSIONS"),
        cause="Somebody else has changed the record since it was read.",
        remedy="The record has changed: read it again and decide anew.",
    ),
    _conflict(
        codes=("MULTIPLE_RECORDS_FOUND",),
        cause="Several records have this external id.",
        remedy="Make the external id unique: several records have this one.",
    ),
    _conflict(
        codes=codes("NOT_MODIFIED PRECONDITION_FAILED MATCH_PRECONDITION_FAILED"),
        cause="The record is not in the state that a header of the request wants.",
        remedy="The record has changed: read it again and decide anew.",
    ),
    _bad(
        codes=codes("STORAGE_LIMIT_EXCEEDED FILE_SIZE_LIMIT_EXCEEDED"),
        cause="The org's storage is full, or the file is too large for it.",
        remedy="Look in Setup, under Storage Usage: free storage or buy more.",
    ),
)
