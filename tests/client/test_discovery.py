"""How a client finds the alias by the names of stack and connection."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.answers import an_answer
from client.conftest import MakeClient
from lambda_service import ACCOUNT, REGION, LambdaService, Refusal, alias_arn
from sfmint_client import TokenClient
from sfmint_client.errors import (
    AliasNotFound,
    BrokerUnavailable,
    ConnectionNotFound,
    DiscoveryForbidden,
    NotConfigured,
    SfmintError,
)

PARAMETER = "/sfmint/acme/connections/my-org/broker"


@pytest.fixture
def service(lambda_service: LambdaService) -> LambdaService:
    lambda_service.parameters[PARAMETER] = alias_arn()
    lambda_service.broker = lambda function, event: an_answer()
    return lambda_service


def refused(client: TokenClient) -> SfmintError:
    with pytest.raises(SfmintError) as caught:
        client.get_token()
    return caught.value


def test_the_alias_stands_in_parameter_store_and_is_read_once(make_client: MakeClient, service: LambdaService) -> None:
    client = make_client(stack="acme")

    client.get_token()
    client.get_token(min_ttl=900)

    assert service.reads == [PARAMETER]
    assert {call.function for call in service.invocations} == {alias_arn()}


def test_the_stack_may_stand_in_the_environment(
    make_client: MakeClient, service: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMINT_STACK", "acme")

    make_client(stack=None, alias_arn=None).get_token()

    assert service.reads == [PARAMETER]


def test_an_alias_that_is_given_is_not_looked_up(make_client: MakeClient, service: LambdaService) -> None:
    make_client(stack="acme", alias_arn=alias_arn(stack="other")).get_token()

    assert service.reads == []
    assert service.invocations[0].function == alias_arn(stack="other")


def test_an_alias_of_another_region_is_called_there(
    make_client: MakeClient, service: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    arn = alias_arn().replace("us-east-1", "eu-central-1")

    make_client(alias_arn=arn).get_token()

    assert service.invocations[0].function == arn


def test_without_stack_and_alias_the_client_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFMINT_STACK", raising=False)

    with pytest.raises(NotConfigured, match="SFMINT_STACK"):
        TokenClient("my-org")


def test_without_a_region_the_client_says_so(
    make_client: MakeClient, service: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)

    error = refused(make_client(stack="acme"))

    assert type(error) is NotConfigured
    assert "No AWS region is known. Set AWS_REGION" in str(error)


@pytest.mark.parametrize("region", ["eu-isoe-west-1", "us-isof-south-1"])
def test_a_region_without_endpoints_of_the_kind_that_is_asked_for_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    for variable in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_REGION", region)

    error = refused(TokenClient("my-org", stack="acme"))

    assert type(error) is NotConfigured
    assert "AWS_USE_DUALSTACK_ENDPOINT" in str(error)


def test_the_region_may_stand_where_lambda_sets_it(
    make_client: MakeClient, service: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "us-east-1")

    assert make_client(stack="acme").get_token().connection == "my-org"


def test_a_connection_that_the_stack_does_not_list_is_told_with_what_to_check(
    make_client: MakeClient, service: LambdaService
) -> None:
    error = refused(make_client("orders", stack="acme"))

    assert type(error) is ConnectionNotFound
    assert "/sfmint/acme/connections/orders/broker in region us-east-1" in str(error)
    assert "Connections" in str(error)
    assert service.invocations == []


def test_a_name_that_was_missing_is_looked_up_again(make_client: MakeClient, service: LambdaService) -> None:
    client = make_client("orders", stack="acme")

    refused(client)
    service.parameters["/sfmint/acme/connections/orders/broker"] = alias_arn("orders")
    service.broker = lambda function, event: an_answer(connection="orders")

    assert client.get_token().connection == "orders"


@pytest.mark.parametrize(
    "named",
    [
        alias_arn("other"),
        alias_arn(stack="other"),
        alias_arn(function="salesforce-request"),
        alias_arn(function="token-keeper"),
        alias_arn().replace(ACCOUNT, "999999999999"),
        alias_arn().replace(REGION, "eu-west-1"),
        alias_arn().replace("arn:aws:", "arn:aws-cn:"),
        alias_arn().replace(":my-org", ""),
        alias_arn().replace(":my-org", ":my-org:7"),
        alias_arn() + "\n",
        alias_arn().upper(),
        "00D000000000001!CANARY",
        "",
    ],
)
def test_only_the_stacks_own_alias_of_this_connection_is_believed(
    make_client: MakeClient, service: LambdaService, named: str
) -> None:
    """Whoever may write the parameter could otherwise hand out tokens of an org of their own."""
    service.parameters[PARAMETER] = named

    error = refused(make_client(stack="acme"))

    assert type(error) is AliasNotFound
    assert PARAMETER in str(error)
    assert "find out who wrote the parameter" in str(error)
    assert "Deploy" not in str(error)  # a deploy changes only what the template says anew
    assert "CANARY" not in str(error)
    assert service.invocations == []


PARTS = st.sampled_from([*alias_arn().split(":"), "999999999999", "eu-west-1", "aws-cn", "other", "live", ""])


@given(parts=st.lists(PARTS, min_size=7, max_size=9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_arn_is_believed(make_client: MakeClient, service: LambdaService, parts: list[str]) -> None:
    service.parameters[PARAMETER] = ":".join(parts)

    if service.parameters[PARAMETER] == alias_arn():
        make_client(stack="acme").get_token()
    else:
        assert type(refused(make_client(stack="acme"))) is AliasNotFound


@pytest.mark.parametrize("arn", ["", "arn:aws:ssm:us-east-1:123456789012:parameter/other", "parameter", None, 7])
def test_without_the_parameters_own_arn_its_value_is_not_believed(
    make_client: MakeClient, service: LambdaService, arn: object
) -> None:
    service.parameter_arn = arn

    assert type(refused(make_client(stack="acme"))) is AliasNotFound
    assert service.invocations == []


def test_an_alias_of_another_account_may_be_given(make_client: MakeClient, service: LambdaService) -> None:
    arn = alias_arn(stack="theirs").replace(ACCOUNT, "210987654321")

    make_client(stack="acme", alias_arn=arn).get_token()

    assert service.invocations[0].function == arn


def test_where_iam_hides_the_parameter_the_error_names_it_and_the_permission(
    make_client: MakeClient, service: LambdaService
) -> None:
    service.ssm_refusal = Refusal(400, "AccessDeniedException", "User: arn:aws:sts::1:x is not authorized")

    error = refused(make_client(stack="acme"))

    assert type(error) is DiscoveryForbidden
    assert PARAMETER in str(error)
    assert "acme-get-token-my-org-us-east-1 " in str(error)
    assert "alias_arn" in str(error)
    assert len(service.reads) == 1


def test_parameter_store_throttling_is_waited_out(make_client: MakeClient, service: LambdaService) -> None:
    """All functions of an account share forty reads a second."""
    service.ssm_refusal = Refusal(400, "ThrottlingException", "Rate exceeded")

    error = refused(make_client(stack="acme", deadline_s=1))

    assert type(error) is BrokerUnavailable
    assert "throttles" in str(error)
    assert len(service.reads) > 1


def test_parameter_store_that_does_not_answer_is_not_asked_again(
    make_client: MakeClient, service: LambdaService
) -> None:
    service.ssm_refusal = Refusal(500, "InternalServerError")

    assert type(refused(make_client(stack="acme"))) is BrokerUnavailable
    assert len(service.reads) == 1
