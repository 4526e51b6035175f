"""An upgrade and the way back while callers never rest: no call is let down, and each build believes the other's rows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest

import former_tree
from deploying import commands
from deploying.commands import Job
from deploying.console import Console
from former_tree import FORMER
from samconfig import Environment
from sfmint_local import artefact, places
from sfmint_local.callers import Callers
from sfmint_local.embedded_stack import EmbeddedStack, Fields
from sfmint_local.functions import FunctionError, Functions
from sfmint_local.org.values import Fault

STACK = "sfmint-upgraded"
CALLED_EVERY_S, FLUSHED_EVERY_S = 0.5, 3.0
STEADY, RENEWED = "steady", "renewed"  # the token of the latter is flushed again and again
STATES = ("token", "rejected", "refused", "tainted")
BUILDS = ("former", "present")  # a connection's name says which build has written its row, and what
NAMES = (STEADY, RENEWED, *(f"{build}-{state}" for build in BUILDS for state in STATES))
TOO_MANY = {"error": "invalid_grant", "description": "login rate exceeded"}  # remembered for ten minutes

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not former_tree.is_known(FORMER), reason=former_tree.NOT_IN_HISTORY),
]


class Seen(NamedTuple):
    """What a caller gets of a row.

    Attributes:
        got: the token's fingerprint, or the error's name.
        source: where the token was; empty with an error.
        fence: how many leases were granted by then: nobody logs in without one.
    """

    got: str
    source: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """A stack beside the session's, with connections of its own, that two trees deploy in turn.

    Attributes:
        stack: the session's.
        functions: its own.
        credentials: of all its connections.
        parameters: of both trees' templates.
        folder: where the former tree is laid out.
        rejected: by connection, the token that its callers report.
    """

    stack: EmbeddedStack
    functions: Functions
    credentials: Fields
    parameters: dict[str, str]
    folder: Path
    rejected: dict[str, str] = field(default_factory=dict)

    def deploy_former(self) -> str:
        """Deploy the former tree, set all connections up, and return its build."""
        root = self.folder / "former"
        root.mkdir()
        former_tree.lay_out(FORMER, root)
        former_tree.build(root, stack=STACK)
        log = self.folder / "deploy.log"
        former_tree.deploy(root, self.parameters, aws=self.stack.aws.environment(), log=log)
        secrets, parameters = self.stack.aws.secrets, self.stack.aws.parameters
        for name in NAMES:
            secrets.create_secret(Name=f"sfmint/{STACK}/{name}", SecretString=json.dumps(self.credentials))
            allow_list = f"/sfmint/{STACK}/connections/{name}/allow"
            parameters.put_parameter(Name=allow_list, Type="String", Value="GET /services/data")
        return self.build()

    def job(self) -> Job:
        """Return what is asked of the tools of this tree."""
        return Job(
            target=Environment.read(places.ROOT / "samconfig.toml", "local").named(STACK),
            env="local",
            console=Console(out=StringIO(), agreed=True),
            variables={**self.stack.aws.environment(), **artefact.SAM_SETTINGS, "PATH": "/usr/bin:/bin"},
        )

    def build(self) -> str:
        """Return the build that callers of every connection meet."""
        [build] = {self.functions.broker(name, action="status")["build"] for name in NAMES}
        return str(build)

    def write_rows(self, build: str) -> dict[str, Seen]:
        """Have the build that runs write rows of all states, and return what its callers see of them."""
        for state in STATES:
            self._bring_about(state, f"{build}-{state}")
        return self.rows(build)

    def rows(self, build: str) -> dict[str, Seen]:
        """Return what callers see of the rows that a build has written."""
        return {name: self._seen(name) for name in NAMES if name.startswith(build)}

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Let callers call and the token of some be flushed, for the block. A login comes before it, and one after it."""
        callers, ended = Callers(self.functions, every_s=CALLED_EVERY_S), Event()
        flushing = Thread(target=self._flush, args=(ended,), daemon=True)
        try:
            with callers.calling(STEADY, RENEWED):
                self._renew(callers)
                flushing.start()
                yield
                self._renew(callers)
        finally:
            ended.set()
            flushing.join()
        assert callers.failures == []

    def _renew(self, callers: Callers) -> None:
        self.functions.keeper(action="flush", connection=RENEWED)
        callers.go_on()

    def _flush(self, ended: Event) -> None:
        while not ended.wait(FLUSHED_EVERY_S):
            self.functions.keeper(action="flush", connection=RENEWED)

    def _bring_about(self, state: str, name: str) -> None:
        if state == "refused":
            self.stack.org.add_fault(Fault(where="token", kind="oauth_error", params=TOO_MANY))
            with pytest.raises(FunctionError):
                self.functions.keeper(action="refresh", connection=name)
            return
        # By the keeper: the broker would keep the token in memory.
        first = self.functions.keeper(action="refresh", connection=name)["fingerprint"]
        if state == "rejected":
            self.stack.org.end_session(fingerprint=first)
            self.rejected[name] = first
        if state == "tainted":
            key_id = self.functions.broker(name, action="status")["key_id"]
            self.functions.keeper(action="taint", connection=name, key_id=key_id)

    def _seen(self, name: str) -> Seen:
        reported = {"rejected": self.rejected[name]} if name in self.rejected else {}
        try:
            answer = self.functions.broker(name, **reported)
            got, source = answer["fingerprint"], answer["source"]
        except FunctionError as error:
            got, source = error.name, ""
        return Seen(got, source, self._fence(name))

    def _fence(self, name: str) -> int:
        return self.functions.broker(name, action="status")["fence"] or 0


@pytest.fixture
def upgraded(stack: EmbeddedStack, connection: str, tmp_path: Path) -> Iterator[Upgraded]:
    parameters = {
        "Connections": ",".join(NAMES),
        "TokenHosts": stack.org.url.removeprefix("https://"),
        "RefreshRate": "rate(1 hour)",
    }
    functions = Functions(stack.aws, STACK, tokens=stack.functions.tokens, said=stack.functions.said)
    credentials = stack.credentials(connection)
    yield Upgraded(stack=stack, functions=functions, credentials=credentials, parameters=parameters, folder=tmp_path)
    stack.aws.cloudformation.delete_stack(StackName=STACK)


def test_nobody_notices_an_upgrade_or_the_way_back(upgraded: Upgraded) -> None:
    former = upgraded.deploy_former()
    old_rows = upgraded.write_rows("former")
    assert [old_rows[f"former-{state}"].got for state in ("refused", "tainted")] == [
        "LoginRateExceeded",
        "InvalidCredentials",
    ]

    with upgraded.under_load(), artefact.held():
        present = commands.deploy(upgraded.job())
    assert upgraded.build() == present != former
    assert upgraded.rows("former") == believed(old_rows)

    new_rows = upgraded.write_rows("present")
    with upgraded.under_load():
        assert commands.rollback(upgraded.job()) == former
    assert upgraded.build() == former
    assert upgraded.rows("former") == believed(old_rows)
    assert upgraded.rows("present") == believed(new_rows)


def believed(rows: dict[str, Seen]) -> dict[str, Seen]:
    """Return what another build shows of rows if it believes them: tokens of the row, no further lease."""
    return {name: seen._replace(source=seen.source and "cache") for name, seen in rows.items()}
