"""A stack's life, typed as README and docs/operations.md teach it, while callers run: no call is lost, and no secret."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sfmint_local import artefact, places
from sfmint_local.callers import Callers
from sfmint_local.embedded_aws import REGION
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.functions import Functions
from sfmint_local.org.values import App, User
from stack.terminal import Terminal
from stack.trees import copy_tree

STACK = "second"
PAGES = ("README.md", "docs/operations.md", "docs/connections.md")
NEW_KEYS = "sfmint keys new orders --out ~/keys"
ADD = (
    "sfmint connection add orders --key ~/keys/orders.key --certificate ~/keys/orders.crt --consumer-key 3MVG9... "
    "--username integration@acme.example --token-host https://acme.my.salesforce.com"
)
ONE_POLICY = {"Version": "2012-10-17", "Statement": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """A second stack beside the session's: in the same account, with artefacts in the same bucket."""

    stack: EmbeddedStack
    functions: Functions
    terminal: Terminal
    callers: Callers

    def type(self, command: str) -> str:
        """Type a command of the pages; meanwhile, and afterwards, the callers are served."""
        printed = self.terminal.type(command)
        self.callers.go_on()
        assert self.callers.failures == [], command
        return printed

    def do(self, command: str) -> str:
        """Type a command of the same kind that no page has."""
        printed = self.terminal.do(command)
        self.callers.go_on()
        assert self.callers.failures == [], command
        return printed

    def connect(self, connection: str) -> None:
        """Give a connection its key, as README says."""
        self.terminal.do("mkdir -pm 700 ~/keys")
        here = self.terminal.here
        here["orders"] = connection
        self.terminal.type(NEW_KEYS)
        certificate = (self.terminal.home / f"keys/{connection}.crt").read_text()
        app = self.stack.org.put_app(App(certificate=certificate))
        user = self.stack.org.put_user(User(username=f"{connection}@{STACK}.example"))
        self.stack.org.approve(app.consumer_key, user.username)
        here |= {"3MVG9...": app.consumer_key, "integration@acme.example": user.username}
        self.terminal.type(ADD)
        here["orders"] = "orders"

    def build(self) -> str:
        """What every alias runs."""
        answers = [self.functions.broker(name, action="status")["build"] for name in self.connections()]
        assert len(set(answers)) == 1
        return str(answers[0])

    def connections(self) -> list[str]:
        return self.parameters()["Connections"].split(",")

    def parameters(self) -> dict[str, str]:
        [found] = self.stack.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return {entry["ParameterKey"]: entry["ParameterValue"] for entry in found["Parameters"]}

    def secrets(self, connections: Sequence[str]) -> list[str]:
        secrets = self.stack.aws.secrets
        return [secrets.get_secret_value(SecretId=f"sfmint/{STACK}/{name}")["SecretString"] for name in connections]

    def logins(self, connection: str) -> int:
        return self.stack.org.counters().by_user[f"{connection}@{STACK}.example"].attempted

    def versions(self) -> int:
        return len(self.stack.aws.functions.list_versions_by_function(FunctionName=f"{STACK}-token-broker")["Versions"])


@pytest.fixture
def second(stack: EmbeddedStack, tmp_path: Path) -> Iterator[Second]:
    root, home = tmp_path / "tree", tmp_path / "home"
    home.mkdir()
    copy_tree(root)
    host = stack.org.url.removeprefix("https://")
    config = (places.ROOT / "samconfig.toml").read_text()
    config = config.replace('"sfmint"', f'"{STACK}"')
    # No tick of a schedule comes in between, so every login is one that the test has brought about.
    first = [f"Architecture={artefact.ARCHITECTURE}", f"TokenHosts={host}", 'RefreshRate="rate(1 hour)"']
    config = config.replace('"Architecture=arm64"', ", ".join(f"'{parameter}'" for parameter in first))
    (root / "samconfig.toml").write_text(config)
    functions = Functions(stack.aws, STACK, stack.functions.tokens, stack.functions.said)  # searched for leaks likewise
    terminal = Terminal(
        root=root,
        home=home,
        variables={**stack.environment(), "SFMINT_STACK": STACK},
        pages=PAGES,
        here={"https://acme.my.salesforce.com": stack.org.url},
    )
    with Callers(functions).calling() as callers:
        yield Second(stack=stack, functions=functions, terminal=terminal, callers=callers)
    stack.aws.cloudformation.delete_stack(StackName=STACK)


def test_a_stack_is_made_changed_upgraded_put_back_and_removed_under_load(second: Second) -> None:
    sister = objects_of_the_sister(second)
    second.type('make deploy PARAMETERS="Connections=orders,billing"')
    for connection in ("orders", "billing"):
        second.connect(connection)
    second.callers.start("orders", "billing")
    second.do('sfmint connection allow orders --add "POST /services/data/v67.0/sobjects/Case"')

    second.type('make deploy PARAMETERS="LoginBudgetPerHour=100"')
    assert second.parameters()["LoginBudgetPerHour"] == "100"
    assert second.connections() == ["orders", "billing"]

    remove_a_connection(second)
    add_it_again_with_another(second)
    change_the_store_and_back(second)
    upgrade_roll_back_and_forward(second)

    second.type("make prune")
    assert second.versions() == 2  # $LATEST, and what every alias runs
    remove_the_stack(second, sister)


def remove_a_connection(second: Second) -> None:
    secrets = second.secrets(["orders", "billing"])
    policy = f"arn:aws:iam::000000000000:policy/{STACK}-get-token-orders-{REGION}"
    iam = second.stack.aws.iam
    iam.create_role(RoleName="shop", AssumeRolePolicyDocument=json.dumps(ONE_POLICY))
    iam.attach_role_policy(RoleName="shop", PolicyArn=policy)
    removal = 'make deploy PARAMETERS="Connections=billing" REMOVE=orders'
    assert "by role shop" in second.terminal.is_refused(second.terminal.meant(removal))
    second.callers.go_on()

    second.callers.stop("orders")  # the page's first step
    [holder] = iam.list_entities_for_policy(PolicyArn=policy)["PolicyRoles"]
    iam.detach_role_policy(RoleName=holder["RoleName"], PolicyArn=policy)
    iam.delete_role(RoleName="shop")
    second.type(removal)
    assert second.connections() == ["billing"]
    assert second.secrets(["orders", "billing"]) == secrets


def add_it_again_with_another(second: Second) -> None:
    logins = second.logins("orders")
    second.type('make deploy PARAMETERS="Connections=orders,billing,stock"')
    second.callers.start("orders")
    assert second.logins("orders") == logins  # its secret and its row were still there
    second.connect("stock")
    second.callers.start("stock")


def change_the_store_and_back(second: Second) -> None:
    names = second.connections()
    logins = [second.logins(name) for name in names]
    second.type('make deploy PARAMETERS="CacheBackend=parameter-store"')
    assert [second.logins(name) for name in names] == [number + 1 for number in logins]

    second.do('make deploy PARAMETERS="CacheBackend=dynamodb"')
    assert second.parameters()["CacheBackend"] == "dynamodb"


def upgrade_roll_back_and_forward(second: Second) -> None:
    former = second.build()
    (second.terminal.root / "layers/core/sfmint/upgraded.py").write_text('"""Came with the new version."""\n')
    second.type("make deploy")
    upgraded = second.build()
    assert upgraded != former

    second.type("make rollback")
    assert second.build() == former
    second.type("make rollback")
    assert second.build() == upgraded


def remove_the_stack(second: Second, sister: set[str]) -> None:
    names = second.connections()
    secrets = second.secrets(names)
    for name in names:
        second.callers.stop(name)
    assert second.callers.failures == []

    said = second.type("make remove")

    with pytest.raises(ClientError, match="does not exist"):
        second.parameters()
    assert second.secrets(names) == secrets
    stays = said.partition("What stays")[2]
    assert set(re.findall(r"aws (\w+) ", stays)) == {"dynamodb", "secretsmanager", "ssm", "lambda", "s3"}
    assert {f"sfmint/{STACK}/{name}" for name in names} == set(re.findall(r"--secret-id (\S+)", stays))
    assert f"/sfmint/{STACK}/connections/orders/allow" in stays
    assert objects_of_the_sister(second) == sister
    assert second.stack.functions.invoke("sfmint-token-broker:live", {"action": "status"})["build"]


def objects_of_the_sister(second: Second) -> set[str]:
    s3: Any = second.stack.aws.s3
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return {
        found["Key"]
        for bucket in buckets
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="sfmint/")
        for found in page.get("Contents", [])
    }
