"""What AWS's failures are called: by what happened, and denials by what was denied."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from sfmint.adapters.aws.errors import DENIALS, Asked, AwsError, Happened, happened, unavailable
from sfmint_values.aws_codes import LONGEST_CODE, NO_CODE, THROTTLED, code_of

TABLE = Asked(
    service="DynamoDB",
    action="to read",
    permission="dynamodb:GetItem",
    thing="the table tokens",
    key_parameter="TableKeyArn",
)
KEY = Asked(service="KMS", action="to encrypt", permission="kms:Encrypt", thing="the stack's KMS key")
PARAMETERS = Asked(
    service="Parameter Store",
    action="to write",
    permission="ssm:PutParameter",
    thing="the parameters under /sfmint/acme/cache",
)


def refusal(code: object, said: str = "", status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (ReadTimeoutError(endpoint_url="https://kms"), "KMS did not answer: ReadTimeoutError.", "in a VPC check"),
        (
            refusal("KMSInternalException", status=500),
            "KMS failed to encrypt: KMSInternalException.",
            "Health Dashboard",
        ),
        (refusal("502", status=502), "KMS failed to encrypt: 502.", "Health Dashboard"),
        (refusal("ThrottlingException"), "KMS asks for a pause: ThrottlingException.", "quotas"),
        (refusal("Odd", status=429), "KMS asks for a pause: Odd.", "quotas"),
        (refusal("ValidationException"), "KMS refused to encrypt: ValidationException.", "API Reference"),
    ],
)
def test_a_failure_is_told_by_what_happened(error: AwsError, cause: str, remedy: str) -> None:
    found = unavailable(KEY, error)
    assert found.cause == cause
    assert remedy in found.remedy
    assert not found.denied


@pytest.mark.parametrize(
    "error", [refusal("InternalServerError", status=500), refusal("ThrottlingException"), refusal("Odd")]
)
def test_only_silence_is_a_matter_of_the_network(error: AwsError) -> None:
    assert "VPC" not in unavailable(TABLE, error).remedy


@pytest.mark.parametrize(
    ("asked", "code", "said", "told"),
    [
        (TABLE, "AccessDeniedException", "", "Allow dynamodb:GetItem on the table tokens to the function's role"),
        (
            TABLE,
            "AccessDeniedException",
            "not authorized to perform: kms:Decrypt",
            "kms:Decrypt on the KMS key of the table tokens to the function's role",
        ),
        (
            TABLE,
            "AccessDeniedException",
            "KMS key access denied error: The ciphertext refers to a customer master key that does not exist",
            "TableKeyArn",
        ),
        (TABLE, "ResourceNotFoundException", "", "Look whether the table tokens still exists"),
        (TABLE, "UnrecognizedClientException", "", "role still exists"),
        (
            KEY,
            "AccessDeniedException",
            "not authorized to perform: kms:Encrypt",
            "Allow kms:Encrypt on the stack's KMS key",
        ),
        (KEY, "DisabledException", "", "Enable the stack's KMS key, or cancel its deletion"),
        (KEY, "KMSInvalidStateException", "", "Enable the stack's KMS key"),
        (KEY, "NotFoundException", "", "Look whether the stack's KMS key still exists"),
        (PARAMETERS, "AccessDeniedException", "", "Allow ssm:PutParameter on the parameters under /sfmint/acme/cache"),
        (
            PARAMETERS,
            "AccessDeniedException",
            "The ciphertext refers to a customer master key",
            "kms:Decrypt on the KMS key",
        ),
        (PARAMETERS, "InvalidKeyId", "", "Enable the KMS key of the parameters"),
    ],
)
def test_a_denial_is_told_by_what_was_denied(asked: Asked, code: str, said: str, told: str) -> None:
    found = unavailable(asked, refusal(code, said))
    assert found.denied
    assert told in found.remedy
    assert not said or said not in str(found)


@pytest.mark.parametrize("place", ["Message", "message"])
def test_a_denied_key_and_the_role_are_named_where_aws_names_them(place: str) -> None:
    key = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
    said = (
        "User: arn:aws-us-gov:sts::123456789012:assumed-role/acme-BrokerRole-1AbC/acme-token-broker is not authorized to"
        f" perform: kms:Decrypt on resource: {key} because no identity-based policy allows the kms:Decrypt action: canary"
    )
    error = refusal("AccessDeniedException")
    if place == "Message":
        error = refusal("AccessDeniedException", said)
    else:
        error.response["message"] = said  # type: ignore[typeddict-unknown-key]  # as our own client has it
    found = unavailable(TABLE, error)
    assert (
        f"kms:Decrypt on the KMS key of the table tokens ({key}) to the function's role (acme-BrokerRole-1AbC),"
        in str(found)
    )
    assert "canary" not in str(found)


@given(said=st.text() | st.text("arn:aws:kms:key/:assumed-role/x1-").map(lambda text: f"kms key {text}"))
def test_of_what_aws_says_only_a_key_and_a_role_are_shown(said: str) -> None:
    found = unavailable(TABLE, refusal("AccessDeniedException", f"{said} kms:Decrypt"))
    told = re.findall(r" \(((?!the stack's).*?)\)", found.remedy)
    assert all(re.fullmatch(r"arn:aws[\w:/-]+|[\w+=,.@-]{1,64}", name, re.ASCII) for name in told)


@pytest.mark.parametrize("code", sorted(DENIALS))
def test_every_denial_is_one_whatever_its_status_and_has_a_remedy_of_its_own(code: str) -> None:
    for status in (400, 403, 500):
        found = unavailable(PARAMETERS, refusal(code, status=status))
        assert found.denied
        assert "Call again" not in found.remedy


def test_no_code_is_both_a_denial_and_a_pause() -> None:
    assert not DENIALS & THROTTLED


@given(code=st.none() | st.integers() | st.binary() | st.text() | st.text("aZ9.", min_size=60, max_size=70))
def test_a_code_is_shown_only_if_it_is_one(code: object) -> None:
    shown = code_of(refusal(code))
    assert shown in {code, NO_CODE}
    assert len(shown) <= LONGEST_CODE
    assert shown == NO_CODE or (shown.isascii() and shown.replace(".", "").isalnum())


@given(
    answer=st.dictionaries(
        st.sampled_from(["Error", "ResponseMetadata", "message"]),
        st.none()
        | st.text()
        | st.integers()
        | st.dictionaries(
            st.sampled_from(["Code", "Message", "HTTPStatusCode"]), st.none() | st.text() | st.integers()
        ),
    )
)
def test_an_answer_of_any_form_is_something_that_has_happened(answer: Any) -> None:
    error = ClientError({}, "Operation")
    error.response = answer
    assert happened(error) in Happened
    assert unavailable(TABLE, error).cause.startswith("DynamoDB ")
