"""A connection that is well in every way, for `sfmint doctor`: its org, its secret, and all that a stack makes for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.command_line import CommandLine, Ended
from cli.conftest import Account, AwsClient
from lambda_service import ACCOUNT, REGION, alias_arn
from org_fixture import Customer
from sfmint_cli.doctor import checks, runner
from sfmint_cli.doctor.runner import Check
from sfmint_local.org.values import Fault, Settings

PATIENCE_S = 120.0
ALL = checks.CHECKS
OF_AWS_ALONE = frozenset({"aliases", "parameters", "policies", "schedule", "logs", "prober", "broker"})

SECRET_ID = "sfmint/acme/my-org"
BROKER, KEEPER, REQUEST = "acme-token-broker", "acme-token-keeper", "acme-salesforce-request"
TARGET = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{KEEPER}:live"


@dataclass
class Patient:
    """The connection, and what a test changes of it.

    Attributes:
        run: the command line.
        account: of AWS.
        customer: of the org.
        tried: where this program's logins are counted.
        client: of AWS, by service.
    """

    run: CommandLine
    account: Account
    customer: Customer
    tried: Path
    client: AwsClient

    def store(self, **changes: Any) -> None:
        """Store the secret; a change to None leaves a field out."""
        self.store_as("my-org", self.customer.secret(**{"certificate": self.customer.key_pair.certificate, **changes}))

    def store_as(self, connection: str, said: dict[str, Any]) -> None:
        """Store the secret of any connection."""
        self.account.secrets.put_secret_value(SecretId=f"sfmint/acme/{connection}", SecretString=json.dumps(said))

    def meets(self, kind: str, *, where: Any = "token", times: int | None = None, **params: Any) -> None:
        """Have the org answer with a fault from now on."""
        self.customer.control.add_fault(Fault(where=where, kind=kind, times=times, params=params))

    def looked_at(self, *names: str) -> "Examined":
        """Run only these checks and what they build on, for one table of many rows."""
        wanted: set[str] = {*names}
        for check in reversed(checks.CHECKS):
            wanted |= {*check.needs} if check.name in wanted else set()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                checks, "CHECKS", tuple(_alone(check, wanted) for check in checks.CHECKS if check.name in wanted)
            )
            return self.examined()

    def examined(self, *flags: object) -> "Examined":
        """Run the doctor, as a person who has not logged in lately."""
        rmtree(self.tried, ignore_errors=True)
        return Examined(self.run("doctor", "my-org", "--ca-bundle", self.customer.control.ca, "--json", *flags))

    def refuses(self, monkeypatch: pytest.MonkeyPatch, *operations: str) -> None:
        """Have AWS deny these calls."""
        ask = vars(BaseClient)["_make_api_call"]

        def call(client: Any, operation: str, given: Any) -> Any:
            if operation in operations:
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
            return ask(client, operation, given)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)


@dataclass
class Examined:
    """What the doctor has said."""

    ended: Ended

    def __getitem__(self, name: str) -> dict[str, Any]:
        return next(check for check in self.ended.document["checks"] if check["check"] == name)

    @property
    def wrong(self) -> list[str]:
        """The checks that have found something."""
        checks = self.ended.document["checks"]
        return [check["check"] for check in checks if check["outcome"] in {"warning", "fault"}]

    @property
    def not_checked(self) -> list[str]:
        return [check["check"] for check in self.ended.document["checks"] if check["outcome"] == "not checked"]


@pytest.fixture
def patient(with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """Return a patient of whom everything is looked at."""
    monkeypatch.setattr(checks, "CHECKS", tuple(map(_patient, ALL)))
    _make_the_rest(with_salesforce)
    return with_salesforce


@pytest.fixture
def with_salesforce(
    sfmint: CommandLine,
    account: Account,
    aws_clients: AwsClient,
    customer: Customer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Patient]:
    """Return a patient of whom only the way to Salesforce and the row are looked at."""
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    monkeypatch.setattr(runner, "ALL_S", PATIENCE_S)
    monkeypatch.setattr(checks, "CHECKS", tuple(_patient(check) for check in ALL if check.name not in OF_AWS_ALONE))
    well = Patient(run=sfmint, account=account, customer=customer, tried=tmp_path / "state", client=aws_clients)
    host = customer.control.url.removeprefix("https://")
    account.cloud_formation.deploy("acme", "my-org", "other-org", token_hosts=host)
    account.secrets.create_secret(Name=SECRET_ID, SecretString="{}")
    well.store()
    yield well
    customer.control.clear_faults()
    customer.control.change_settings(clock_offset_s=Settings().clock_offset_s, api_limit=Settings().api_limit)


def _patient(check: Check) -> Check:
    """Return a check that waits longer: this machine may be busy."""
    return replace(check, bound_s=PATIENCE_S)


def _alone(check: Check, wanted: set[str]) -> Check:
    """Return a check that waits for no other than these."""
    return replace(check, after=tuple(name for name in check.after if name in wanted))


def make_prober(well: Patient) -> None:
    """Give the stack a prober, as ProbeConnection does."""
    live = alias_arn("live", function="prober")
    well.account.cloud_formation.stacks["acme"][1]["ProberArn"] = live
    well.account.functions.aliases["acme-prober"] = {"live": "7"}
    well.client("logs").create_log_group(logGroupName="/aws/lambda/acme-prober")
    well.client("scheduler").create_schedule(
        GroupName="acme",
        Name="stack_prober",
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": live, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"},
    )


def _make_the_rest(well: Patient) -> None:
    well.account.functions.aliases = {name: {"live": "7", "my-org": "7"} for name in (BROKER, REQUEST)}
    for word, function in (("broker", "token-broker"), ("request", "salesforce-request")):
        well.account.parameters.put_parameter(
            Name=f"/sfmint/acme/connections/my-org/{word}", Type="String", Value=alias_arn(function=function)
        )
    for name in (BROKER, KEEPER, REQUEST, "acme-key-rotation"):
        well.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    scheduler = well.client("scheduler")
    scheduler.create_schedule_group(Name="acme")
    scheduler.create_schedule(
        GroupName="acme",
        Name="my-org",
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": TARGET, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"},
    )
