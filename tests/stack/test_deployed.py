"""What the deployed stack has, against the lists that it was given."""

from typing import Any

from sfmint_local.embedded_stack import STACK, EmbeddedStack


def aliases(stack: EmbeddedStack, function: str) -> set[str]:
    answer = stack.aws.functions.list_aliases(FunctionName=f"{STACK}-{function}", MaxItems=100)
    return {alias["Name"] for alias in answer["Aliases"]}


def test_an_admin_connection_has_an_alias_on_the_broker_and_none_for_requests(
    stack: EmbeddedStack, connection: str
) -> None:
    configuration = stack.aws.functions.get_function_configuration(FunctionName=f"{STACK}-token-broker")
    names = configuration["Environment"]["Variables"]["SFMINT_CONNECTIONS"].split(",")
    assert connection in names
    assert aliases(stack, "token-broker") == {*names, "live"}
    assert aliases(stack, "salesforce-request") == {*names, "live"} - {"admin-org"}
    assert aliases(stack, "token-keeper") == {"live", "observe"}
    assert aliases(stack, "key-rotation") == {"live"}


def test_no_function_is_told_of_a_place_of_aws_that_nobody_chose(stack: EmbeddedStack) -> None:
    for function in ("token-broker", "token-keeper", "salesforce-request", "key-rotation"):
        found = stack.aws.functions.get_function_configuration(FunctionName=f"{STACK}-{function}")
        variables = found["Environment"]["Variables"]
        assert [name for name in variables if name.startswith(("AWS_", "SSL_"))] == []


def test_no_key_of_the_customers_is_granted_where_none_is_named(stack: EmbeddedStack) -> None:
    [minting] = [
        policy
        for policy in stack.aws.iam.list_policies(Scope="Local")["Policies"]
        if "MintPolicy" in policy["PolicyName"]
    ]
    version = stack.aws.iam.get_policy_version(PolicyArn=minting["Arn"], VersionId=minting["DefaultVersionId"])
    document: Any = version["PolicyVersion"]["Document"]
    said = {statement["Sid"] for statement in document["Statement"]}
    assert not {"OpenTable", "OpenSecrets", "ProxySecret"} & said
