"""Where AWS's services answer, against the rules that botocore resolves endpoints by."""

from collections.abc import Iterator, Mapping

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider

from aws_operations import CLIENTS
from sfmint.aws_access import AwsAccess
from sfmint_values.secret import Secret


def access_of(region: str, url_suffix: str, endpoints: Mapping[str, str] | None = None, **switches: bool) -> AwsAccess:
    return AwsAccess(
        region=region,
        url_suffix=url_suffix,
        key_id="AKIAEXAMPLE",
        secret_key=Secret("a secret key"),
        session_token=Secret("a secret token"),
        endpoints=endpoints or {},
        **switches,
    )


@pytest.mark.parametrize("dual_stack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize("service", CLIENTS)
def test_a_service_answers_where_botocore_looks_for_it(
    service: str, aws_session: botocore.session.Session, *, fips: bool, dual_stack: bool
) -> None:
    loader = aws_session.get_component("data_loader")
    partitions = loader.load_data("partitions")
    rules = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)

    def places() -> Iterator[tuple[str, str]]:
        for partition in partitions["partitions"]:
            for region in partition["regions"]:
                if not region.endswith("-global"):  # a partition's own name for services that have no region
                    yield region, partition["outputs"]["dnsSuffix"]

    ours = {
        region: access_of(region, suffix, fips=fips, dual_stack=dual_stack).url(service) for region, suffix in places()
    }
    assert ours == {
        region: rules.resolve_endpoint(Region=region, UseDualStack=dual_stack, UseFIPS=fips).url
        for region, _ in places()
    }
    assert {"us-east-1", "cn-north-1", "eusc-de-east-1", "us-gov-west-1", "us-iso-east-1"} <= set(ours)


def test_a_services_own_endpoint_goes_before_the_one_of_all_and_that_before_awss() -> None:
    access = access_of("eu-central-1", "amazonaws.com", {"kms": "https://vpce-1.example", "": "http://aws.example"})
    assert access.url("kms") == "https://vpce-1.example"
    assert access.url("ssm") == "http://aws.example"
    assert access_of("eu-central-1", "amazonaws.com").url("ssm") == "https://ssm.eu-central-1.amazonaws.com"


def test_the_text_of_an_access_shows_no_secret() -> None:
    access = access_of("eu-central-1", "amazonaws.com")
    assert "a secret" not in f"{access} {access!r}"
