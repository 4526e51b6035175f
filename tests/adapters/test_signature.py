"""Signatures against botocore's own and against the examples that AWS publishes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from string import ascii_lowercase, ascii_uppercase, digits

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from sfmint.adapters.aws.signature import Signature
from sfmint.aws_access import AwsAccess
from sfmint_values.secret import Secret

HOST = {"host": "example.amazonaws.com"}

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just(" "))  # blanks are folded, so there are many
words = st.text(ascii_lowercase + digits + "-", min_size=1, max_size=20)
names = st.text(ascii_lowercase, min_size=1, max_size=9).map("x-{}".format)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them bare
accesses = st.builds(
    AwsAccess,
    region=words,
    url_suffix=st.just("amazonaws.com"),
    key_id=st.text(ascii_uppercase + digits, min_size=16, max_size=20),
    secret_key=texts.map(Secret),
    session_token=st.none() | st.text(min_size=1).map(Secret),
    endpoints=st.just({}),
)


def signed_by_botocore(
    access: AwsAccess, service: str, headers: Mapping[str, str], body: bytes, instant: datetime
) -> dict[str, str]:
    token = access.session_token.reveal() if access.session_token else None
    request = AWSRequest("POST", f"https://{headers['host']}/", dict(headers), body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: instant)
        SigV4Auth(Credentials(access.key_id, access.secret_key.reveal(), token), service, access.region).add_auth(
            request
        )
    return {name.lower(): value for name, value in request.headers.items()}


def assert_agree(
    access: AwsAccess, service: str, headers: Mapping[str, str], body: bytes, instants: Sequence[datetime]
) -> None:
    """Compare what one signature signs at several instants with what botocore signs then."""
    signature = Signature(access, service)
    for instant in instants:
        ours = signature.sign(headers, body, at=instant.timestamp())
        assert ours == signed_by_botocore(access, service, headers, body, instant)


@settings(deadline=None)
@given(accesses, words, st.dictionaries(names, texts), st.binary(), st.lists(instants, min_size=1, max_size=3))
def test_whatever_is_asked_is_signed_as_botocore_signs_it(
    access: AwsAccess, service: str, headers: dict[str, str], body: bytes, instants: list[datetime]
) -> None:
    assert_agree(access, service, headers | HOST, body, instants)


# Whose requests AWS's examples are.
EXAMPLE = AwsAccess(
    region="us-east-1",
    url_suffix="amazonaws.com",
    key_id="AKIDEXAMPLE",
    secret_key=Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    session_token=None,
    endpoints={},
)


def test_the_key_changes_with_the_day_and_back() -> None:
    evening, midnight = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    assert_agree(EXAMPLE, "kms", HOST, b"{}", [evening, evening, midnight, midnight, evening])


def test_a_second_that_has_begun_is_the_second_that_is_signed() -> None:
    at = datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=UTC)
    assert Signature(EXAMPLE, "kms").sign(HOST, b"", at=at.timestamp())["x-amz-date"] == "20261123T235959Z"


# The requests of AWS's "Signature Version 4 Test Suite" that are a POST to the root without a query.
@pytest.mark.parametrize(
    ("headers", "body", "signature"),
    [
        ({}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ({"my-header1": "value1"}, b"", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        ({"my-header1": "VALUE1"}, b"", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        (
            {"content-type": "application/x-www-form-urlencoded"},
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            {"content-type": "application/x-www-form-urlencoded; charset=utf8"},
            b"Param1=value1",
            "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
        ),
    ],
)
def test_the_examples_that_aws_publishes_are_met(headers: dict[str, str], body: bytes, signature: str) -> None:
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()
    authorization = Signature(EXAMPLE, "service").sign(headers | HOST, body, at=at)["authorization"]
    listed = ";".join(sorted({*headers, "host", "x-amz-date"}))
    assert authorization == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={listed}, Signature={signature}"
    )
