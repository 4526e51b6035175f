"""docs/policies against the template that they are for: every resource is covered, and the stack still works."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from expanding.expand import expanded, read
from expanding.variants import FILLED, STORES, Variant
from iam_policy import allowed, denied, listed
from sfmint_local import places
from stack_arns import ACCOUNT, MADE_UP, PARTITION, REGION, STACK, arn_of, filled_in

FOLDER = places.ROOT / "docs/policies"
PAGE = FOLDER / "README.md"
GUARD_RAILS = ("guard-rail", "guard-rail-data")
DEPLOYER = ("deployer", "deployer-functions", "deployer-data")
LARGEST = dict.fromkeys(GUARD_RAILS, 5120) | dict.fromkeys(DEPLOYER, 6144)  # of an SCP, and of a managed policy

PLACES = {
    "ACCOUNT": ACCOUNT,
    "REGION": REGION,
    "PARTITION": PARTITION,
    "STACK": STACK,
    "BUCKET": "b" * 63,
    "DEPLOYER": f"arn:{PARTITION}:iam::{ACCOUNT}:role/{'deploys'.ljust(64, 'd')}",
    "OPERATOR": f"arn:{PARTITION}:iam::{ACCOUNT}:role/{'stores-keys'.ljust(64, 'o')}",
}
STRANGER = f"arn:{PARTITION}:iam::{ACCOUNT}:role/administrator"
THROUGH_CLOUDFORMATION = {"aws:CalledVia": "cloudformation.amazonaws.com"}

# What gives a way to a token or to a key, by type of resource; or why nothing does.
FUNCTION_WAYS = {
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:CreateFunctionUrlConfig",
    "lambda:PublishVersion",
    "lambda:PutRuntimeManagementConfig",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionUrlConfig",
}
EVENT_WAYS = {"lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionEventInvokeConfig"}
WAYS: dict[str, set[str]] = {
    "AWS::Lambda::Function": FUNCTION_WAYS | EVENT_WAYS,
    "AWS::Lambda::Version": EVENT_WAYS,
    "AWS::Lambda::Alias": {"lambda:CreateAlias", "lambda:UpdateAlias", "lambda:AddPermission"} | EVENT_WAYS,
    "AWS::Lambda::EventInvokeConfig": EVENT_WAYS,
    "AWS::Lambda::LayerVersion": {"lambda:PublishLayerVersion", "lambda:AddLayerVersionPermission"},
    "AWS::Lambda::Permission": {"lambda:AddPermission"},
    "AWS::IAM::Role": {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PassRole",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    },
    "AWS::IAM::ManagedPolicy": {"iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"},
    "AWS::KMS::Key": {"kms:CreateGrant", "kms:PutKeyPolicy"},
    "AWS::KMS::Alias": {"kms:DeleteAlias", "kms:UpdateAlias"},
    "AWS::DynamoDB::Table": {
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PutItem",
        "dynamodb:PutResourcePolicy",
        "dynamodb:UpdateItem",
    },
    "AWS::SSM::Parameter": {"ssm:DeleteParameter", "ssm:DeleteParameters", "ssm:PutParameter"},
}
HARMLESS = {
    "AWS::CloudWatch::Alarm": "it counts, and tells a topic; no metric holds a token or a key",
    "AWS::CloudWatch::Dashboard": "it shows metrics and alarms",
    "AWS::Logs::LogGroup": "no line holds a token or a key",
    "AWS::Scheduler::Schedule": "it can ask functions that answer no token; its role cannot be passed",
    "AWS::Scheduler::ScheduleGroup": "it holds schedules",
}
SECRET = f"arn:{PARTITION}:secretsmanager:{REGION}:{ACCOUNT}:secret:sfmint/{STACK}/orders-a1b2c3"
PARAMETERS = f"arn:{PARTITION}:ssm:{REGION}:{ACCOUNT}:parameter/sfmint/{STACK}"
# What the stack uses and CloudFormation does not make.
WAYS_OUTSIDE = {
    SECRET: {
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutResourcePolicy",
        "secretsmanager:PutSecretValue",
        "secretsmanager:ReplicateSecretToRegions",
        "secretsmanager:RestoreSecret",
        "secretsmanager:RotateSecret",
        "secretsmanager:UpdateSecret",
        "secretsmanager:UpdateSecretVersionStage",
    },
    f"{PARAMETERS}/connections/orders/allow": WAYS["AWS::SSM::Parameter"],
    f"{PARAMETERS}/connections/orders/next-certificate": WAYS["AWS::SSM::Parameter"],
    f"{PARAMETERS}/rotations/orders": WAYS["AWS::SSM::Parameter"],
    f"{PARAMETERS}/cache/orders/v1": WAYS["AWS::SSM::Parameter"],
    f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/0a1b2c3d": {
        "cloudformation:CreateChangeSet",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:UpdateStack",
    },
}

# One resource asks for them, and IAM decides by another: a policy by the role, a function by the layer.
OF_ANOTHER = {"iam:AttachRolePolicy", "iam:DetachRolePolicy", "lambda:GetLayerVersion"}

# What CloudFormation's handlers may ask for and no stack of ours makes them ask, by what it would be for.
NEVER_ASKED = {
    "capacity providers": r"lambda:PassCapacityProvider|lambda:PutFunctionScalingConfig",
    "code signing": r"lambda:(Delete|Put)FunctionCodeSigningConfig|lambda:GetCodeSigningConfig",
    "file systems": r"elasticfilesystem:.*|s3files:.*",
    "keys for variables": r"kms:(CreateGrant|Decrypt|Encrypt|GenerateDataKey|RevokeGrant)",
    "provisioned concurrency": r"lambda:(Delete|Put)ProvisionedConcurrencyConfig",
    "recursion, runtime updates": r"lambda:(AssociateRuntimeAlias|PutFunctionRecursionConfig|PutRuntimeManagementConfig)",
    "CodeDeploy": r"codedeploy:.*",
    "users and groups": r"iam:(Attach|Detach)(Group|User)Policy",
    "replicas": r"dynamodb:(AssociateTableReplica|CreateTableReplica|.*Item|Query|Scan)|iam:CreateServiceLinkedRole",
    "imports": r"dynamodb:(Describe)?Import(Table)?|logs:CreateLogStream|logs:DescribeLogStreams|logs:PutLogEvents",
    "buckets of imports": r"s3:(GetObjectMetadata|REST\.PUT\.OBJECT)",
    "streams": r"kinesis:.*|firehose:.*|dynamodb:(Disable|Enable|Update)KinesisStreamingDestination",
    "insights, resource policies": r"dynamodb:(UpdateContributorInsights|(Delete|Put)ResourcePolicy)",
    "other policies of log groups": r"logs:.*(DataProtection|Index|Resource)Pol.*|logs:(CreateLogDelivery|PutBearerToken.*|PutLogGroupDeletion.*)",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A resource of the expanded template, as AWS has made it."""

    name: str
    kind: str
    arn: str


def statements(*names: str) -> list[dict[str, Any]]:
    found = []
    for name in names:
        text = (FOLDER / f"{name}.json").read_text()
        found += json.loads(re.sub(r"\b(" + "|".join(PLACES) + r")\b", lambda place: PLACES[place[1]], text))[
            "Statement"
        ]
    return found


@pytest.fixture(scope="module")
def templates() -> list[dict[str, Any]]:
    """One stack with each store, with everything that a stack can have."""
    given = {**FILLED, "Connections": "orders,my-org"}
    return [made.concrete for made in expanded(Variant(connections=2, store=each, given=given) for each in STORES)]


@pytest.fixture(scope="module")
def resources(templates: list[dict[str, Any]]) -> list[Made]:
    found = (
        Made(name, resource["Type"], arn_of(name, template["Resources"]))
        for template in templates
        for name, resource in template["Resources"].items()
    )
    return list({made.name: made for made in found}.values())


def asked(principal: str) -> dict[str, str]:
    return {
        "aws:PrincipalArn": principal,
        "kms:ResourceAliases": f"alias/sfmint/{STACK}",
        "iam:PassedToService": "lambda.amazonaws.com",
        **THROUGH_CLOUDFORMATION,
    }


@pytest.mark.parametrize("name", LARGEST)
def test_a_policy_is_within_aws_limit_with_the_longest_names(name: str) -> None:
    document = {"Version": "2012-10-17", "Statement": statements(name)}
    assert len(json.dumps(document, separators=(",", ":"))) <= LARGEST[name]


def shown_command(*before: str) -> str:
    """Return the command of the page that fills a policy in, with some expressions before its own."""
    shown = re.search(r"^    sed (.*?) guard-rail\.json > filled-in\.json$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert shown
    return " ".join(["sed", *(f"-e '{each}'" for each in before), shown[1]])


def filled_in_as_shown(name: str, *before: str) -> str:
    command = ["/bin/bash", "-c", f"{shown_command(*before)} {FOLDER / name}.json"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", LARGEST)
def test_the_command_of_the_page_fills_every_place_in(name: str) -> None:
    text = filled_in_as_shown(name)
    assert json.loads(text)["Statement"]
    assert not re.search("|".join(PLACES), text)
    assert "sfmint" in text


@pytest.mark.parametrize("name", LARGEST)
def test_the_expression_of_the_page_puts_the_path_into_roles_and_their_policies(name: str) -> None:
    [expression] = re.findall(r"`-e '(s#.*?)'`", PAGE.read_text())
    for place in re.findall(r"(?:role|policy)/[^\"]*", filled_in_as_shown(name, expression)):
        stays = not re.search(r"sfmint-\w+(Role|Policy)-", place)
        assert place.partition("/")[2].startswith("teams/crm/sfmint-") != stays, place


def test_the_statement_of_the_page_on_who_gets_tokens_lets_those_alone_in() -> None:
    [text] = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    consumer = f"arn:{PARTITION}:iam::{ACCOUNT}:role/orders-worker"
    for place, value in {**PLACES, "CONSUMER": consumer}.items():
        text = re.sub(rf"\b{place}\b", value, text)
    statement = json.loads(text)
    alias = f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:function:{STACK}-token-broker:orders"
    request_role = f"arn:{PARTITION}:iam::{ACCOUNT}:role/{STACK}-RequestRole{MADE_UP}"
    for principal in (consumer, request_role, PLACES["DEPLOYER"]):
        assert not denied([statement], "lambda:InvokeFunction", alias, asked(principal))
    assert denied([statement], "lambda:InvokeFunction", alias, asked(STRANGER))


def test_there_are_no_other_policies() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LARGEST)


@pytest.mark.parametrize("name", LARGEST)
def test_each_statement_has_its_reason_on_the_page(name: str) -> None:
    page = PAGE.read_text()
    for statement in statements(name):
        assert f"| `{statement['Sid']}` |" in page, statement["Sid"]


def test_every_resource_that_leads_to_a_token_or_key_is_guarded(resources: list[Made]) -> None:
    guard = statements(*GUARD_RAILS)
    for made in resources:
        assert (made.kind in WAYS) != (made.kind in HARMLESS), made.kind
        for action in WAYS.get(made.kind, set()):
            assert denied(guard, action, made.arn, asked(STRANGER)), (made.name, action)


@pytest.mark.parametrize("resource", WAYS_OUTSIDE)
def test_what_the_stack_uses_is_guarded_too(resource: str) -> None:
    for action in WAYS_OUTSIDE[resource]:
        assert denied(statements(*GUARD_RAILS), action, resource, asked(STRANGER)), action


def test_nobody_else_binds_events_to_a_function(resources: list[Made]) -> None:
    mapping = f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:event-source-mapping:0a1b"
    for made in resources:
        if made.kind in {"AWS::Lambda::Function", "AWS::Lambda::Alias"}:
            context = {"lambda:FunctionArn": made.arn, "aws:PrincipalArn": STRANGER}
            assert denied(statements(*GUARD_RAILS), "lambda:CreateEventSourceMapping", mapping, context)


def test_another_stack_is_not_guarded(resources: list[Made]) -> None:
    guard = statements(*GUARD_RAILS)
    for made in resources:
        sister = made.arn.replace(STACK, f"{STACK}-test")
        context = asked(STRANGER) | {"kms:ResourceAliases": f"alias/sfmint/{STACK}-test"}
        for action in WAYS.get(made.kind, set()):
            assert not denied(guard, action, sister, context), (sister, action)


def given_to_roles(templates: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Give what each role of a stack may do: role, action, resource."""
    for template in templates:
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::IAM::Role":
                for policy in resource["Properties"].get("Policies", []):
                    yield from granted(name, policy["PolicyDocument"], template)
            elif resource["Type"] == "AWS::IAM::ManagedPolicy":
                for role in resource["Properties"].get("Roles", []):
                    yield from granted(role["Ref"], resource["Properties"]["PolicyDocument"], template)


def granted(role: str, document: Mapping[str, Any], template: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    yield role, action, filled_in(resource, template["Resources"])


def test_the_guard_rail_leaves_the_functions_what_they_need(templates: list[dict[str, Any]]) -> None:
    guard = statements(*GUARD_RAILS)
    seen = list(given_to_roles(templates))
    assert {role for role, _, _ in seen} == {
        "BrokerRole",
        "KeeperRole",
        "ProberRole",
        "RequestRole",
        "RotationRole",
        "SchedulerRole",
    }
    for role, action, resource in seen:
        principal = f"arn:{PARTITION}:iam::{ACCOUNT}:role/{STACK}-{role}{MADE_UP}"
        assert not denied(guard, action, resource.replace("*", "x"), asked(principal)), (role, action, resource)


def test_the_guard_rail_leaves_the_operator_the_commands_that_store_keys() -> None:
    guard = statements(*GUARD_RAILS)
    for resource in (SECRET, f"{PARAMETERS}/connections/orders/allow", f"{PARAMETERS}/cache/orders/v1"):
        for action in WAYS_OUTSIDE[resource]:
            assert not denied(guard, action, resource, asked(PLACES["OPERATOR"])), action


def handlers(kind: str) -> Iterator[str]:
    """Give what CloudFormation asks for to make, change, see and delete a resource, by AWS's own schema of it."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    for name, handler in schema["handlers"].items():
        if name != "list":
            yield from handler["permissions"]
    yield from schema.get("tagging", {}).get("permissions", [])


def test_the_deployer_may_make_change_see_and_delete_every_resource(resources: list[Made]) -> None:
    may, guard = statements(*DEPLOYER), statements(*GUARD_RAILS)
    everything = [each for statement in may for each in listed(statement["Action"])]
    context = asked(PLACES["DEPLOYER"])
    for made in resources:
        for action in set(handlers(made.kind)):
            if any(re.fullmatch(pattern, action) for pattern in NEVER_ASKED.values()):
                continue
            assert action in everything, (made.kind, action)
            if action not in OF_ANOTHER and action.partition(":")[0] == made.kind.split("::")[1].lower():
                assert reached(may, action, made.arn, context), (made.name, action)
            assert not denied(guard, action, made.arn, context), (made.name, action)


def reached(may: list[dict[str, Any]], action: str, arn: str, context: Mapping[str, str]) -> bool:
    """Tell whether a resource, one of its versions or the key of an alias may be asked for an action."""
    return allowed(may, action, arn, context) or allowed(may, action, f"{arn}:1", context)


def test_the_deployer_gets_no_token_and_reads_no_key(resources: list[Made]) -> None:
    may = statements(*DEPLOYER)
    for made in resources:
        if made.kind == "AWS::Lambda::Alias":
            asks_for_its_build = made.arn.endswith(":live")
            assert allowed(may, "lambda:InvokeFunction", made.arn, asked(PLACES["DEPLOYER"])) == asks_for_its_build
    for resource, ways in WAYS_OUTSIDE.items():
        for action in ways - {"cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"}:
            assert not allowed(may, action, resource, asked(PLACES["DEPLOYER"])), action
    used = {action for statement in may for action in listed(statement["Action"])}
    assert not used & {"kms:Decrypt", "kms:CreateGrant", "kms:Sign", "dynamodb:GetItem", "dynamodb:UpdateItem"}


def test_the_deployer_changes_functions_and_roles_through_cloudformation_only(resources: list[Made]) -> None:
    may, by_hand = statements(*DEPLOYER), asked(PLACES["DEPLOYER"])
    del by_hand["aws:CalledVia"]
    for made in resources:
        for action in WAYS.get(made.kind, set()) - {"iam:PassRole"}:
            assert not allowed(may, action, made.arn, by_hand), (made.name, action)


def test_no_policy_names_all_resources_or_actions_without_a_reason() -> None:
    for name in LARGEST:
        for statement in statements(name):
            assert not any("*" in action for action in listed(statement["Action"]))
            if "*" in listed(statement["Resource"]):
                assert (name, statement["Sid"]) in {
                    ("deployer", "WhatNamesNoResource"),
                    ("guard-rail", "OnlyTheDeployerBindsEvents"),
                }


def test_security_md_names_every_action_that_the_guard_rail_denies() -> None:
    text = (places.ROOT / "SECURITY.md").read_text()
    for statement in statements(*GUARD_RAILS):
        for action in listed(statement["Action"]):
            assert f"`{action.partition(':')[2]}`" in text, action


def test_the_template_has_nothing_that_is_not_judged() -> None:
    kinds = {body["Type"] for body in every_resource(read()["Resources"])}
    assert {kind.replace("Serverless", "Lambda") for kind in kinds} <= set(WAYS) | set(HARMLESS)


def every_resource(section: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, body in section.items():
        yield from every_resource(body[2]) if name.startswith("Fn::ForEach") else [body]
