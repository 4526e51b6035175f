"""The template against the code that it deploys, and against what IAM must and must not allow."""

import ast
import json
import re
import runpy
from typing import Any

import pytest

from read_template import ReadTemplate
from sfmint.adapters.stores.kms_sealer import PURPOSE
from sfmint.adapters.stores.parameter_store import cache_path
from sfmint.cache_backend import ParameterStore
from sfmint.settings import InvalidSettings, Settings
from sfmint_local import places

# Every wildcard in a role, and why there is no narrower way to say it.
WILDCARDS = {
    ("NetworkPolicy", "LambdaManagesInterfaces"): "Lambda checks these rights on every resource",
    ("MintPolicy", "SecretOfEachConnection"): "the stack's own names; a policy each would exceed what a role holds",
    ("RequestRole", "GetTokenOfEachConnection"): "the broker's aliases; by name they would exceed what a role holds",
    ("RequestRole", "ReadAllowListOfEachConnection"): "the stack's own names; likewise",
}
KEY_USE = {"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}
PARAMETER_WILDCARDS = {
    ("MintPolicy", "ParametersOfEachConnection"): "the stack's own cache; the names carry dates",
}
ALWAYS = {
    "lambda:InvokeFunction",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
}
CACHE = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/sfmint/${AWS::StackName}/cache/*"
SEALED = {
    "kms:EncryptionContext:purpose": PURPOSE,
    "kms:EncryptionContext:place": {"Ref": "Table"},
}


class Recorded(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(environment)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(arn: Any) -> str:
    return str(arn.get("Fn::Sub", arn)) if isinstance(arn, dict) else str(arn)


def test_each_handler_is_there(template: ReadTemplate) -> None:
    functions = template.of_type("AWS::Serverless::Function")
    assert set(functions) == {"TokenBroker", "TokenKeeper", "SalesforceRequest"}
    for function in functions.values():
        module, name = function["Properties"]["Handler"].split(".")
        source = (places.ROOT / function["Properties"]["CodeUri"] / f"{module}.py").read_text()
        assert name in {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def test_the_functions_read_exactly_what_the_template_sets(template: ReadTemplate, environment: dict[str, str]) -> None:
    recorded = Recorded(environment)
    Settings.from_environment(recorded)
    read = {name for name in recorded.asked if name.startswith("SFMINT_")}
    for name in ("TokenBroker", "TokenKeeper"):
        variables = template.properties(name)["Environment"]["Variables"]
        set_here = {variable for variable in variables if variable.startswith("SFMINT_")}
        assert set_here == read - (set() if name == "TokenKeeper" else {"SFMINT_REFRESH_RATE"})
        assert {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"} <= set(variables)


def test_a_stack_without_a_table_needs_none(environment: dict[str, str]) -> None:
    changed = {**environment, "SFMINT_CACHE_BACKEND": "parameter-store", "SFMINT_TABLE": ""}
    assert Settings.from_environment(changed).cache == ParameterStore()
    with pytest.raises(InvalidSettings, match="SFMINT_TABLE"):
        Settings.from_environment({**changed, "SFMINT_CACHE_BACKEND": "dynamodb"})
    with pytest.raises(InvalidSettings, match="CacheBackend"):
        Settings.from_environment({**changed, "SFMINT_CACHE_BACKEND": "redis"})


def test_the_request_function_reads_what_the_template_sets_but_its_build(template: ReadTemplate) -> None:
    variables = template.properties("SalesforceRequest")["Environment"]["Variables"]
    recorded = Recorded(dict.fromkeys(variables, "x"))
    runpy.run_path(str(places.ROOT / "functions/salesforce_request/salesforce_request/settings.py"))[
        "RequestSettings"
    ].from_environment(recorded)
    read = {name for name in recorded.asked if name.startswith("SFMINT_")}
    assert {name for name in variables if name.startswith("SFMINT_")} == read | {"SFMINT_BUILD"}  # make deploy's


def test_every_parameter_says_what_it_is_and_what_it_takes(template: ReadTemplate) -> None:
    page = (places.ROOT / "docs/parameters.md").read_text()
    for name, parameter in template.parameters.items():
        assert parameter["Description"], name
        assert parameter["ConstraintDescription"], name
        assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter), name
        assert "Default" in parameter, name
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("name", ["a", "my-org", "live-org", "alive", "a" * 32])
def test_a_good_connection_name_is_allowed(template: ReadTemplate, name: str) -> None:
    assert re.fullmatch(template.parameters["Connections"]["AllowedPattern"], name)


@pytest.mark.parametrize("name", ["", "live", "1a", "-a", "My", "a_b", "a" * 33])
def test_a_bad_connection_name_is_refused(template: ReadTemplate, name: str) -> None:
    assert not re.fullmatch(template.parameters["Connections"]["AllowedPattern"], name)


@pytest.mark.parametrize(("name", "undashed"), [("my-org", "myorg"), ("other", "other")])
def test_a_connection_has_its_alias_policy_parameter_and_schedule(
    template: ReadTemplate, name: str, undashed: str
) -> None:
    alias, arn = template.properties(f"Alias{undashed}"), f"${{TokenBroker.Arn}}:{name}"
    assert text_of(alias["Name"]) == name
    assert alias["FunctionVersion"] == {"Fn::GetAtt": ["TokenBroker", "Version.Version"]}

    policy = template.properties(f"GetToken{undashed}")
    assert text_of(policy["ManagedPolicyName"]) == f"${{AWS::StackName}}-get-token-{name}"
    get, find = policy["PolicyDocument"]["Statement"]
    assert (get["Action"], text_of(get["Resource"])) == ("lambda:InvokeFunction", arn)
    assert find["Action"] == "ssm:GetParameter"
    assert text_of(find["Resource"]).endswith(f":parameter/sfmint/${{AWS::StackName}}/connections/{name}/broker")

    parameter = template.properties(f"BrokerParameter{undashed}")
    assert text_of(parameter["Name"]) == f"/sfmint/${{AWS::StackName}}/connections/{name}/broker"
    assert text_of(parameter["Value"]) == arn

    alias, arn = template.properties(f"RequestAlias{undashed}"), f"${{SalesforceRequest.Arn}}:{name}"
    assert text_of(alias["Name"]) == name
    assert alias["FunctionVersion"] == {"Fn::GetAtt": ["SalesforceRequest", "Version.Version"]}

    policy = template.properties(f"Request{undashed}")
    assert text_of(policy["ManagedPolicyName"]) == f"${{AWS::StackName}}-request-{name}"
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], text_of(statement["Resource"])) == ("lambda:InvokeFunction", arn)

    parameter = template.properties(f"RequestParameter{undashed}")
    assert text_of(parameter["Name"]) == f"/sfmint/${{AWS::StackName}}/connections/{name}/request"
    assert text_of(parameter["Value"]) == arn

    schedule = template.properties(f"Refresh{undashed}")
    assert text_of(schedule["Target"]["Arn"]) == "${TokenKeeper.Arn}:live"
    assert text_of(schedule["Target"]["Input"]) == f'{{"action": "refresh", "connection": "{name}"}}'


def test_nothing_of_the_loop_is_left_to_be_filled_in(template: ReadTemplate) -> None:
    assert "&{" not in str(template.resources)
    assert "${Name}" not in str(template.resources)


def test_a_refresh_that_comes_late_is_dropped_not_repeated(template: ReadTemplate) -> None:
    once = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert template.properties("TokenKeeper")["EventInvokeConfig"] == once
    for schedule in template.of_type("AWS::Scheduler::Schedule").values():
        assert schedule["Condition"] == "Refreshes"
        assert schedule["Properties"]["Target"]["RetryPolicy"] == once


def test_a_deploy_publishes_for_code_layers_and_parameters(template: ReadTemplate) -> None:
    for function in template.of_type("AWS::Serverless::Function").values():
        assert function["Properties"]["AutoPublishAlias"] == "live"
        assert function["Properties"]["AutoPublishAliasAllProperties"] is True
        assert function["Properties"]["AutoPublishCodeSha256"] == {"Ref": "BuildId"}
    for layer in template.of_type("AWS::Serverless::LayerVersion").values():
        assert layer["Properties"]["PublishLambdaVersion"] is True


def wildcards(template: ReadTemplate) -> set[tuple[str, str]]:
    return {
        (name, statement["Sid"])
        for name, statement in template.statements()
        if statement["Effect"] == "Allow"
        and any("*" in text_of(part) for key in ("Action", "Resource") for part in listed(statement[key]))
    }


def test_no_wildcard_is_granted_without_a_reason(template: ReadTemplate, parameter_template: ReadTemplate) -> None:
    assert wildcards(template) == set(WILDCARDS)
    assert wildcards(parameter_template) == set(WILDCARDS | PARAMETER_WILDCARDS)


def granted(template: ReadTemplate) -> set[str]:
    return {
        action
        for name, statement in template.statements()
        if statement["Effect"] == "Allow" and name != "NetworkPolicy"
        for action in listed(statement["Action"])
    }


def test_no_role_may_more_than_the_functions_do(template: ReadTemplate) -> None:
    assert granted(template) == ALWAYS | KEY_USE | {"dynamodb:GetItem", "dynamodb:UpdateItem"}


def test_only_the_chosen_store_is_granted(parameter_template: ReadTemplate) -> None:
    store = {"ssm:GetParametersByPath", "ssm:PutParameter", "ssm:DeleteParameters"}
    assert granted(parameter_template) == ALWAYS | KEY_USE | store
    said = [statement for name, statement in parameter_template.statements() if name == "MintPolicy"]
    assert {text_of(each["Resource"]) for each in said if "ssm:PutParameter" in each["Action"]} == {CACHE}


def test_in_parameters_the_key_seals_tokens_for_the_stacks_own_path_only(parameter_template: ReadTemplate) -> None:
    key = parameter_template.properties("Key")
    [in_role] = [said for _, said in parameter_template.statements() if "kms:Decrypt" in listed(said["Action"])]
    for statement in (key["KeyPolicy"]["Statement"][1], in_role):
        assert set(statement["Action"]) == KEY_USE
        [(operator, said)] = statement["Condition"].items()
        assert operator == "StringEquals"
        assert {name: text_of(value) for name, value in said.items()} == {
            "kms:EncryptionContext:purpose": PURPOSE,
            "kms:EncryptionContext:place": cache_path("${AWS::StackName}"),
        }
    assert in_role["Resource"] == {"Fn::GetAtt": ["Key", "Arn"]}


def test_a_stack_without_a_table_names_none(template: ReadTemplate, parameter_template: ReadTemplate) -> None:
    assert set(template.resources) - set(parameter_template.resources) == {"Table"}
    assert set(template.outputs) ^ set(parameter_template.outputs) == {"TableName", "CachePrefix"}
    assert '"Table"' not in json.dumps(parameter_template.resources)
    for name in ("TokenBroker", "TokenKeeper"):
        variables = parameter_template.properties(name)["Environment"]["Variables"]
        assert variables["SFMINT_TABLE"] == ""
        assert variables["SFMINT_CACHE_BACKEND"] == {"Ref": "CacheBackend"}


def test_the_request_function_can_read_no_key_no_row_and_no_core(template: ReadTemplate) -> None:
    said = [statement for name, statement in template.statements() if name == "RequestRole"]
    may = {action for statement in said if statement["Effect"] == "Allow" for action in listed(statement["Action"])}
    assert may == {"lambda:InvokeFunction", "logs:CreateLogStream", "logs:PutLogEvents", "ssm:GetParameter"}
    assert template.properties("SalesforceRequest")["Layers"] == [{"Ref": "ClientLayer"}, {"Ref": "DependenciesLayer"}]
    assert template.properties("MintPolicy")["Roles"] == [{"Ref": "BrokerRole"}, {"Ref": "KeeperRole"}]
    variables = template.properties("SalesforceRequest")["Environment"]["Variables"]
    assert not {"SFMINT_TABLE", "SFMINT_CACHE_BACKEND", "SFMINT_KEY_ARN"} & set(variables)


OWN_ROLES = {"MintPolicy": ("TokenBroker", "TokenKeeper"), "RequestRole": ("SalesforceRequest",)}


@pytest.mark.parametrize("name", OWN_ROLES)
def test_a_role_that_is_passed_to_another_function_is_worth_nothing(
    template: ReadTemplate, parameter_template: ReadTemplate, name: str
) -> None:
    stacks = (template, parameter_template)
    said = [statement for stack in stacks for holder, statement in stack.statements() if holder == name]
    allowed = {action for each in said if each["Effect"] == "Allow" for action in listed(each["Action"])}
    [denied, again] = [statement for statement in said if statement["Effect"] == "Deny"]
    assert denied == again
    assert set(denied["Action"]) == {f"{action.partition(':')[0]}:*" for action in allowed} - {"logs:*"}
    assert denied["Resource"] == "*"
    functions = listed(denied["Condition"]["ArnNotEquals"]["lambda:SourceFunctionArn"])
    assert [text_of(arn).partition(":function:")[2] for arn in functions] == [
        text_of(template.properties(function)["FunctionName"]) for function in OWN_ROLES[name]
    ]


def test_only_identity_policies_ask_which_function_calls(template: ReadTemplate) -> None:
    """AWS takes the key in no resource policy: it would refuse everything."""
    holders = {name for name, _ in template.statements()}
    for name, resource in template.resources.items():
        if name not in holders:
            assert "SourceFunctionArn" not in json.dumps(resource), name
        assert "SourceFunctionArn" not in json.dumps(resource["Properties"].get("AssumeRolePolicyDocument", {}))


def test_consumers_find_the_client_layer_by_the_stacks_name(template: ReadTemplate) -> None:
    parameter = template.properties("ClientLayerParameter")
    assert text_of(parameter["Name"]) == "/sfmint/${AWS::StackName}/client-layer"
    assert parameter["Value"] == {"Ref": "ClientLayer"}


def test_what_a_vpc_needs_is_granted_with_a_vpc_only_and_not_to_the_code(template: ReadTemplate) -> None:
    assert template.resources["NetworkPolicy"]["Condition"] == "InVpc"
    allowed, denied = template.properties("NetworkPolicy")["PolicyDocument"]["Statement"]
    assert {action.split(":")[0] for action in allowed["Action"]} == {"ec2"}
    assert (denied["Effect"], denied["Action"]) == ("Deny", "ec2:*")
    functions = [text_of(arn) for arn in denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]]
    names = [
        text_of(function["Properties"]["FunctionName"])
        for function in template.of_type("AWS::Serverless::Function").values()
    ]
    assert [arn.split(":function:")[1] for arn in functions] == names


def test_every_role_is_the_templates_own_and_takes_the_boundary(template: ReadTemplate) -> None:
    roles = template.of_type("AWS::IAM::Role")
    assert set(roles) == {"BrokerRole", "KeeperRole", "RequestRole", "SchedulerRole"}
    for role in roles.values():
        assert role["Properties"]["PermissionsBoundary"]["Fn::If"][1] == {"Ref": "PermissionsBoundaryArn"}
    for name, role in (
        ("TokenBroker", "BrokerRole"),
        ("TokenKeeper", "KeeperRole"),
        ("SalesforceRequest", "RequestRole"),
    ):
        assert template.properties(name)["Role"] == {"Fn::GetAtt": [role, "Arn"]}
        assert "Policies" not in template.properties(name)


def test_only_this_stacks_schedules_may_take_the_schedulers_role(template: ReadTemplate) -> None:
    [statement] = template.properties("SchedulerRole")["AssumeRolePolicyDocument"]["Statement"]
    condition = statement["Condition"]["StringEquals"]
    assert condition["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert text_of(condition["aws:SourceArn"]).endswith(":schedule-group/${AWS::StackName}")
    assert template.properties("RefreshGroup")["Name"] == {"Ref": "AWS::StackName"}


def test_the_functions_use_the_key_for_tokens_only_and_nobody_else_does(template: ReadTemplate) -> None:
    key = template.properties("Key")
    manage, use = key["KeyPolicy"]["Statement"]
    assert not KEY_USE & set(manage["Action"])
    assert not [action for action in manage["Action"] if "*" in action or action == "kms:CreateGrant"]
    assert set(use["Action"]) == KEY_USE
    assert use["Principal"]["AWS"] == [{"Fn::GetAtt": [role, "Arn"]} for role in ("BrokerRole", "KeeperRole")]
    assert use["Condition"] == {"StringEquals": SEALED}
    assert key["EnableKeyRotation"] is True
    [in_role] = [said for _, said in template.statements() if "kms:Decrypt" in listed(said["Action"])]
    assert (in_role["Condition"], in_role["Resource"]) == ({"StringEquals": SEALED}, {"Fn::GetAtt": ["Key", "Arn"]})


def test_the_table_outlives_its_stack_and_has_no_name(template: ReadTemplate) -> None:
    table = template.resources["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert "TableName" not in table["Properties"]
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_no_secret_belongs_to_the_stack(template: ReadTemplate) -> None:
    assert not template.of_type("AWS::SecretsManager::Secret")
