"""The template against the code that it deploys, and against what IAM must and must not allow."""

import ast
import json
import re
import runpy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_rotation.settings import RotationSettings
from prober.questions import Ground, questions
from prober.settings import ProbeSettings
from read_template import ReadTemplate
from sfmint.adapters.signers import kms
from sfmint.adapters.stores.kms_sealer import PURPOSE
from sfmint.adapters.stores.parameter_store import cache_path
from sfmint.cache_backend import ParameterStore
from sfmint.settings import InvalidSettings, Settings
from sfmint_local import places
from sfmint_values import connection_name

# Every wildcard that a policy allows, and why there is no narrower way to say it.
WILDCARDS = {
    ("NetworkPolicy", "LambdaManagesInterfaces"): "Lambda checks these rights on every resource",
    ("MintPolicy", "SecretOfEachConnection"): "the stack's own names; a policy each would exceed what a role holds",
    (
        "MintPolicy",
        "RowOfEachConnection",
    ): "a table that a change of CacheBackend has left behind has no other name here",
    ("MintPolicy", "ParametersOfEachConnection"): "the stack's own cache; the names carry dates",
    ("RequestRole", "GetTokenOfEachConnection"): "the broker's aliases; by name they would exceed what a role holds",
    ("RequestRole", "ReadAllowListOfEachConnection"): "the stack's own names; likewise",
    ("RotationRole", "RotateSecretOfEachConnection"): "the stack's own names; likewise",
    ("RotationRole", "GetTokenOfEachAdminConnection"): "the admin connections' aliases; likewise",
    ("RotationRole", "KeepNotes"): "the stack's own names; notes carry connections and versions",
    ("RotationRole", "PublishCertificates"): "the stack's own names; each connection has one",
    ("RotationRole", "AnnounceUnderAKey"): "through SNS and for the topic alone, whose key nobody names",
    ("OperatePolicy", "SeeSchedules"): "the stack's own group; by name they would outgrow the policy",
    ("OperatePolicy", "ReadAnswersOfQueries"): "a query has no ARN",
    ("ObservePolicy", "ReadAnswersOfQueries"): "a query has no ARN",
    ("ObservePolicy", "ReadMetrics"): "a metric has no ARN",
    ("ObservePolicy", "SeeAlarmsAndDashboard"): "the stack's own alarms, whose names begin with its name",
}
KEY_USE = {"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
MINTS = {  # with either store
    *LOGS,
    *KEY_USE,
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
    "secretsmanager:GetSecretValue",
    "ssm:DeleteParameters",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
}
ROTATES = {
    *LOGS,
    "lambda:InvokeFunction",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
    "ssm:DeleteParameter",
    "ssm:GetParameter",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
}
TABLES = "${AWS::StackName}-Table-*"  # as CloudFormation names them
SEALED = {
    "StringEquals": {"kms:EncryptionContext:purpose": PURPOSE},
    "StringLike": {"kms:EncryptionContext:place": [TABLES, cache_path("${AWS::StackName}")]},
}
STORES = ("dynamodb", "parameter-store")


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
    assert set(functions) == {"TokenBroker", "TokenKeeper", "SalesforceRequest", "KeyRotation"}
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


def test_a_stack_without_a_table_needs_none(environment: dict[str, str]) -> None:
    changed = {**environment, "SFMINT_CACHE_BACKEND": "parameter-store", "SFMINT_TABLE": ""}
    assert Settings.from_environment(changed).cache == ParameterStore()
    with pytest.raises(InvalidSettings, match="SFMINT_TABLE"):
        Settings.from_environment({**changed, "SFMINT_CACHE_BACKEND": "dynamodb"})
    with pytest.raises(InvalidSettings, match="CacheBackend"):
        Settings.from_environment({**changed, "SFMINT_CACHE_BACKEND": "redis"})


def test_the_request_function_reads_what_the_template_sets(template: ReadTemplate) -> None:
    variables = template.properties("SalesforceRequest")["Environment"]["Variables"]
    recorded = Recorded({**dict.fromkeys(variables, "x"), "SFMINT_HTTPS_PROXY": ""})
    runpy.run_path(str(places.ROOT / "functions/salesforce_request/salesforce_request/settings.py"))[
        "RequestSettings"
    ].from_environment(recorded)
    read = {name for name in recorded.asked if name.startswith("SFMINT_")}
    assert {name for name in variables if name.startswith("SFMINT_")} == read


def test_rotations_read_what_the_template_sets(template: ReadTemplate) -> None:
    variables = template.properties("KeyRotation")["Environment"]["Variables"]
    recorded = Recorded({**dict.fromkeys(variables, "x"), "SFMINT_HTTPS_PROXY": ""})
    RotationSettings.from_environment(recorded)
    read = {name for name in recorded.asked if name.startswith("SFMINT_")}
    assert {name for name in variables if name.startswith("SFMINT_")} == read


@pytest.mark.parametrize(("name", "undashed"), [("my-org", "myorg"), ("other", "other")])
def test_a_connection_has_its_alias_policy_parameter_and_schedule(
    template: ReadTemplate, name: str, undashed: str
) -> None:
    alias, arn = template.properties(f"Alias{undashed}"), f"${{TokenBroker.Arn}}:{name}"
    assert text_of(alias["Name"]) == name
    assert alias["FunctionVersion"] == {"Fn::GetAtt": ["TokenBroker", "Version.Version"]}

    policy = template.properties(f"GetToken{undashed}")
    assert text_of(policy["ManagedPolicyName"]) == f"${{AWS::StackName}}-get-token-{name}-${{AWS::Region}}"
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
    assert text_of(policy["ManagedPolicyName"]) == f"${{AWS::StackName}}-request-{name}-${{AWS::Region}}"
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


# CloudFormation Template Reference, "Intrinsic functions" and "Condition functions"; a rule's own have no short form there.
SHORT_FORMS = [
    "And",
    "Base64",
    "Cidr",
    "Condition",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Ref",
    "Select",
    "Split",
    "Sub",
]


@pytest.mark.parametrize(
    "path", ["template.yaml", "examples/accounts-lambda/template.yaml", "examples/nightly-accounts/template.yaml"]
)
def test_a_function_is_short_only_where_cloudformation_has_a_short_form(path: str) -> None:
    text = re.sub(r"#.*", "", (places.ROOT / path).read_text())
    assert set(re.findall(r"(?<=[ \[:])!([A-Z]\w+)", text)) <= set(SHORT_FORMS)


def test_a_refresh_that_comes_late_is_dropped_not_repeated(template: ReadTemplate) -> None:
    once = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert template.properties("TokenKeeper")["EventInvokeConfig"] == once
    for schedule in template.of_type("AWS::Scheduler::Schedule").values():
        assert schedule["Properties"]["Target"]["RetryPolicy"] == once


def made_with(**values: str) -> ReadTemplate:
    return ReadTemplate.chosen(places.ROOT / "template.yaml", Connections="my-org,other", **values)


IN_A_VPC = {"SubnetIds": "subnet-01234567", "SecurityGroupIds": "sg-01234567"}
A_KEY = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000001"
A_SECRET = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:proxy-aB3dE6"
A_TOPIC = "arn:aws:sns:eu-central-1:000000000000:rotations"
OWN_KEYS = {"SecretsKeyArns": A_KEY, "TableKeyArn": A_KEY, "HttpsProxySecretArn": A_SECRET, "HttpsProxy": "http://a"}


def test_no_wildcard_is_granted_without_a_reason() -> None:
    template = made_with(**IN_A_VPC, **OWN_KEYS, AdminConnections="admin-a", RotationTopicArn=A_TOPIC)
    assert {
        (name, statement["Sid"])
        for name, statement in template.statements()
        if statement["Effect"] == "Allow"
        and any("*" in text_of(part) for key in ("Action", "Resource") for part in listed(statement[key]))
    } == set(WILDCARDS)


def may(template: ReadTemplate, role: str) -> set[str]:
    allowed = [each for each in template.statements_of(role) if each["Effect"] == "Allow"]
    return {action for each in allowed for action in listed(each["Action"])}


@pytest.mark.parametrize("backend", STORES)
def test_no_role_may_more_than_its_function_does(backend: str) -> None:
    template = made_with(CacheBackend=backend)
    assert may(template, "BrokerRole") == may(template, "KeeperRole") == MINTS
    assert may(template, "RequestRole") == {*LOGS, "lambda:InvokeFunction", "ssm:GetParameter"}
    assert may(template, "RotationRole") == ROTATES
    for name in ("SalesforceRequest", "KeyRotation"):
        variables = template.properties(name)["Environment"]["Variables"]
        assert not {"SFMINT_TABLE", "SFMINT_CACHE_BACKEND", "SFMINT_KEY_ARN"} & set(variables)
    assert template.properties("SalesforceRequest")["Layers"] == [{"Ref": "ClientLayer"}, {"Ref": "DependenciesLayer"}]


def test_a_change_of_the_store_changes_no_right() -> None:
    """CloudFormation changes policies before aliases: versions with the other store still run then."""
    one, other = (made_with(CacheBackend=backend) for backend in STORES)
    for name in ("Key", "MintPolicy", "BrokerRole", "KeeperRole", "RequestRole", "RotationRole"):
        assert one.resources[name] == other.resources[name], name


def test_a_stack_without_a_table_names_none(template: ReadTemplate, parameter_template: ReadTemplate) -> None:
    assert set(template.resources) - set(parameter_template.resources) == {"Table"}
    assert set(template.outputs) ^ set(parameter_template.outputs) == {"TableName", "CachePrefix"}
    assert '"Table"' not in json.dumps(parameter_template.resources)
    for name in ("TokenBroker", "TokenKeeper"):
        variables = parameter_template.properties(name)["Environment"]["Variables"]
        assert variables["SFMINT_TABLE"] == ""
        assert variables["SFMINT_CACHE_BACKEND"] == {"Ref": "CacheBackend"}


def test_a_key_of_ones_own_is_used_through_its_service_and_for_what_is_the_stacks() -> None:
    template = made_with(**OWN_KEYS)
    [table] = said(template, "BrokerRole", "OpenTable")
    assert (table["Action"], table["Resource"]) == ("kms:Decrypt", {"Ref": "TableKeyArn"})
    assert conditions(table) == {
        "kms:ViaService": ["dynamodb.${AWS::Region}.*"],
        "kms:EncryptionContext:aws:dynamodb:tableName": [TABLES],
    }
    [secrets] = said(template, "BrokerRole", "OpenSecrets")
    [granted] = said(template, "BrokerRole", "SecretOfEachConnection")
    assert (secrets["Action"], secrets["Resource"]) == ("kms:Decrypt", {"Ref": "SecretsKeyArns"})
    assert conditions(secrets) == {
        "kms:ViaService": ["secretsmanager.${AWS::Region}.*"],
        "kms:EncryptionContext:SecretARN": [text_of(granted["Resource"]), str({"Ref": "HttpsProxySecretArn"})],
    }
    [proxy] = said(template, "RequestRole", "OpenProxySecret")
    assert conditions(proxy) == {
        "kms:ViaService": ["secretsmanager.${AWS::Region}.*"],
        "kms:EncryptionContext:SecretARN": [str({"Ref": "HttpsProxySecretArn"})],
    }
    for role in ("BrokerRole", "KeeperRole", "RequestRole", "RotationRole"):
        sid = "ProxySecret" if role in {"BrokerRole", "KeeperRole"} else "ReadProxySecret"
        [read] = said(template, role, sid)
        assert (read["Action"], read["Resource"]) == ("secretsmanager:GetSecretValue", {"Ref": "HttpsProxySecretArn"})
    assert "OpenProxySecret" not in json.dumps(made_with(SecretsKeyArns=A_KEY).resources)


def test_a_signing_key_signs_whole_assertions_by_the_one_rule_and_for_who_mints_only() -> None:
    template = made_with(SigningKeyArns=A_KEY)
    for role in ("BrokerRole", "KeeperRole"):
        [sign] = said(template, role, "SignAssertions")
        assert (sign["Action"], sign["Resource"]) == ("kms:Sign", {"Ref": "SigningKeyArns"})
        assert sign["Condition"] == {
            "StringEquals": {"kms:SigningAlgorithm": kms.ALGORITHM, "kms:MessageType": kms.MESSAGE}
        }
        [elsewhere] = said(template, role, "InTheseFunctionsOnly")
        assert "kms:Sign" in elsewhere["Action"]
        assert may(template, role) == MINTS | {"kms:Sign"}
    [sign] = said(template, "RotationRole", "SignCertificates")
    assert sign["Condition"] == {
        "StringEquals": {"kms:SigningAlgorithm": kms.ALGORITHM, "kms:MessageType": kms.MESSAGE}
    }
    assert may(template, "RotationRole") == ROTATES | {"kms:GetPublicKey", "kms:Sign"}
    assert "kms:Sign" not in may(template, "RequestRole")
    assert "SignAssertions" not in json.dumps(made_with().resources)


def said(template: ReadTemplate, role: str, sid: str) -> list[dict[str, Any]]:
    return [statement for statement in template.statements_of(role) if statement.get("Sid") == sid]


def conditions(statement: dict[str, Any]) -> dict[str, list[str]]:
    keys = [(key, value) for asked in statement["Condition"].values() for key, value in asked.items()]
    return {key: [text_of(each) for each in listed(value)] for key, value in keys}


def test_the_functions_use_the_key_for_tokens_only_and_nobody_else_does(template: ReadTemplate) -> None:
    key = template.properties("Key")
    manage, use = key["KeyPolicy"]["Statement"]
    assert not KEY_USE & set(manage["Action"])
    assert set(use["Action"]) == KEY_USE
    asked = {**use["Condition"]}
    # The account as principal lets nobody in alone: the role's own policy has to allow it too.
    assert asked.pop("ArnEquals") == {"aws:PrincipalArn": [{"Fn::GetAtt": [f"{role}Role", "Arn"]} for role in OWNERS]}
    assert plain(asked) == SEALED
    assert {text_of(each["Principal"]["AWS"]).rpartition(":")[2] for each in (manage, use)} == {"root"}
    assert key["EnableKeyRotation"] is True
    assert template.properties("KeyAlias")["TargetKeyId"] == {"Ref": "Key"}
    for role in OWNERS:
        [in_role] = said(template, f"{role}Role", "SealTokens")
        assert (plain(in_role["Condition"]), in_role["Resource"]) == (SEALED, {"Fn::GetAtt": ["Key", "Arn"]})


OWNERS = ("Broker", "Keeper")


def plain(asked: Any) -> Any:
    """Return conditions with the texts that Fn::Sub is given."""
    match asked:
        case {"Fn::Sub": str(text)}:
            return text
        case dict():
            return {key: plain(value) for key, value in asked.items()}
        case list():
            return [plain(value) for value in asked]
        case _:
            return asked


# What AWS's console lets an administrator of a key do ("kms:Create*", "kms:Describe*", ...), for a key such as this: its material
# is AWS's, in one region, and symmetric. Source: KMS Developer Guide, "Default key policy", key administrators.
ADMINISTRATION = {
    *(
        "CancelKeyDeletion",
        "CreateAlias",
        "DeleteAlias",
        "DescribeKey",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
    ),
    *("EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants", "ListKeyPolicies", "ListKeyRotations"),
    *("ListResourceTags", "PutKeyPolicy", "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion", "TagResource"),
    *("UntagResource", "UpdateAlias", "UpdateKeyDescription"),
}


def test_administrators_of_the_key_may_all_but_use_it_or_grant_its_use(template: ReadTemplate) -> None:
    manage, _ = template.properties("Key")["KeyPolicy"]["Statement"]
    assert set(manage["Action"]) == {f"kms:{action}" for action in ADMINISTRATION}


def test_an_admin_connection_has_an_alias_and_no_way_to_it_is_given() -> None:
    without, template = made_with(), made_with(AdminConnections="admin-apps,admin-b")
    made = {name: template.resources[name] for name in set(template.resources) - set(without.resources)}
    assert {text_of(each["Properties"]["Name"]) for each in made.values()} == {"admin-apps", "admin-b"}
    for alias in made.values():
        assert alias["Type"] == "AWS::Lambda::Alias"
        assert alias["Properties"]["FunctionName"] == {"Ref": "TokenBroker"}
        assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": ["TokenBroker", "Version.Version"]}
    for each in (without, template):
        [denied] = said(each, "RequestRole", "NeverOfAnAdminConnection")
        assert (denied["Effect"], denied["Action"]) == ("Deny", "lambda:InvokeFunction")
        assert text_of(denied["Resource"]) == "${TokenBroker.Arn}:admin-*"
    for name in ("TokenBroker", "TokenKeeper", "SalesforceRequest", "KeyRotation"):
        both = template.properties(name)["Environment"]["Variables"]["SFMINT_CONNECTIONS"]["Fn::Join"][1]
        assert both == [{"Fn::Join": [",", {"Ref": parameter}]} for parameter in ("Connections", "AdminConnections")]


@given(st.data())
def test_an_admin_connections_name_obeys_the_rule_of_all_names(template: ReadTemplate, data: st.DataObject) -> None:
    pattern = template.parameters["AdminConnections"]["AllowedPattern"]
    name = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    assert name == "" or re.fullmatch(connection_name.PATTERN, name)
    assert not re.fullmatch(template.parameters["Connections"]["AllowedPattern"], name)


PEOPLE = {
    "OperatePolicy": "${AWS::StackName}-operate-${AWS::Region}",
    "ObservePolicy": "${AWS::StackName}-observe-${AWS::Region}",
}
CHANGES_NOTHING = ("Describe", "Filter", "Get", "List", "StartQuery", "StopQuery")


@pytest.mark.parametrize("name", PEOPLE)
def test_people_see_the_stack_and_get_no_token_no_secret_and_no_key(template: ReadTemplate, name: str) -> None:
    assert text_of(template.properties(name)["ManagedPolicyName"]) == PEOPLE[name]
    statements = [statement for holder, statement in template.statements() if holder == name]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    for statement in statements:
        for service, _, action in (each.partition(":") for each in listed(statement["Action"])):
            assert service not in {"secretsmanager", "kms", "ssm", "dynamodb", "iam"}
            assert action.startswith(CHANGES_NOTHING) or action == "InvokeFunction"
        for resource in listed(statement["Resource"]):
            assert resource == "*" or isinstance(resource, dict)
            if resource == "*":
                assert (name, statement["Sid"]) in WILDCARDS
    invokes = [each["Resource"] for each in statements if each["Action"] == "lambda:InvokeFunction"]
    own = {
        "OperatePolicy": ["${TokenKeeper.Arn}:live", "${TokenKeeper.Arn}:observe", "${KeyRotation.Arn}:live"],
        "ObservePolicy": ["${TokenBroker.Arn}:live", "${TokenKeeper.Arn}:observe"],
    }
    assert [text_of(each) for resource in invokes for each in listed(resource)] == own[name]
    [logs] = [statement for statement in statements if "logs:FilterLogEvents" in statement["Action"]]
    assert logs["Resource"] == [{"Fn::GetAtt": [group, "Arn"]} for group in template.of_type("AWS::Logs::LogGroup")]


def test_who_looks_on_sees_every_function(template: ReadTemplate) -> None:
    [seen] = [
        each for name, each in template.statements() if (name, each.get("Sid")) == ("ObservePolicy", "SeeTheFunctions")
    ]
    functions = template.of_type("AWS::Serverless::Function")
    assert seen["Resource"] == [{"Fn::GetAtt": [name, "Arn"]} for name in functions]


def test_the_keeper_is_named_without_waiting_for_it(template: ReadTemplate) -> None:
    name = text_of(template.properties("TokenKeeper")["FunctionName"])
    assert text_of(template.outputs["KeeperArn"]["Value"]).endswith(f":function:{name}:live")


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


def test_only_this_stacks_schedules_may_take_the_schedulers_role(template: ReadTemplate) -> None:
    [statement] = template.properties("SchedulerRole")["AssumeRolePolicyDocument"]["Statement"]
    condition = statement["Condition"]["StringEquals"]
    assert condition["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert text_of(condition["aws:SourceArn"]).endswith(":schedule-group/${AWS::StackName}")
    assert template.properties("RefreshGroup")["Name"] == {"Ref": "AWS::StackName"}


def test_the_table_outlives_its_stack_and_has_no_name(template: ReadTemplate) -> None:
    table = template.resources["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert "TableName" not in table["Properties"]
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["Properties"]["DeletionProtectionEnabled"] is False
    assert "SSESpecification" not in table["Properties"]


def test_the_table_is_protected_and_sealed_as_the_account_asks() -> None:
    table = made_with(DeletionProtection="on", TableKeyArn=A_KEY).properties("Table")
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "TableKeyArn"}}


def test_no_secret_belongs_to_the_stack(template: ReadTemplate) -> None:
    assert not template.of_type("AWS::SecretsManager::Secret")


def test_secrets_manager_may_invoke_rotations_for_secrets_of_this_account_and_of_any_name(
    template: ReadTemplate,
) -> None:
    [permission] = template.of_type("AWS::Lambda::Permission").values()
    assert permission["Properties"] == {
        "FunctionName": {"Ref": "KeyRotation.Alias"},  # the alias: whatever else is invoked refuses
        "Principal": "secretsmanager.amazonaws.com",
        "Action": "lambda:InvokeFunction",
        "SourceAccount": {"Ref": "AWS::AccountId"},
    }


def test_what_is_pending_is_looked_at_on_a_schedule_that_meets_no_connections_name(template: ReadTemplate) -> None:
    tick = template.properties("RotationTick")
    assert not re.fullmatch(connection_name.PATTERN, tick["Name"])
    assert (tick["GroupName"], json.loads(tick["Target"]["Input"])) == ({"Ref": "RefreshGroup"}, {"action": "tick"})
    assert text_of(tick["Target"]["Arn"]) == "${KeyRotation.Arn}:live"
    assert "RotationTick" not in made_with(RefreshRate="off").resources


def test_a_topic_is_published_to_and_its_key_used_through_sns_and_for_it_alone() -> None:
    template = made_with(RotationTopicArn=A_TOPIC)
    [publish] = said(template, "RotationRole", "Announce")
    assert (publish["Action"], publish["Resource"]) == ("sns:Publish", {"Ref": "RotationTopicArn"})
    [sealed] = said(template, "RotationRole", "AnnounceUnderAKey")
    assert conditions(sealed) == {
        "kms:ViaService": ["sns.${AWS::Region}.*"],
        "kms:EncryptionContext:aws:sns:topicArn": [str({"Ref": "RotationTopicArn"})],
    }
    assert "sns:Publish" not in json.dumps(made_with().resources)


def test_rotations_open_and_seal_the_stacks_secrets_through_secrets_manager() -> None:
    template = made_with(**OWN_KEYS)
    [sealed] = said(template, "RotationRole", "OpenAndSealSecrets")
    [granted] = said(template, "RotationRole", "RotateSecretOfEachConnection")
    assert (sealed["Action"], sealed["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], {"Ref": "SecretsKeyArns"})
    assert conditions(sealed) == {
        "kms:ViaService": ["secretsmanager.${AWS::Region}.*"],
        "kms:EncryptionContext:SecretARN": [text_of(granted["Resource"]), str({"Ref": "HttpsProxySecretArn"})],
    }


def of_prober(**values: str) -> ReadTemplate:
    return made_with(ProbeConnection="other", **values)


@pytest.mark.parametrize("name", ["my-org", "other"])
def test_the_prober_holds_the_policy_of_its_connection_word_by_word(name: str) -> None:
    template = made_with(ProbeConnection=name)
    [policy] = [each for each in template.properties("ProberRole")["Policies"] if each["PolicyName"] == "get-token"]
    held = json.dumps(policy["PolicyDocument"]).replace("${ProbeConnection}", name)
    managed = template.properties(f"GetToken{name.replace('-', '')}")["PolicyDocument"]
    assert json.loads(held) == json.loads(json.dumps(managed))


def test_the_prober_may_what_a_consumer_may_and_no_denial_hides_a_hole() -> None:
    template = of_prober()
    assert may(template, "ProberRole") == {*LOGS, "lambda:InvokeFunction", "ssm:GetParameter"}
    denied = [each for each in template.statements_of("ProberRole") if each["Effect"] == "Deny"]
    assert [each["Sid"] for each in denied] == ["InThisFunctionOnly"]
    assert template.properties("Prober")["Layers"] == [{"Ref": "ClientLayer"}, {"Ref": "DependenciesLayer"}]


def test_the_prober_reads_what_the_template_sets() -> None:
    variables = of_prober().properties("Prober")["Environment"]["Variables"]
    recorded = Recorded({**dict.fromkeys(variables, "x"), "SFMINT_HTTPS_PROXY": ""})
    ProbeSettings.from_environment(recorded)
    read = {name for name in recorded.asked if name.startswith("SFMINT_")}
    assert {name for name in variables if name.startswith("SFMINT_")} == read


def test_the_prober_asks_for_every_function_and_every_other_connections_alias() -> None:
    """What the template adds later has to be asked for too."""
    template = of_prober(AdminConnections="admin-a")
    functions = {
        text_of(each["Properties"]["FunctionName"]) for each in template.of_type("AWS::Serverless::Function").values()
    }
    broker = "arn:aws:lambda:eu-central-1:000000000000:function:acme-token-broker"
    ground = Ground(
        stack="acme",
        connection="other",
        connections=("my-org", "other", "admin-a"),
        broker_arn=broker,
        key_arn="k",
        table="t",
    )
    asked = {question.parameters["FunctionName"] for question in questions(ground) if question.service == "lambda"}
    own = broker.removesuffix("token-broker")
    for function in {name.removeprefix("${AWS::StackName}-") for name in functions} - {"prober"}:
        assert {f"{own}{function}", f"{own}{function}:live"} <= asked
    for alias in template.of_type("AWS::Lambda::Alias").values():
        target = text_of(template.properties(alias["Properties"]["FunctionName"]["Ref"])["FunctionName"])
        arn = f"{own}{target.removeprefix('${AWS::StackName}-')}:{text_of(alias['Properties']['Name'])}"
        assert (arn in asked) == (arn != f"{broker}:other"), arn
    assert {
        question.parameters["SecretId"] for question in questions(ground) if question.service == "secretsmanager"
    } == {f"sfmint/acme/{name}" for name in ("my-org", "other", "admin-a")}


def test_operators_see_of_the_prober_what_doctor_looks_at() -> None:
    allowed = [statement for name, statement in of_prober().statements() if name == "OperatePolicy"]
    for action, resource in (
        ("lambda:ListAliases", {"Fn::GetAtt": ["Prober", "Arn"]}),
        ("logs:DescribeLogStreams", {"Fn::GetAtt": ["ProberLogs", "Arn"]}),
    ):
        [statement] = [each for each in allowed if action in listed(each["Action"])]
        assert resource in statement["Resource"]


def test_the_probers_tick_is_there_without_refreshes_and_its_role_then_invokes_nothing_else() -> None:
    for rate, own in (("off", ["${Prober.Arn}:live"]), ("rate(5 minutes)", None)):
        template = of_prober(RefreshRate=rate)
        tick = template.properties("ProberTick")
        assert not re.fullmatch(connection_name.PATTERN, tick["Name"])
        assert (json.loads(tick["Target"]["Input"]), tick["GroupName"]) == (
            {"action": "probe"},
            {"Ref": "RefreshGroup"},
        )
        [invoke] = template.statements_of("SchedulerRole")
        invoked = [text_of(arn) for arn in invoke["Resource"]]
        assert invoked == (own or ["${TokenKeeper.Arn}:live", "${KeyRotation.Arn}:live", "${Prober.Arn}:live"])


def test_a_stack_without_a_prober_has_nothing_of_it() -> None:
    for rate in ("off", "rate(5 minutes)"):
        with_one, without = of_prober(RefreshRate=rate), made_with(RefreshRate=rate)
        more = set(with_one.resources) - set(without.resources)
        own = {"Prober", "ProberLogs", "ProberRole", "ProberTick"}
        assert more == own | (set() if rate != "off" else {"RefreshGroup", "SchedulerRole"})
        shown = without.resources.pop("Dashboard")["Properties"]["DashboardBody"]["Fn::Sub"]
        assert "Prober (if there is one)" in shown[0]  # one dashboard fits every stack
        assert "Prober" not in json.dumps([without.resources, without.outputs])


def test_no_function_is_traced(template: ReadTemplate) -> None:
    """A tracer keeps what a function was given and what it answered."""
    for name in template.of_type("AWS::Serverless::Function"):
        assert "Tracing" not in template.properties(name), name
    code = [path.read_text() for path in (places.ROOT / "functions").rglob("*.py")]
    code += [path.read_text() for path in (places.ROOT / "layers").rglob("*.py")]
    assert [text for text in code if "Tracer(" in text or "aws_xray_sdk" in text] == []
