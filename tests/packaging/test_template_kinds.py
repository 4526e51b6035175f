"""What holds for every function, role, policy, log group and parameter of the template, whichever parameters are chosen.

Nothing here names a function, and a parameter only in SAMPLES: what is added later is checked without a new test, and a new
parameter is refused until it has its samples.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from iam_policy import allowed
from iam_policy import denied as is_denied
from read_template import ReadTemplate
from sfmint_local import places

ARN = "arn:aws:{}:eu-central-1:000000000000:{}"
KEY = ARN.format("kms", "key/00000000-0000-0000-0000-00000000000{}")
A_NAME = "https://vpce-0123.example.amazonaws.com"
LONGEST_STACK = 45 * "s"

# A value of each parameter that is not its default, and values that CloudFormation has to refuse.
SAMPLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Connections": ("a,my-org,live-org,alive," + "a" * 32, ("", "live", "1a", "-a", "My", "a_b", "a" * 33, "admin-a")),
    "AdminConnections": ("admin-a,admin-b", ("admin-", "admin", "a", "Admin-a", "admin-" + "a" * 27)),
    "TokenHosts": ("login.example.com:8443,other.example.com", ("https://a.example.com", "a b", "a,,b")),
    "CacheBackend": ("parameter-store", ("redis", "")),
    "RefreshRate": ("off", ("5 minutes", "rate(0 minutes)", "cron(* * * * ? *)")),
    "MemoryTrustSeconds": ("0", ()),
    "LoginBudgetPerHour": ("3600", ()),
    "RotationTopicArn": (ARN.format("sns", "rotations"), ("rotations", ARN.format("sns", "rotations.fifo"))),
    "AlarmTopicArn": (ARN.format("sns", "alarms"), ("alarms", ARN.format("sns", "alarms.fifo"))),
    "ProbeConnection": ("my-org", ("live", "admin-a", "My", "a,b", "a" * 33)),
    "Architecture": ("x86_64", ("arm", "")),
    "ReservedConcurrency": ("10", ("0", "-1", "1.5")),
    "LogLevel": ("DEBUG", ("TRACE", "debug")),
    "LogRetentionDays": ("30", ("2",)),
    "SubnetIds": ("subnet-0123456789abcdef0,subnet-01234567", ("subnet-1", "subnet-0123456789abcdef0, ")),
    "SecurityGroupIds": ("sg-0123456789abcdef0", ("sg-1", "0123456789abcdef0")),
    "HttpsProxy": ("http://proxy.example.com:3128", ("https://a", "http://u:p@a", "http://a/b", "a:1")),
    "HttpsProxySecretArn": (ARN.format("secretsmanager", "secret:proxy/it-aB3dE6"), ("proxy", KEY.format(1))),
    "CaBundleLayerArn": (ARN.format("lambda", "layer:bundle:3"), ("bundle", ARN.format("lambda", "layer:bundle"))),
    "AwsEndpoints": ("fips", ("", "FIPS")),
    "DynamoDbEndpointUrl": (A_NAME, ("http://a", "https://a/b", "https://u@a", "https://")),
    "KmsEndpointUrl": (A_NAME + ":8443", ("http://a", "https://a/b", "https://a:port")),
    "SecretsManagerEndpointUrl": (A_NAME, ("http://a", "https://a/", "vpce-0123")),
    "SsmEndpointUrl": (A_NAME, ("http://a", "https://a?b", "https://a b")),
    "LambdaEndpointUrl": (A_NAME, ("http://a", "https://a#b", "//a")),
    "SnsEndpointUrl": (A_NAME, ("http://a", "https://a/b", "sns")),
    "PermissionsBoundaryArn": ("arn:aws:iam::000000000000:policy/boundary", ("boundary", "arn:aws:iam::1:policy/a")),
    "RolePath": ("/teams/crm/", ("", "teams/", "/teams", "//", "/a b/")),
    "SigningKeyArns": (f"{KEY.format(1)},{KEY.format(2)}", ("alias/mine", ARN.format("kms", "alias/mine"))),
    "SecretsKeyArns": (f"{KEY.format(1)},{KEY.format(2)}", ("alias/mine", ARN.format("kms", "alias/mine"))),
    "TableKeyArn": (KEY.format(1), ("alias/mine", ARN.format("kms", "alias/mine"), f"{KEY.format(1)},{KEY.format(2)}")),
    "LogsKeyArn": (ARN.format("kms", "key/mrk-" + 32 * "0"), ("alias/mine", ARN.format("kms", "alias/mine"))),
    "DeletionProtection": ("on", ("true", "")),
    "BuildId": ("0123456789ab", ("x", "0" * 65)),
}
NEEDS = {  # by the rules
    "SubnetIds": ("SecurityGroupIds",),
    "SecurityGroupIds": ("SubnetIds",),
    "HttpsProxySecretArn": ("HttpsProxy",),
}
SHOWN_BY = {"ProbeConnection": ("AlarmTopicArn",)}  # what else has to be chosen before a parameter changes anything
EXCLUDED = "AwsEndpoints"  # it goes together with none of the endpoint URLs


@cache
def chosen(*names: str) -> ReadTemplate:
    """Return the template with some parameters, and those that they need, at their samples."""
    needed = {other for name in names for other in NEEDS.get(name, ())}
    return ReadTemplate.chosen(places.ROOT / "template.yaml", **{name: SAMPLES[name][0] for name in {*names, *needed}})


VARIANTS = [
    pytest.param((), id="none"),
    *(pytest.param((name,), id=name) for name in SAMPLES),
    pytest.param(tuple(name for name in SAMPLES if name != EXCLUDED), id="all"),
    pytest.param(tuple(name for name in SAMPLES if name not in {EXCLUDED, "CacheBackend", "RefreshRate"}), id="most"),
]
in_each_variant = pytest.mark.parametrize("names", VARIANTS)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    return str(value.get("Fn::Sub", value)) if isinstance(value, dict) else str(value)


def functions(template: ReadTemplate) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in template.of_type("AWS::Serverless::Function").items()}


def role_of(function: dict[str, Any]) -> str:
    return str(function["Role"]["Fn::GetAtt"][0])


# ---------------------------------------------------------------------------------------------- parameters


def test_every_parameter_has_its_samples(template: ReadTemplate) -> None:
    assert set(SAMPLES) == set(template.parameters)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_parameter_says_what_it_is_and_what_it_takes(template: ReadTemplate, name: str) -> None:
    parameter = template.parameters[name]
    assert parameter["Description"]
    assert parameter["ConstraintDescription"]
    assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)
    assert taken(parameter, str(parameter["Default"]))
    good, bad = SAMPLES[name]
    assert good != str(parameter["Default"])
    assert taken(parameter, good)
    assert [value for value in bad if taken(parameter, value)] == []


def taken(parameter: dict[str, Any], value: str) -> bool:
    """Return whether CloudFormation takes a value; it looks at each item of a list."""
    items = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    if "AllowedPattern" in parameter and not all(re.fullmatch(parameter["AllowedPattern"], item) for item in items):
        return False
    return "AllowedValues" not in parameter or value in map(str, parameter["AllowedValues"])


def test_the_console_shows_every_parameter_once_and_in_the_templates_order(template: ReadTemplate) -> None:
    groups = template.metadata["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert [name for group in groups for name in group["Parameters"]] == list(template.parameters)
    assert all(group["Label"]["default"] for group in groups)


def test_the_page_has_a_row_for_every_parameter(template: ReadTemplate) -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (places.ROOT / "docs/parameters.md").read_text(), re.MULTILINE)
    said = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(said) == sorted(template.parameters)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_parameter_changes_what_is_deployed(name: str) -> None:
    """By a Ref to it, or by what its value leaves out."""
    others = NEEDS.get(name, ()) + SHOWN_BY.get(name, ())
    text = json.dumps([chosen(name).resources, chosen(name).outputs])
    assert f'{{"Ref": "{name}"}}' in text or chosen(name, *others).resources != chosen(*others).resources


@in_each_variant
def test_the_rules_take_what_goes_together(names: tuple[str, ...]) -> None:
    assert chosen(*names).refusals == ()


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.endswith("EndpointUrl")])
def test_the_rules_refuse_an_endpoint_of_its_own_beside_others_of_aws(name: str) -> None:
    [why] = chosen(EXCLUDED, name).refusals
    assert "AwsEndpoints" in why


@pytest.mark.parametrize("name", NEEDS)
def test_the_rules_refuse_a_half(name: str) -> None:
    alone = ReadTemplate.chosen(places.ROOT / "template.yaml", **{name: SAMPLES[name][0]})
    [why] = alone.refusals
    assert name in why


@pytest.mark.parametrize("probed", ["b", "orders-eu", "order"])
def test_the_rules_refuse_a_probe_of_no_connection(probed: str) -> None:
    made = ReadTemplate.chosen(places.ROOT / "template.yaml", Connections="a,orders", ProbeConnection=probed)
    [why] = made.refusals
    assert "ProbeConnection" in why


# ----------------------------------------------------------------------------------------------- functions


@in_each_variant
def test_every_function_has_a_role_of_its_own_with_path_and_boundary(names: tuple[str, ...]) -> None:
    template = chosen(*names)
    roles = [role_of(function) for function in functions(template).values()]
    assert len(set(roles)) == len(roles)
    assert set(roles) <= set(template.of_type("AWS::IAM::Role"))
    assert not [name for name, function in functions(template).items() if "Policies" in function]
    for role in template.of_type("AWS::IAM::Role").values():
        bounded = {"Ref": "PermissionsBoundaryArn"} if "PermissionsBoundaryArn" in names else None
        assert role["Properties"]["Path"] == {"Ref": "RolePath"}
        assert role["Properties"].get("PermissionsBoundary") == bounded
        assert "RoleName" not in role["Properties"]  # two regions of an account share its names


@in_each_variant
def test_every_function_writes_into_a_log_group_of_its_own(names: tuple[str, ...]) -> None:
    template = chosen(*names)
    groups = []
    for function in functions(template).values():
        groups.append(group := function["LoggingConfig"]["LogGroup"]["Ref"])
        properties = template.properties(group)
        assert text_of(properties["LogGroupName"]) == f"/aws/lambda/{text_of(function['FunctionName'])}"
        assert properties["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        assert properties.get("KmsKeyId") == ({"Ref": "LogsKeyArn"} if "LogsKeyArn" in names else None)
        [writes] = [each for each in template.statements_of(role_of(function)) if "logs:PutLogEvents" in each["Action"]]
        assert writes["Resource"] == {"Fn::GetAtt": [group, "Arn"]}
    assert sorted(groups) == sorted(template.of_type("AWS::Logs::LogGroup"))


@in_each_variant
def test_every_function_and_layer_publishes_a_version_for_each_change(names: tuple[str, ...]) -> None:
    template = chosen(*names)
    for function in functions(template).values():
        assert function["AutoPublishAlias"] == "live"
        assert function["AutoPublishAliasAllProperties"] is True
        assert function["AutoPublishCodeSha256"] == {"Ref": "BuildId"}
    for name, layer in template.of_type("AWS::Serverless::LayerVersion").items():
        assert layer["Properties"]["PublishLambdaVersion"] is True
        for_consumers = name == "ClientLayer"
        assert layer["Properties"]["RetentionPolicy"] == ("Retain" if for_consumers else "Delete")


@in_each_variant
def test_every_function_stands_in_the_network_that_is_chosen(names: tuple[str, ...]) -> None:
    in_vpc = {"SubnetIds", "SecurityGroupIds"} & set(names)
    for function in functions(chosen(*names)).values():
        assert (set(function.get("VpcConfig", {})) == {"SubnetIds", "SecurityGroupIds"}) == bool(in_vpc)
        assert (
            {"Ref": "NetworkPolicy"} in chosen(*names).properties(role_of(function)).get("ManagedPolicyArns", [])
        ) == (bool(in_vpc))


BY_PARAMETER: dict[str, dict[str, Any]] = {
    "CaBundleLayerArn": {"SSL_CERT_FILE": "/opt/ca-bundle.pem"},
    "AwsEndpoints": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "DynamoDbEndpointUrl": {"AWS_ENDPOINT_URL_DYNAMODB": {"Ref": "DynamoDbEndpointUrl"}},
    "KmsEndpointUrl": {"AWS_ENDPOINT_URL_KMS": {"Ref": "KmsEndpointUrl"}},
    "SecretsManagerEndpointUrl": {"AWS_ENDPOINT_URL_SECRETS_MANAGER": {"Ref": "SecretsManagerEndpointUrl"}},
    "SsmEndpointUrl": {"AWS_ENDPOINT_URL_SSM": {"Ref": "SsmEndpointUrl"}},
    "LambdaEndpointUrl": {"AWS_ENDPOINT_URL_LAMBDA": {"Ref": "LambdaEndpointUrl"}},
    "SnsEndpointUrl": {"AWS_ENDPOINT_URL_SNS": {"Ref": "SnsEndpointUrl"}},
}


@in_each_variant
def test_every_function_is_told_of_the_ways_that_are_chosen_and_of_no_other(names: tuple[str, ...]) -> None:
    expected = {variable: value for name in names for variable, value in BY_PARAMETER.get(name, {}).items()}
    for function in functions(chosen(*names)).values():
        variables = function["Environment"]["Variables"]
        said = {name: value for name, value in variables.items() if name.startswith(("AWS_", "SSL_"))}
        assert said == expected
        assert ({"Ref": "CaBundleLayerArn"} in function["Layers"]) == ("CaBundleLayerArn" in names)
        assert {"SFMINT_STACK", "SFMINT_CONNECTIONS", "SFMINT_HTTPS_PROXY", "SFMINT_HTTPS_PROXY_SECRET_ARN"} <= set(
            variables
        )
        assert {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"} <= set(variables)


def test_ipv6_leaves_a_vpc_exactly_where_dual_stack_is_chosen() -> None:
    for endpoints, is_let_out in (("standard", False), ("fips", False), ("dualstack", True)):
        vpc = {name: SAMPLES[name][0] for name in ("SubnetIds", "SecurityGroupIds")}
        template = ReadTemplate.chosen(places.ROOT / "template.yaml", AwsEndpoints=endpoints, **vpc)
        for function in functions(template).values():
            assert function["VpcConfig"].get("Ipv6AllowedForDualStack", False) is is_let_out


def test_dual_stack_is_told_like_fips() -> None:
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", AwsEndpoints="dualstack")
    for function in functions(template).values():
        variables = function["Environment"]["Variables"]
        assert {name: value for name, value in variables.items() if name.startswith("AWS_")} == {
            "AWS_USE_DUALSTACK_ENDPOINT": "true"
        }


@in_each_variant
def test_a_functions_role_is_worth_nothing_in_another_function(names: tuple[str, ...]) -> None:
    """Of all services that the role allows: but the logs and interfaces, which Lambda asks for itself."""
    template = chosen(*names)
    for function in functions(template).values():
        said = template.statements_of(role_of(function))
        elsewhere = [each for each in said if each["Effect"] == "Deny" and "ArnNotEquals" in each.get("Condition", {})]
        for right in (each for each in said if each["Effect"] == "Allow" and not is_through_a_service(each)):
            for action in listed(right["Action"]):
                service = action.partition(":")[0]
                denials = [each for each in elsewhere if {action, f"{service}:*"} & set(listed(each["Action"]))]
                assert service in {"logs", "ec2"} or any(
                    each["Resource"] in ("*", right["Resource"]) for each in denials
                ), action
        for denied in elsewhere:
            named = listed(denied["Condition"]["ArnNotEquals"]["lambda:SourceFunctionArn"])
            assert text_of(function["FunctionName"]) in [text_of(arn).partition(":function:")[2] for arn in named]


def is_through_a_service(right: dict[str, Any]) -> bool:
    """Return whether a right is worth nothing without the right to a service, which is denied."""
    return "kms:ViaService" in right.get("Condition", {}).get("StringLike", {})


@in_each_variant
def test_the_role_of_rotations_alone_reaches_an_admin_connection_and_in_its_function_only(
    names: tuple[str, ...],
) -> None:
    template = chosen(*names)
    admin_alias = "x:admin-a"  # as `written` writes ${TokenBroker.Arn}:admin-a
    own = {"lambda:SourceFunctionArn": ARN.format("lambda", "function:acme-key-rotation")}
    elsewhere = {"lambda:SourceFunctionArn": ARN.format("lambda", "function:acme-token-keeper")}
    roles = set(template.of_type("AWS::IAM::Role"))
    for holder in roles | {name for name, _ in template.statements()}:
        said = (
            template.statements_of(holder) if holder in roles else [s for n, s in template.statements() if n == holder]
        )
        reaches = [
            where for where in (own, elsewhere) if allowed(written(said), "lambda:InvokeFunction", admin_alias, where)
        ]
        assert reaches == ([own] if holder == "RotationRole" else []), holder


@in_each_variant
def test_lambda_may_open_a_functions_variables_in_its_roles_name(names: tuple[str, ...]) -> None:
    """It asks KMS without lambda:SourceFunctionArn (Lambda Developer Guide), with a key that is not the stack's."""
    of_lambda = ARN.format("kms", "key/aws-lambda")
    template = chosen(*names)
    for function in functions(template).values():
        said = written(template.statements_of(role_of(function)))
        assert not is_denied(said, "kms:Decrypt", of_lambda)


@in_each_variant
def test_a_functions_code_may_touch_no_interface(names: tuple[str, ...]) -> None:
    template = chosen(*names)
    for function in functions(template).values():
        said = [each for each in template.statements_of(role_of(function)) if "ec2:" in json.dumps(each["Action"])]
        for denied in (each for each in said if each["Effect"] == "Deny"):
            arns = denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
            assert text_of(function["FunctionName"]) in [text_of(arn).partition(":function:")[2] for arn in arns]
        assert len({each["Effect"] for each in said}) in {0, 2}


def rights(template: ReadTemplate) -> str:
    """Return all that decides what functions may do: their roles, with their statements, and the key's policy."""
    roles = [role_of(function) for function in functions(template).values()]
    said = [[template.properties(role), template.statements_of(role)] for role in roles]
    return json.dumps([said, template.properties("Key")])


def test_the_page_names_each_parameter_that_changes_rights_while_older_versions_run() -> None:
    page = (places.ROOT / "docs/parameters.md").read_text()
    section = page.partition("These parameters change rights:")[2].partition("All others change no right")[0]
    said = [name for row in re.findall(r"^- (.+?): ", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    changing = [
        name
        for name in SAMPLES
        if rights(chosen(name)) != rights(chosen()) or f'{{"Ref": "{name}"}}' in rights(chosen(name))
    ]
    assert sorted(said) == sorted(changing)


# ------------------------------------------------------------------------------------------- replacements

KEEPS = {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::Logs::LogGroup", "AWS::Serverless::Function"}


def cannot_change(kind: str) -> set[str]:
    """Return the properties that CloudFormation changes by making another resource, by its own schema."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", kind.replace("Serverless", "Lambda")).schema
    paths = [*schema.get("createOnlyProperties", []), *schema.get("conditionalCreateOnlyProperties", [])]
    return {path.split("/")[2] for path in paths}


@in_each_variant
def test_no_parameter_replaces_what_holds_tokens_logs_or_aliases(names: tuple[str, ...]) -> None:
    template = chosen(*names)
    for name, resource in template.resources.items():
        if resource["Type"] in KEEPS and name in chosen().resources:
            fixed = cannot_change(resource["Type"]) & set(resource["Properties"])
            for held in fixed:
                now, before = resource["Properties"][held], chosen().properties(name)[held]
                assert now == before, (name, held)
                assert not set(re.findall(r'"Ref": "(\w+)"', json.dumps(now))) & set(SAMPLES), (name, held)


# ------------------------------------------------------------------------------------- policies and parameters


def written(value: Any) -> Any:
    """Return a part as it is in the stack acme, whose table has a name that CloudFormation made."""
    match value:
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: ACME.get(found[1], "x"), text)
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return "x"
        case dict():
            return {key: written(part) for key, part in value.items()}
        case list():
            return [written(part) for part in value]
        case _:
            return value


ACME = {
    "AWS::StackName": "acme",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "0" * 12,
}
RANDOM = st.from_regex(r"[A-Za-z0-9]{8,20}", fullmatch=True)
OTHER_STACKS = st.from_regex(r"acme-Table(-[A-Za-z0-9-]{1,12})?|acme[a-z0-9]{1,5}|a", fullmatch=True)


@given(made_up=RANDOM, other=OTHER_STACKS)
def test_functions_reach_their_own_tables_and_those_of_no_stack_that_is_named_alike(made_up: str, other: str) -> None:
    table = ARN.format("dynamodb", "table/{}-Table-{}")
    for names, logical in product(((), ("CacheBackend",)), ("TokenBroker", "TokenKeeper")):
        function = functions(chosen(*names))[logical]
        said = written(chosen(*names).statements_of(role_of(function)))
        here = {"lambda:SourceFunctionArn": ARN.format("lambda", f"function:{written(function['FunctionName'])}")}
        assert allowed(said, "dynamodb:UpdateItem", table.format("acme", made_up), here)
        assert not allowed(said, "dynamodb:UpdateItem", table.format(other, made_up), here)


@in_each_variant
def test_a_policy_with_a_name_has_nothing_that_an_update_cannot_change(names: tuple[str, ...]) -> None:
    for policy in chosen(*names).of_type("AWS::IAM::ManagedPolicy").values():
        properties = policy["Properties"]
        if "ManagedPolicyName" in properties:
            assert text_of(properties["ManagedPolicyName"]).startswith("${AWS::StackName}-")
            assert text_of(properties["ManagedPolicyName"]).endswith("-${AWS::Region}")
            assert not {"Description", "Path"} & set(properties)
        else:
            assert properties["Path"] == {"Ref": "RolePath"}


@in_each_variant
def test_no_policy_is_longer_than_iam_takes(names: tuple[str, ...]) -> None:
    """6,144 characters without blanks for a managed policy; 10,240 for all inline policies of a role."""
    template = chosen(*names)
    for name, policy in template.of_type("AWS::IAM::ManagedPolicy").items():
        assert length(policy["Properties"]["PolicyDocument"]) <= 6144, name
    for name, role in template.of_type("AWS::IAM::Role").items():
        assert sum(length(policy["PolicyDocument"]) for policy in role["Properties"]["Policies"]) <= 10_240, name


def length(document: Any) -> int:
    return len(re.sub(r"\s", "", json.dumps(filled(document))))


def filled(value: Any) -> Any:
    """Return a value with the longest names that stacks, regions, tables and keys may have."""
    match value:
        case {"Fn::Sub": str(text)}:
            longest = {"AWS::StackName": LONGEST_STACK, "AWS::Region": "ap-northeast-1", "AWS::AccountId": "0" * 12}
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: longest.get(found[1], "x" * 80), text)
        case {"Ref": "SecretsKeyArns" | "SigningKeyArns"}:
            return [KEY.format(1)] * 20
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return "x" * 160
        case dict():
            return {key: filled(part) for key, part in value.items()}
        case list():
            return [filled(part) for part in value]
        case _:
            return value


@in_each_variant
def test_no_name_is_longer_than_aws_takes(names: tuple[str, ...]) -> None:
    most = {"FunctionName": 64, "ManagedPolicyName": 128, "LayerName": 140, "GroupName": 64, "AliasName": 256}
    for key, text in named(chosen(*names).resources):
        if key in most:
            assert len(filled({"Fn::Sub": text})) <= most[key], text


def named(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case {"Fn::Sub": str(text)}:
            yield key, text
        case dict():
            for name, part in value.items():
                yield from named(part, name)
        case list():
            for part in value:
                yield from named(part, key)
        case _:
            pass


@in_each_variant
def test_every_parameter_of_systems_manager_is_free_of_charge(names: tuple[str, ...]) -> None:
    for parameter in chosen(*names).of_type("AWS::SSM::Parameter").values():
        assert (parameter["Properties"]["Type"], parameter["Properties"]["Tier"]) == ("String", "Standard")
