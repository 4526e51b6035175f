"""Where AWS's services answer, against the rules that botocore resolves endpoints by."""

from collections.abc import Iterator, Mapping

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider

from aws_operations import CLIENTS
from sfmint.aws_access import AwsAccess
from sfmint.settings import Settings
from sfmint_values.secret import Secret

ENVIRONMENT = {
    "SFMINT_STACK": "acme",
    "SFMINT_TABLE": "acme-Table-1",
    "SFMINT_KEY_ARN": "arn:aws:kms:a-region:123456789012:key/1",
    "SFMINT_MEMORY_TRUST_SECONDS": "30",
    "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
    "AWS_REGION": "a-region",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a secret key",
}


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
    isolated = {"us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"}
    assert {"us-east-1", "cn-north-1", "eusc-de-east-1", "us-gov-west-1"} | isolated <= set(ours)


def test_the_url_suffix_of_every_partition_is_one_that_a_start_accepts(aws_session: botocore.session.Session) -> None:
    loaded = aws_session.get_component("data_loader").load_data("partitions")["partitions"]
    for outputs in (partition["outputs"] for partition in loaded):
        environment = ENVIRONMENT | {"SFMINT_URL_SUFFIX": outputs["dnsSuffix"], "AWS_USE_DUALSTACK_ENDPOINT": "true"}
        url = Settings.from_environment(environment).aws.url("kms")
        assert url == f"https://kms.a-region.{outputs['dualStackDnsSuffix']}"


def test_a_services_own_endpoint_goes_before_the_one_of_all_and_that_before_awss() -> None:
    access = access_of("eu-central-1", "amazonaws.com", {"kms": "https://vpce-1.example", "": "http://aws.example"})
    assert access.url("kms") == "https://vpce-1.example"
    assert access.url("ssm") == "http://aws.example"
    assert access_of("eu-central-1", "amazonaws.com").url("ssm") == "https://ssm.eu-central-1.amazonaws.com"


def test_the_text_of_an_access_shows_no_secret() -> None:
    access = access_of("eu-central-1", "amazonaws.com")
    assert "a secret" not in f"{access} {access!r}"
