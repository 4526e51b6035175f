"""The local stack as its users meet it: the fixture, and the program in the foreground."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import boto3
import psutil
import pytest

from processes import has_ended, in_the_background
from sfmint_local import places
from sfmint_local.child import bare_environment
from sfmint_local.embedded_org import EmbeddedOrg
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.errors import LocalStackError
from sfmint_local.functions import FunctionError
from sfmint_local.key_pair import new_key_pair
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.values import App, User

ADD = """sfmint connection add orders --yes --key "$SFMINT_ORG_KEY" --certificate "$SFMINT_ORG_CERTIFICATE" \\
  --consumer-key "$SFMINT_ORG_CONSUMER_KEY" --username "$SFMINT_ORG_USERNAME" --token-host "$SFMINT_ORG_URL" """
PYTHON = places.LOCAL / "venvs/local/bin/python"  # as `make local` runs it: what its environment lacks is missed here
GET = (
    'import os, requests; print(requests.get(os.environ["SFMINT_ORG_URL"] + "/services/data/", timeout=10).status_code)'
)


class Program:
    """A program of ours in the foreground, with what it started and wrote."""

    def __init__(self, *words: str | Path, background: bool = False) -> None:
        command: list[str | Path] = [PYTHON, "-m", *words]
        self.process = subprocess.Popen(
            in_the_background(command) if background else command,
            cwd=places.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self.children: list[int] = []
        self.aws = 0
        self._folder: Path | None = None

    def read_until(self, text: str) -> None:
        assert self.process.stdout
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, f"It ended, and said:\n{self.said}"
            self.said += line
        self._look_at_children()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        try:
            said, _ = self.process.communicate(timeout=60)
            self.said += said
        finally:
            self.process.kill()
        return self.process.returncode

    def files(self) -> list[Path]:
        """Returns what there is in its folder below ``.local/runs``."""
        assert self._folder, "Its folder was not seen."
        return list(self._folder.rglob("*")) if self._folder.exists() else []

    def _look_at_children(self) -> None:
        for child in psutil.Process(self.process.pid).children():
            self.children.append(child.pid)
            if str(places.LAUNCHER) in child.cmdline():
                self.aws = child.pid
            if state := re.search(r"--state (\S+)/org", " ".join(child.cmdline())):
                self._folder = Path(state[1])


@pytest.mark.parametrize(
    ("program", "background", "moment", "number", "status"),
    [
        ("sfmint_local", False, "start the embedded AWS", signal.SIGINT, 130),
        ("sfmint_local", False, "make build", signal.SIGTERM, 143),
        ("sfmint_local", True, "make build", signal.SIGINT, 130),
        ("sfmint_local.demo", False, "make build", signal.SIGINT, 130),
    ],
)
def test_a_program_that_is_interrupted_leaves_nothing_behind(
    program: str, moment: str, number: signal.Signals, status: int, tmp_path: Path, *, background: bool
) -> None:
    file = {"sfmint_local": "--env-file", "sfmint_local.demo": "--report"}[program]
    foreground = Program(program, file, tmp_path / "file", background=background)
    foreground.read_until(moment)

    assert foreground.end(number) == status

    assert len(foreground.children) >= 2
    assert all(has_ended(child) for child in foreground.children)
    assert foreground.files() == []
    assert "Traceback" not in foreground.said


@pytest.fixture
def foreign_org(tmp_path: Path) -> Iterator[OrgControl]:
    """A host that is neither Salesforce's nor the local stack's own, with an authority of its own."""
    process = EmbeddedOrg.start(tmp_path)
    try:
        with process.wait() as org:
            yield org
    finally:
        process.stop()


def test_make_local_says_how_to_use_it_and_leaves_nothing_behind(tmp_path: Path, foreign_org: OrgControl) -> None:
    env_file, host = tmp_path / "env", foreign_org.url.removeprefix("https://")
    foreground = Program(
        *("sfmint_local", "--connections", "orders,billing", "--env-file", env_file),
        *("--token-hosts", host, "--ca-bundle", foreign_org.ca),
    )
    foreground.read_until("Ctrl-C ends everything; until then logs are in")
    variables = sourced(env_file)

    assert S_IMODE(env_file.stat().st_mode) == 0o600
    assert {"AWS_ENDPOINT_URL", "AWS_REGION", "SFMINT_STACK", "SFMINT_ORG_URL", "SFMINT_ORG_CA"} <= set(variables)
    key, certificate = Path(variables["SFMINT_ORG_KEY"]), Path(variables["SFMINT_ORG_CERTIFICATE"])
    assert S_IMODE(key.stat().st_mode) == 0o600
    assert {S_IMODE(path.parent.stat().st_mode) for path in (key, certificate)} == {0o700}
    assert re.search(r"connection +orders\n(.*\n)*source +minted\n.*assertion\n", type_lines(told(foreground.said)))
    assert "replaced" in type_lines(f"source {env_file}; {ADD}")
    assert type_lines(f"source {env_file}; {sys.executable} -c '{GET}'") == "200\n"
    assert refusal_of_another(env_file) == f"error: A local stack runs already: process {foreground.process.pid} keeps"
    assert env_file.exists()
    assert token_from(foreign_org, "billing", variables)["instance_url"] == foreign_org.url

    assert foreground.end(signal.SIGINT) == 130

    assert not env_file.exists()
    assert all(has_ended(child) for child in foreground.children)
    assert foreground.files() == []


def refusal_of_another(env_file: Path) -> str:
    """Starts another local stack with the same file, and returns how its refusal begins."""
    another = Program("sfmint_local", "--env-file", env_file)
    assert another.wait() == 1
    return another.said.partition(f" {env_file}. ")[0]


def sourced(env_file: Path) -> dict[str, str]:
    """Returns the variables that a shell has after it has sourced a file."""
    command = ["/bin/bash", "-c", f"source {shlex.quote(str(env_file))} && which sam sfmint >/dev/null && env -0"]
    said = subprocess.run(command, env=bare_environment(), capture_output=True, text=True, check=True).stdout
    return dict(word.split("=", 1) for word in said.split("\0") if word)


def told(said: str) -> str:
    """Returns the lines that ``make local`` tells a person to type in another terminal."""
    return said.partition("In another terminal:\n")[2].partition("\nA Lambda function")[0]


def type_lines(lines: str) -> str:
    """Types lines into a shell, and returns what it prints; any line that fails fails the test."""
    command = ["/bin/bash", "-e", "-c", lines]
    done = subprocess.run(command, cwd=places.ROOT, env=bare_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def token_from(org: OrgControl, connection: str, variables: dict[str, str]) -> dict[str, Any]:
    """Points a connection at another org, as an operator would, and asks for its token."""
    pair = new_key_pair(connection)
    app = org.put_app(App(certificate=pair.certificate, policy="AllSelfAuthorized"))
    user = org.put_user(User(username=f"{connection}@elsewhere.example"))
    org.approve(app.consumer_key, user.username)
    fields = {
        "consumer_key": app.consumer_key,
        "username": user.username,
        "token_host": org.url,
        "private_key": pair.private_key,
    }
    session = boto3.Session("test", "test", region_name=variables["AWS_REGION"])
    endpoint = variables["AWS_ENDPOINT_URL"]
    secrets = session.client("secretsmanager", endpoint_url=endpoint)
    secrets.put_secret_value(SecretId=f"sfmint/sfmint/{connection}", SecretString=json.dumps(fields))
    parameters = session.client("ssm", endpoint_url=endpoint)
    alias = parameters.get_parameter(Name=f"/sfmint/sfmint/connections/{connection}/broker")["Parameter"]["Value"]
    answer = session.client("lambda", endpoint_url=endpoint).invoke(FunctionName=alias)
    return dict(json.loads(answer["Payload"].read()))


def test_a_failed_step_ends_everything_and_keeps_its_log(tmp_path: Path) -> None:
    foreground = Program("sfmint_local", "--env-file", tmp_path / "env")
    foreground.read_until("make build")
    os.kill(foreground.aws, signal.SIGKILL)

    assert foreground.wait() == 1

    assert "error: sam deploy failed" in foreground.said
    assert "Traceback" not in foreground.said
    assert all(has_ended(child) for child in foreground.children)
    logs = foreground.files()
    assert {"aws.log", "org.log", "deploy.log"} <= {path.name for path in logs}
    assert {path.suffix for path in logs} == {".log"}
    for log in logs:
        log.unlink()
    logs[0].parent.rmdir()


def test_several_stacks_run_side_by_side() -> None:
    with EmbeddedStack(title="first") as first, EmbeddedStack(title="second") as second:
        for stack in (first, second):
            start_aws, start_org, *_ = stack.steps()
            start_aws.run()
            start_org.run()

        first.aws.secrets.create_secret(Name="mine", SecretString="made up")

        assert first.org.url != second.org.url
        assert second.aws.secrets.list_secrets()["SecretList"] == []


def test_an_embedded_cloud_that_has_ended_is_noticed() -> None:
    with EmbeddedStack(title="ending") as stack:
        start_aws, start_org, *_ = stack.steps()
        start_aws.run()
        start_org.run()
        os.kill(stack.aws.pid, signal.SIGKILL)

        with pytest.raises(LocalStackError, match=r"One of the two embedded clouds has ended\. Its log in .* says why"):
            stack.watch()


def test_each_test_has_a_connection_of_its_own(stack: EmbeddedStack, connection: str) -> None:
    answer = stack.functions.broker(connection)

    assert answer["source"] == "minted"
    assert stack.org.counters().by_user[f"{connection}@sfmint.example"].granted == 1


def test_a_connection_without_a_secret_is_deployed_too(stack: EmbeddedStack, unset_connection: str) -> None:
    with pytest.raises(FunctionError, match="ConnectionNotFound"):
        stack.functions.broker(unset_connection)
