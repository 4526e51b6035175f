"""The small values that core and client share."""

import logging
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import example, given
from hypothesis import strategies as st

from sfmint import errors as core_errors
from sfmint.adapters.aws.errors import DENIALS
from sfmint.use_cases.mint_time import WORST_CASE_S
from sfmint_client import errors as client_errors
from sfmint_values.alias_arn import alias_parts
from sfmint_values.aws_codes import ACCESS_DENIED, NO_CODE, code_of, shown_code
from sfmint_values.connection_name import is_connection_name
from sfmint_values.error_names import AGAIN
from sfmint_values.foreign import plain_name
from sfmint_values.hosts import listed_hosts
from sfmint_values.invoke_limits import LOGIN_S
from sfmint_values.library_logs import keep_requests_out

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:acme-token-broker:orders"


@pytest.mark.parametrize("errors", [core_errors, client_errors], ids=["core", "client"])
def test_both_sides_have_a_class_of_each_name_with_its_retry_class(errors: object) -> None:
    for name, again in AGAIN.items():
        kind = getattr(errors, name)
        assert (kind.retryable, kind.after_a_pause) == (again != "no", again == "after a pause")


def test_every_error_of_the_core_is_one_of_the_shared_names() -> None:
    assert {kind.__name__ for kind in core_errors.SfmintError.__subclasses__()} == set(AGAIN)


def test_the_client_waits_as_long_as_two_exchanges_may_take() -> None:
    assert LOGIN_S > 2 * WORST_CASE_S


def test_the_arn_of_an_alias_has_its_parts() -> None:
    assert alias_parts(ARN) == ("eu-central-1", "acme-token-broker", "orders")


@pytest.mark.parametrize("part", range(8))
@given(other=st.text("ab-_$:. \n7é٣", max_size=14))
def test_an_arn_with_another_part_is_one_of_its_form_or_none(part: int, other: str) -> None:
    parts = ARN.split(":")
    parts[part] = other
    if (found := alias_parts(":".join(parts))) is not None:
        assert found == (parts[3], parts[6], parts[7])
        assert all(set(word) <= set("ab-_7acme-token-brokerordersu-central1") for word in found)


@pytest.mark.parametrize("name", ["a", "my-org", "a" * 32, "live-2", "a1"])
def test_a_connection_may_be_called(name: str) -> None:
    assert is_connection_name(name)


@pytest.mark.parametrize("name", ["", "live", "My-org", "1a", "-a", "a" * 33, "a\n", "a_b", "é"])
def test_a_connection_may_not_be_called(name: str) -> None:
    assert not is_connection_name(name)


@given(st.text())
def test_a_name_is_shown_only_if_it_is_plain(name: str) -> None:
    shown = plain_name(name)
    assert shown in {name, "(not a name)"}
    assert shown.isascii()
    assert len(shown) <= 40


@pytest.mark.parametrize("name", ["00Dxx0000000001!AQ0", "a b", "", "x" * 41, "min-ttl"])
def test_what_is_no_plain_name_is_not_shown(name: str) -> None:
    assert plain_name(name) == "(not a name)"


def test_listed_hosts_are_read_alike_in_any_case_and_with_the_usual_port() -> None:
    assert listed_hosts(" Login.Example.com:443, org.example:8443,,") == {"login.example.com", "org.example:8443"}
    assert listed_hosts("") == frozenset()


def test_a_code_is_awss_own_or_the_name_of_what_botocore_raised() -> None:
    assert code_of(ClientError({"Error": {"Code": "Throttling"}}, "Invoke")) == "Throttling"
    assert code_of(ClientError({}, "Invoke")) == NO_CODE
    assert code_of(EndpointConnectionError(endpoint_url="https://x")) == "EndpointConnectionError"


@given(st.text() | st.none() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
@example("00D000000000001!AQ0AQ")
@example("a" * 65)
@example("")
@example("Throttling\n")
@example("\N{LATIN SMALL LETTER E WITH ACUTE}")
def test_a_code_is_short_and_of_letters_digits_and_dots(code: Any) -> None:
    shown = code_of(ClientError({"Error": {"Code": code}}, "Invoke"))

    assert shown == NO_CODE or re.fullmatch(r"[A-Za-z0-9.]{1,64}", shown)
    assert shown in (NO_CODE, code)


@pytest.mark.parametrize("code", ["Lambda.Unknown", "500", "InvalidLaunchTemplateName.MalformedException"])
def test_awss_codes_are_shown(code: str) -> None:
    assert shown_code(code) == code
    assert code_of(ClientError({"Error": {"Code": code}}, "Invoke")) == code


def test_what_denies_everywhere_denies_the_core_too() -> None:
    assert ACCESS_DENIED < DENIALS


def test_libraries_print_no_requests_at_debug() -> None:
    for name in ("boto3", "botocore", "requests", "urllib3"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    keep_requests_out()
    for name in ("botocore.parsers", "urllib3.connectionpool"):
        assert logging.getLogger(name).getEffectiveLevel() == logging.INFO
