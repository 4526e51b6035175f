"""What the policies for people let them do, as the embedded AWS evaluates them: one resource a call, for it answers the first only."""

import json
from typing import Any

import pytest

from sfmint_local.embedded_aws import REGION
from sfmint_local.embedded_stack import EmbeddedStack

LAMBDA = f"arn:aws:lambda:{REGION}:000000000000:function:sfmint-"
LOGS = f"arn:aws:logs:{REGION}:000000000000:log-group:/aws/lambda/sfmint-"
SECRET = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:sfmint/sfmint/orders-aB3dE6"
KEY = f"arn:aws:kms:{REGION}:000000000000:key/00000000-0000-0000-0000-000000000001"
PARAMETER = f"arn:aws:ssm:{REGION}:000000000000:parameter/sfmint/sfmint/cache/t1/orders/1"
TABLE = f"arn:aws:dynamodb:{REGION}:000000000000:table/sfmint-Table-ABC"
OTHERS_LOGS = f"arn:aws:logs:{REGION}:000000000000:log-group:/aws/lambda/other:*"

NOBODY = [  # of the two
    ("lambda:InvokeFunction", f"{LAMBDA}token-broker:orders"),
    ("lambda:InvokeFunction", f"{LAMBDA}salesforce-request:orders"),
    ("lambda:InvokeFunction", f"{LAMBDA}token-keeper"),
    ("lambda:InvokeFunction", f"{LAMBDA}key-rotation"),
    ("lambda:InvokeFunction", f"{LAMBDA}token-broker:admin-apps"),
    ("lambda:UpdateFunctionCode", f"{LAMBDA}token-broker"),
    ("secretsmanager:RotateSecret", SECRET),
    ("secretsmanager:GetSecretValue", SECRET),
    ("secretsmanager:PutSecretValue", SECRET),
    ("kms:Decrypt", KEY),
    ("kms:Sign", KEY),
    ("ssm:PutParameter", PARAMETER),
    ("dynamodb:GetItem", TABLE),
    ("dynamodb:UpdateItem", TABLE),
    ("logs:FilterLogEvents", OTHERS_LOGS),
    ("iam:PassRole", "arn:aws:iam::000000000000:role/any"),
]
MAY = {
    "operate": [
        ("lambda:InvokeFunction", f"{LAMBDA}token-keeper:live"),
        ("lambda:InvokeFunction", f"{LAMBDA}key-rotation:live"),
        ("logs:FilterLogEvents", f"{LOGS}token-broker:*"),
        ("lambda:InvokeFunction", f"{LAMBDA}key-rotation:live"),
        ("logs:StartQuery", f"{LOGS}salesforce-request:*"),
        ("logs:FilterLogEvents", f"{LOGS}key-rotation:*"),
        ("logs:GetQueryResults", "*"),
    ],
    "observe": [
        ("lambda:InvokeFunction", f"{LAMBDA}token-broker:live"),
        ("lambda:InvokeFunction", f"{LAMBDA}token-keeper:observe"),
        ("lambda:ListAliases", f"{LAMBDA}token-keeper"),
        ("lambda:GetFunctionConfiguration", f"{LAMBDA}salesforce-request"),
        ("logs:FilterLogEvents", f"{LOGS}token-keeper:*"),
        ("logs:FilterLogEvents", f"{LOGS}key-rotation:*"),
        ("cloudwatch:GetMetricData", "*"),
    ],
}


def decision(stack: EmbeddedStack, policy: str, action: str, resource: str) -> str:
    arn = f"arn:aws:iam::000000000000:policy/sfmint-{policy}-{REGION}"
    version = stack.aws.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = stack.aws.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    answer = stack.aws.iam.simulate_custom_policy(
        PolicyInputList=[json.dumps(document)], ActionNames=[action], ResourceArns=[resource]
    )
    return answer["EvaluationResults"][0]["EvalDecision"]


@pytest.mark.parametrize(("policy", "action", "resource"), [(policy, *each) for policy in MAY for each in MAY[policy]])
def test_people_may_do_what_their_policy_is_for(stack: EmbeddedStack, policy: str, action: str, resource: str) -> None:
    assert decision(stack, policy, action, resource) == "allowed"


@pytest.mark.parametrize("policy", MAY)
def test_people_may_see_this_stack_and_no_other(stack: EmbeddedStack, policy: str) -> None:
    own = stack.aws.cloudformation.describe_stacks(StackName="sfmint")["Stacks"][0]["StackId"]
    assert decision(stack, policy, "cloudformation:DescribeStacks", own) == "allowed"
    assert (
        decision(stack, policy, "cloudformation:DescribeStacks", own.replace("/sfmint/", "/other/")) == "implicitDeny"
    )
    assert decision(stack, policy, "cloudformation:UpdateStack", own) == "implicitDeny"


@pytest.mark.parametrize("policy", MAY)
@pytest.mark.parametrize(("action", "resource"), NOBODY)
def test_people_get_no_token_no_secret_and_no_key(
    stack: EmbeddedStack, policy: str, action: str, resource: str
) -> None:
    assert decision(stack, policy, action, resource) == "implicitDeny"


@pytest.mark.parametrize(("policy", "other"), [("operate", "observe"), ("observe", "operate")])
def test_people_have_ways_in_of_their_own(stack: EmbeddedStack, policy: str, other: str) -> None:
    shared = f"{LAMBDA}token-keeper:observe"
    for action, resource in MAY[other]:
        if action == "lambda:InvokeFunction" and resource != shared:
            assert decision(stack, policy, action, resource) == "implicitDeny", resource


def test_the_stacks_own_requests_never_get_the_token_of_an_admin_connection(stack: EmbeddedStack) -> None:
    [role] = [role for role in stack.aws.iam.list_roles()["Roles"] if "RequestRole" in role["RoleName"]]
    inline = stack.aws.iam.get_role_policy(RoleName=role["RoleName"], PolicyName="send-requests")
    document: Any = inline["PolicyDocument"]
    said = [each for each in document["Statement"] if each["Action"] == "lambda:InvokeFunction"]

    def of(alias: str) -> str:
        answer = stack.aws.iam.simulate_custom_policy(
            PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": said})],
            ActionNames=["lambda:InvokeFunction"],
            ResourceArns=[f"{LAMBDA}token-broker:{alias}"],
        )
        return answer["EvaluationResults"][0]["EvalDecision"]

    assert (of("orders"), of("admin-apps")) == ("allowed", "explicitDeny")
