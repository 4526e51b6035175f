"""Our client of AWS beside botocore's on the embedded AWS: the same request has the same answer, or the same error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from aws_operations import CLIENTS, operations
from embedded_access import embedded_access
from kms_keys import a_signing_key
from sfmint.aws_access.budget import Budget
from sfmint_local.environments import BareStack
from sfmint_local.environments.bare_stack import TABLE
from sfmint_values.system import SystemClock

KEY = {"pk": {"S": "t1#agree"}}
ROW: dict[str, Any] = {
    "sealed": {"B": b"\x00copy\xff"},
    "fence": {"N": "7"},
    "fingerprint": {"S": "aa"},
    "keys": {"SS": ["k1", "k2"]},
}
CONTEXT = {"purpose": "sfmint/access-token", "connection": "agree"}
SECRET = "sfmint/sfmint/agree"
FOLDER = "/sfmint/sfmint/cache/t1/agree"
NAMES = [f"{FOLDER}/0089771760", f"{FOLDER}/0089771761"]

type Request = Mapping[str, Any]
type Prepare = Callable[[BareStack], Request | None]


def a_row(stack: BareStack) -> None:
    stack.aws.dynamodb.put_item(TableName=TABLE, Item={**KEY, **ROW})


def no_row(stack: BareStack) -> None:
    stack.aws.dynamodb.delete_item(TableName=TABLE, Key=KEY)


def the_key(stack: BareStack) -> Request:
    return {"KeyId": stack.key_arn}


def a_copy(stack: BareStack) -> Request:
    sealed = stack.aws.kms.encrypt(KeyId=stack.key_arn, Plaintext=b"\x00token\xff", EncryptionContext=CONTEXT)
    return {"KeyId": stack.key_arn, "CiphertextBlob": sealed["CiphertextBlob"]}


def a_key_that_signs(stack: BareStack) -> Request:
    return {"KeyId": a_signing_key(stack.aws.kms)}


def a_secret(stack: BareStack) -> None:
    if not stack.aws.secrets.list_secrets(Filters=[{"Key": "name", "Values": [SECRET]}])["SecretList"]:
        stack.aws.secrets.create_secret(Name=SECRET, SecretString='{"username": "ä@example.com"}')


def no_parameters(stack: BareStack) -> None:
    stack.aws.parameters.delete_parameters(Names=NAMES)


def two_parameters(stack: BareStack) -> None:
    for missing in stack.aws.parameters.get_parameters(Names=NAMES)["InvalidParameters"]:
        stack.aws.parameters.put_parameter(Name=missing, Value="eJw=", Type="String")


def nothing(stack: BareStack) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request.

    Attributes:
        prepare: makes what the request meets, and gives what of it is known only then.
        refused: AWS's error code; None: it answers.
        drawn: what of the answer is another each time.
    """

    service: str
    operation: str
    request: Request
    prepare: Prepare = nothing
    refused: str | None = None
    drawn: frozenset[str] = field(default=frozenset())


def case(service: str, operation: str, request: Request, **more: Any) -> Case:
    return Case(service=service, operation=operation, request=request, **more)


UPDATE = {
    "TableName": TABLE,
    "Key": KEY,
    "UpdateExpression": "SET #sealed = :sealed, #at = :at ADD #keys :keys",
    "ConditionExpression": "#fence = :fence",
    "ExpressionAttributeNames": {name: name[1:] for name in ("#sealed", "#at", "#keys", "#fence")},
    "ExpressionAttributeValues": {
        ":sealed": {"B": b"\xffnew\x00"},
        ":at": {"N": "1795435200.25"},
        ":keys": {"SS": ["k3"]},
        ":fence": {"N": "7"},
    },
    "ReturnValues": "ALL_NEW",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}
GET = {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}
PUT = {"Name": NAMES[0], "Value": "eJw=", "Type": "String", "Tier": "Standard", "Overwrite": False}
SIGN = {"Message": b"\x00\xff", "MessageType": "RAW", "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}
LIST = {"Path": FOLDER, "WithDecryption": False, "MaxResults": 1}

CASES = {
    "a row": case("dynamodb", "GetItem", GET, prepare=a_row),
    "a part of a row": case("dynamodb", "GetItem", {**GET, "ProjectionExpression": "fence"}, prepare=a_row),
    "no row": case("dynamodb", "GetItem", GET, prepare=no_row),
    "no table": case("dynamodb", "GetItem", {**GET, "TableName": "none"}, refused="ResourceNotFoundException"),
    "a write": case("dynamodb", "UpdateItem", UPDATE, prepare=a_row),
    "a refused write": case(
        "dynamodb",
        "UpdateItem",
        {**UPDATE, "ConditionExpression": "#fence > :fence"},
        prepare=a_row,
        refused="ConditionalCheckFailedException",
    ),
    "a refused first write": case(
        "dynamodb", "UpdateItem", UPDATE, prepare=no_row, refused="ConditionalCheckFailedException"
    ),
    "a write that is none": case(
        "dynamodb", "UpdateItem", {**UPDATE, "UpdateExpression": "PUT a"}, refused="ValidationException"
    ),
    "encryption": case(
        "kms",
        "Encrypt",
        {"Plaintext": b"\x00token\xff", "EncryptionContext": CONTEXT},
        prepare=the_key,
        drawn=frozenset({"CiphertextBlob"}),
    ),
    "encryption under no key": case(
        "kms", "Encrypt", {"KeyId": "none", "Plaintext": b"x"}, refused="NotFoundException"
    ),
    "decryption": case("kms", "Decrypt", {"EncryptionContext": CONTEXT}, prepare=a_copy),
    "decryption elsewhere": case(
        "kms",
        "Decrypt",
        {"EncryptionContext": {**CONTEXT, "connection": "other"}},
        prepare=a_copy,
        refused="InvalidCiphertextException",
    ),
    "a data key": case(
        "kms",
        "GenerateDataKey",
        {"KeySpec": "AES_256", "EncryptionContext": CONTEXT},
        prepare=the_key,
        drawn=frozenset({"CiphertextBlob", "Plaintext"}),
    ),
    "a signature": case("kms", "Sign", SIGN, prepare=a_key_that_signs, drawn=frozenset({"KeyId", "Signature"})),
    "a signature by no key": case("kms", "Sign", {**SIGN, "KeyId": "none"}, refused="NotFoundException"),
    "a secret": case("secretsmanager", "GetSecretValue", {"SecretId": SECRET}, prepare=a_secret),
    "no secret": case("secretsmanager", "GetSecretValue", {"SecretId": "none"}, refused="ResourceNotFoundException"),
    "a new parameter": case("ssm", "PutParameter", PUT, prepare=no_parameters),
    "a parameter that is there": case(
        "ssm", "PutParameter", PUT, prepare=two_parameters, refused="ParameterAlreadyExists"
    ),
    "a page of parameters": case("ssm", "GetParametersByPath", LIST, prepare=two_parameters),
    "no parameters": case("ssm", "GetParametersByPath", LIST, prepare=no_parameters),
    "a deletion": case("ssm", "DeleteParameters", {"Names": NAMES}, prepare=two_parameters),
    "a deletion of nothing": case("ssm", "DeleteParameters", {"Names": NAMES}, prepare=no_parameters),
}


def botocores(stack: BareStack, service: str) -> Any:
    return {
        "dynamodb": stack.aws.dynamodb,
        "kms": stack.aws.kms,
        "secretsmanager": stack.aws.secrets,
        "ssm": stack.aws.parameters,
    }[service]


def ours(stack: BareStack, service: str) -> Any:
    return CLIENTS[service](embedded_access(stack.aws.endpoint_url), None, SystemClock(), Budget(SystemClock()))


def in_our_form(value: Any, drawn: frozenset[str]) -> Any:
    """Return a value with times as numbers, and of what is another each time its kind and size."""
    match value:
        case dict():
            return {
                name: (type(part), len(part)) if name in drawn else in_our_form(part, drawn)
                for name, part in value.items()
                if name != "ResponseMetadata"
            }
        case list():
            return [in_our_form(part, drawn) for part in value]
        case datetime():
            return round(value.timestamp(), 3)
        case float():
            return round(value, 3)
        case _:
            return value


def outcome(client: Any, asked: Case, met: Request) -> Any:
    """Return the answer; of a refusal its code and the item that it shows."""
    try:
        answer = getattr(client, xform_name(asked.operation))(**asked.request, **met)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response.get("Item")
    return in_our_form(answer, asked.drawn)


@pytest.mark.parametrize("name", CASES)
def test_both_clients_have_the_same_answer(bare_stack: BareStack, name: str) -> None:
    asked = CASES[name]
    theirs = outcome(botocores(bare_stack, asked.service), asked, asked.prepare(bare_stack) or {})
    our = outcome(ours(bare_stack, asked.service), asked, asked.prepare(bare_stack) or {})
    assert our == theirs
    assert asked.refused == (None if isinstance(our, dict) else our[0])


def test_every_operation_has_been_asked() -> None:
    assert {(each.service, each.operation) for each in CASES.values() if each.refused is None} == {
        (service, operation) for service in CLIENTS for operation in operations(service)
    }


def test_both_clients_have_the_same_signature(bare_stack: BareStack) -> None:
    clients = botocores(bare_stack, "kms"), ours(bare_stack, "kms")
    key = a_key_that_signs(bare_stack)
    one, other = (client.sign(**SIGN, **key)["Signature"] for client in clients)
    assert one == other


def test_what_one_client_encrypts_the_other_opens(bare_stack: BareStack) -> None:
    clients = botocores(bare_stack, "kms"), ours(bare_stack, "kms")
    for sealing, opening in (clients, clients[::-1]):
        key = sealing.generate_data_key(KeyId=bare_stack.key_arn, KeySpec="AES_256", EncryptionContext=CONTEXT)
        opened = opening.decrypt(CiphertextBlob=key["CiphertextBlob"], EncryptionContext=CONTEXT)
        assert opened["Plaintext"] == key["Plaintext"]


def test_one_clients_page_goes_on_where_the_other_ones_ended(bare_stack: BareStack) -> None:
    two_parameters(bare_stack)
    theirs, our = botocores(bare_stack, "ssm"), ours(bare_stack, "ssm")
    token = our.get_parameters_by_path(**LIST)["NextToken"]
    [last] = theirs.get_parameters_by_path(**LIST, NextToken=token)["Parameters"]
    assert last["Name"] == NAMES[1]
