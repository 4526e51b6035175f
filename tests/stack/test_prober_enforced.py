"""What the prober asks in the role that the template gives it, on an embedded AWS that evaluates every policy: IAM's own answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from prober.questions import Ground, Question, questions
from sfmint_local import places
from sfmint_local.embedded_aws import REGION, EmbeddedAws
from stack.acme import ACCOUNT, ADMIN, LAMBDA, deploy_functions, filled, statements_of
from stack.tiny_function import TRUSTS_LAMBDA, TinyFunction

OTHER = "orders-eu"  # whose name begins as the probed one's does
ROLE = "acme-ProberRole-1"

# The prober without its handler and its caller: botocore is in Lambda, and nothing else is needed to ask.
CODE = """
from functools import cache
import botocore.session
from prober.asking import AwsAsker
from prober.probe import Probe
from prober.questions import Ground, questions
from sfmint_values.system import SystemClock

client = cache(botocore.session.get_session().create_client)

class Nobody:
    def use_token(self, within_s):
        pass

def handler(event, context):
    asked = list(questions(Ground(**event)))
    probe = Probe("orders", caller=Nobody(), asker=AwsAsker(client), questions=asked, clock=SystemClock())
    return probe.run(within_s=300).to_json()
"""
SOURCES = {"prober": "functions/prober", "sfmint_client": "layers/client", "sfmint_values": "layers/values"}


@dataclass(frozen=True, slots=True)
class Acme:
    """An AWS with what a stack has, and the prober's function in it.

    Attributes:
        aws: it.
        prober: the function.
        functions: all others, which tell what they have seen.
        ground: the stack.
    """

    aws: EmbeddedAws
    prober: TinyFunction
    functions: list[TinyFunction]
    ground: Ground

    def probe(self) -> dict[str, Any]:
        """Return what a probe finds."""
        return self.prober.invoke(**asdict(self.ground))

    @contextmanager
    def hole(self, *statements: dict[str, Any]) -> Iterator[None]:
        """Give the role more rights meanwhile."""
        document = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
        )
        self.aws.iam.put_role_policy(RoleName=ROLE, PolicyName="hole", PolicyDocument=document)
        try:
            yield
        finally:
            self.aws.iam.delete_role_policy(RoleName=ROLE, PolicyName="hole")


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    aws = EmbeddedAws.start(tmp_path_factory.mktemp("aws"), checks_access=True)
    try:
        aws.wait()
        trusts = json.dumps(TRUSTS_LAMBDA)
        functions = deploy_functions(aws, "live", "observe", OTHER, ADMIN, but="prober")
        for name in ("orders", OTHER, ADMIN):
            aws.secrets.create_secret(Name=f"sfmint/acme/{name}", SecretString="{}")
        key = aws.kms.create_key()["KeyMetadata"]["Arn"]
        aws.dynamodb.create_table(
            TableName="acme-Table-1",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        role = aws.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trusts)["Role"]["Arn"]
        said = filled(statements_of("ProberRole", ProbeConnection="orders"), ProbeConnection="orders")
        document = json.dumps({"Version": "2012-10-17", "Statement": said})
        aws.iam.put_role_policy(RoleName=ROLE, PolicyName="probe", PolicyDocument=document)
        ground = Ground(
            stack="acme",
            connection="orders",
            connections=("orders", OTHER, ADMIN),
            broker_arn=f"{LAMBDA}token-broker",
            key_arn=key,
            table="acme-Table-1",
        )
        prober = TinyFunction.deploy(aws, name="acme-prober", code=CODE, role=role, files=sources())
        yield Acme(aws, prober, functions, ground)
    finally:
        aws.stop()


def sources() -> dict[str, str]:
    """Return the packages that the prober consists of, by path."""
    found: dict[str, str] = {}
    for package, home in SOURCES.items():
        folder = places.ROOT / home
        found |= {str(path.relative_to(folder)): path.read_text() for path in (folder / package).rglob("*.py")}
    return found


def action_of(question: Question) -> str:
    operation = question.operation.title().replace("_", "")
    return f"{question.service}:{'InvokeFunction' if operation == 'Invoke' else operation}"


def wishes(acme: Acme, action: str) -> set[str]:
    return {each.wish for each in questions(acme.ground) if action_of(each) == action}


def test_with_its_connections_policy_in_hand_all_else_is_refused_by_iam_itself(acme: Acme) -> None:
    found = acme.probe()
    assert (found["allowed"], found["unanswered"], found["failed"]) == ([], [], False)
    assert found["refused"] == len(list(questions(acme.ground)))


ACTIONS = sorted(
    {
        "dynamodb:GetItem",
        "kms:Encrypt",
        "lambda:InvokeFunction",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParametersByPath",
    }
)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_policy_that_is_too_wide_is_found_and_gives_nothing(acme: Acme, action: str) -> None:
    with acme.hole({"Action": action, "Resource": "*"}):
        found = acme.probe()
    assert {told["wish"] for told in found["allowed"]} == wishes(acme, action)
    assert found["refused"] == len(list(questions(acme.ground))) - len(found["allowed"])
    invoked = [tiny.name for tiny in acme.functions if tiny.logged()]  # each asks whether it may
    assert invoked == []


def test_the_actions_above_are_all_that_is_asked(acme: Acme) -> None:
    assert sorted({action_of(each) for each in questions(acme.ground)}) == ACTIONS


@pytest.mark.parametrize(
    ("resource", "wish"),
    [
        (f"{LAMBDA}token-broker:{ADMIN}", f"invoke acme-token-broker:{ADMIN}"),
        (f"{LAMBDA}token-broker:orders-*", f"invoke acme-token-broker:{OTHER}"),
        (f"{LAMBDA}token-keeper:observe", "invoke acme-token-keeper:observe"),
        (f"{LAMBDA}salesforce-request:orders", "invoke acme-salesforce-request:orders"),
    ],
)
def test_one_alias_too_many_is_found(acme: Acme, resource: str, wish: str) -> None:
    with acme.hole({"Action": "lambda:InvokeFunction", "Resource": resource}):
        assert acme.probe()["allowed"] == [{"wish": wish, "code": "it was done"}]


def test_one_secret_too_many_is_found_without_being_read(acme: Acme) -> None:
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:sfmint/acme/{OTHER}-*"
    with acme.hole({"Action": "secretsmanager:GetSecretValue", "Resource": secret}):
        [told] = acme.probe()["allowed"]
    assert acme.probe()["allowed"] == []  # and the next probe sees that it is closed
    assert told == {"wish": f"read the secret sfmint/acme/{OTHER}", "code": "ResourceNotFoundException"}


def test_in_another_function_the_role_is_worth_nothing(acme: Acme) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    other = TinyFunction.deploy(acme.aws, name="acme-x", code=CODE, role=role, files=sources())
    with acme.hole({"Action": ["lambda:InvokeFunction", "secretsmanager:GetSecretValue"], "Resource": "*"}):
        assert other.invoke(**asdict(acme.ground))["allowed"] == []
