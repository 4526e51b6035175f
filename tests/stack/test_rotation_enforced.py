"""What the role of key_rotation is worth, on an embedded AWS that evaluates every policy: to its own function, and elsewhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sfmint_local.embedded_aws import REGION, EmbeddedAws
from stack.acme import ACCOUNT, ADMIN, LAMBDA, deploy_functions, filled, statements_of
from stack.tiny_function import TRUSTS_LAMBDA, TinyFunction

ROTATION = "acme-key-rotation"
SECRET, ADMIN_SECRET, OTHERS_SECRET = "sfmint/acme/orders", f"sfmint/acme/{ADMIN}", "sfmint/acme-two/orders"
NOTE = "/sfmint/acme/rotations/orders/0000000001"
CERTIFICATE = "/sfmint/acme/connections/orders/next-certificate"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:rotations"

# Does what it is told, and answers AWS's code where that is refused.
CODE = """
import json
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    return [tried(*each) for each in event.get("calls", [])]

def tried(service, operation, parameters):
    try:
        getattr(boto3.client(service), operation)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
"""
REFUSED = {"AccessDeniedException", "AccessDenied", "AuthorizationError", "AuthorizationErrorException"}

SIGNING, OTHERS_KEY = "%SIGNING%", "%OTHERS%"  # AWS makes up the ARNs of keys

type Call = tuple[str, str, dict[str, Any]]


def secrets(operation: str, name: str = SECRET, **more: Any) -> Call:
    return "secretsmanager", operation, {"SecretId": name, **more}


def parameter(operation: str, name: str, **more: Any) -> Call:
    return "ssm", operation, {"Name": name, **more}


def put(name: str) -> Call:
    return parameter("put_parameter", name, Value="v", Type="String", Overwrite=True)


def invoke(function: str, alias: str) -> Call:
    return "lambda", "invoke", {"FunctionName": f"{LAMBDA}{function}:{alias}", "Payload": "{}"}


def publish(topic: str) -> Call:
    return "sns", "publish", {"TopicArn": topic, "Message": "m"}


def sign(key: str, **more: str) -> Call:
    asked = {"MessageType": "RAW", "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "Message": "m", **more}
    return "kms", "sign", {"KeyId": key, **asked}


# In this order each can be done.
DOES: list[Call] = [
    secrets("describe_secret"),
    secrets("get_secret_value"),
    secrets("put_secret_value", SecretString="new", ClientRequestToken="1" * 32, VersionStages=["AWSPENDING"]),
    secrets("update_secret_version_stage", VersionStage="AWSPENDING", RemoveFromVersionId="1" * 32),
    secrets("get_secret_value", ADMIN_SECRET),
    put(NOTE),
    ("ssm", "get_parameters_by_path", {"Path": "/sfmint/acme/rotations/orders"}),
    parameter("delete_parameter", NOTE),
    put(CERTIFICATE),
    parameter("get_parameter", CERTIFICATE),
    parameter("delete_parameter", CERTIFICATE),
    invoke("token-keeper", "live"),
    invoke("token-broker", ADMIN),
    publish(TOPIC),
    ("kms", "get_public_key", {"KeyId": SIGNING}),
    sign(SIGNING),
]
DOES_NOT: list[Call] = [
    secrets("get_secret_value", OTHERS_SECRET),
    secrets("put_secret_value", OTHERS_SECRET, SecretString="new"),
    secrets("delete_secret"),
    secrets("update_secret", SecretString="new"),
    secrets("rotate_secret", RotationLambdaARN=f"{LAMBDA}key-rotation:live"),
    secrets("put_resource_policy", ResourcePolicy="{}"),
    ("secretsmanager", "create_secret", {"Name": "sfmint/acme/more", "SecretString": "s"}),
    put("/sfmint/acme/connections/orders/allow"),
    put("/sfmint/acme/connections/orders/broker"),
    put("/sfmint/acme/cache/t1/orders/1"),
    put("/sfmint/acme-two/rotations/orders/0000000001"),
    parameter("get_parameter", "/sfmint/acme/connections/orders/broker"),
    parameter("get_parameter", NOTE),
    ("ssm", "get_parameters_by_path", {"Path": CERTIFICATE}),
    ("ssm", "get_parameters_by_path", {"Path": "/sfmint/acme/cache/t1/orders"}),
    invoke("token-keeper", "observe"),
    invoke("token-broker", "orders"),
    invoke("token-broker", "live"),
    invoke("salesforce-request", "orders"),
    invoke("key-rotation", "live"),
    publish(f"{TOPIC}-of-others"),
    ("dynamodb", "get_item", {"TableName": "acme-Table-1", "Key": {"pk": {"S": "orders"}}}),
    ("kms", "encrypt", {"KeyId": "alias/sfmint/acme", "Plaintext": "t"}),
    ("kms", "get_public_key", {"KeyId": OTHERS_KEY}),
    sign(OTHERS_KEY),
    sign(SIGNING, SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_512"),
    sign(SIGNING, MessageType="DIGEST", Message="d" * 32),
    ("iam", "list_roles", {}),
]


@dataclass(frozen=True, slots=True)
class Acme:
    """An AWS with what the role may be tried on.

    Attributes:
        aws: it.
        own: the function whose role it is.
        other: another function with the same role.
        keys: the ARNs of the two signing keys.
    """

    aws: EmbeddedAws
    own: TinyFunction
    other: TinyFunction
    keys: dict[str, str]

    def tries(self, function: TinyFunction, calls: list[Call]) -> list[str]:
        """Return what becomes of each call of a function's code."""
        event = json.dumps({"calls": calls})
        for place, arn in self.keys.items():
            event = event.replace(place, arn)
        invoked = self.aws.functions.invoke(FunctionName=function.alias_arn, Payload=event)
        answers: list[str] = json.loads(invoked["Payload"].read())
        assert len(answers) == len(calls), answers
        return answers


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    aws = EmbeddedAws.start(tmp_path_factory.mktemp("aws"), checks_access=True)
    try:
        aws.wait()
        trusts = json.dumps(TRUSTS_LAMBDA)
        deploy_functions(aws, "live", "observe", ADMIN, but="key-rotation")
        for name in (SECRET, ADMIN_SECRET, OTHERS_SECRET):
            aws.secrets.create_secret(Name=name, SecretString="{}")
        for topic in ("rotations", "rotations-of-others"):
            aws.topics.create_topic(Name=topic)
        keys = {name: new_signing_key(aws) for name in (SIGNING, OTHERS_KEY)}
        aws.kms.create_alias(AliasName="alias/sfmint/acme", TargetKeyId=aws.kms.create_key()["KeyMetadata"]["KeyId"])
        role = aws.iam.create_role(RoleName="acme-RotationRole-1", AssumeRolePolicyDocument=trusts)["Role"]["Arn"]
        chosen = {"RotationTopicArn": TOPIC, "SigningKeyArns": keys[SIGNING]}
        said = statements_of("RotationRole", AdminConnections=ADMIN, **chosen)
        document = {"Version": "2012-10-17", "Statement": filled(said, **chosen)}
        aws.iam.put_role_policy(
            RoleName="acme-RotationRole-1", PolicyName="rotate-keys", PolicyDocument=json.dumps(document)
        )
        rotation, other = (TinyFunction.deploy(aws, name=name, code=CODE, role=role) for name in (ROTATION, "acme-x"))
        aws.functions.create_alias(FunctionName=ROTATION, Name="live", FunctionVersion="1")
        yield Acme(aws, rotation, other, keys)
    finally:
        aws.stop()


def new_signing_key(aws: EmbeddedAws) -> str:
    return aws.kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]


def test_in_its_own_function_the_role_does_what_a_rotation_needs(acme: Acme) -> None:
    answers = acme.tries(acme.own, DOES)
    assert dict(zip(map(str, DOES), answers, strict=True)) == dict.fromkeys(map(str, DOES), "done")


def test_it_does_no_more(acme: Acme) -> None:
    answers = acme.tries(acme.own, DOES_NOT)
    assert [(call, said) for call, said in zip(DOES_NOT, answers, strict=True) if said not in REFUSED] == []


def test_in_another_function_it_is_worth_nothing(acme: Acme) -> None:
    answers = acme.tries(acme.other, DOES)
    assert [(call, said) for call, said in zip(DOES, answers, strict=True) if said not in REFUSED] == []


def test_every_right_of_the_role_is_used_above() -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000001"
    said = statements_of("RotationRole", RotationTopicArn=TOPIC, SigningKeyArns=key)
    granted = {action for each in said if each["Effect"] == "Allow" for action in as_list(each["Action"])}
    used = {f"{service}:{operation.title().replace('_', '')}" for service, operation, _ in DOES}
    used = {"lambda:InvokeFunction" if action == "lambda:Invoke" else action for action in used}
    by_services = {"kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents"}
    assert granted - by_services == used


def test_who_sets_a_rotation_needs_the_right_to_the_function_too(acme: Acme) -> None:
    acme.own.let_secrets_manager_in()
    on_secret = {"Action": ["secretsmanager:RotateSecret", "secretsmanager:CancelRotateSecret"], "Resource": "*"}
    on_function = {"Action": "lambda:InvokeFunction", "Resource": acme.own.alias_arn}
    asked = {"SecretId": SECRET, "RotationLambdaARN": acme.own.alias_arn, "RotateImmediately": False}
    without, with_both = person(acme.aws, "half", on_secret), person(acme.aws, "whole", on_secret, on_function)
    with pytest.raises(ClientError, match="AccessDenied"):
        without.rotate_secret(**asked)
    assert "RotationLambdaARN" not in acme.aws.secrets.describe_secret(SecretId=SECRET)
    with_both.rotate_secret(**asked)
    with_both.cancel_rotate_secret(SecretId=SECRET)
    assert acme.aws.secrets.describe_secret(SecretId=SECRET)["RotationEnabled"] is False


def person(aws: EmbeddedAws, name: str, *rights: dict[str, Any]) -> Any:
    """Return a client of Secrets Manager of somebody who has some rights and no others."""
    said = [{"Effect": "Allow", **right} for right in rights]
    aws.iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": said})
    aws.iam.put_user_policy(UserName=name, PolicyName="it", PolicyDocument=document)
    key = aws.iam.create_access_key(UserName=name)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    return session.client("secretsmanager", endpoint_url=aws.endpoint_url)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
