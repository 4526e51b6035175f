"""An upgrade and the way back while callers never rest: no call is let down, and each build believes the other's rows.

The former build is that of the commit that closed the work on hardening: nothing was released before.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest

from deploying import commands
from deploying.commands import Job
from deploying.console import Console
from samconfig import Environment
from sfmint_local import artefact, places
from sfmint_local.callers import Callers
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.functions import FunctionError, Functions
from sfmint_local.org.values import Fault
from stack import former_tree

FORMER = "6d3570e"
STACK = "sfmint-upgraded"
CALLED_EVERY_S, FLUSHED_EVERY_S = 0.5, 3.0
STEADY, RENEWED = "steady", "renewed"  # the token of the latter is flushed again and again
STATES = ("token", "rejected", "refused", "tainted")
BUILDS = ("former", "present")  # a connection's name says which build has written its row, and what
NAMES = (STEADY, RENEWED, *(f"{build}-{state}" for build in BUILDS for state in STATES))
TOO_MANY = {"error": "invalid_grant", "description": "login rate exceeded"}  # remembered for ten minutes

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(
        not former_tree.is_known(FORMER),
        reason=f"the history of this clone does not reach back to {FORMER}; git fetch --unshallow gets the rest",
    ),
]


class Seen(NamedTuple):
    """What a caller gets of a row, and what that has cost.

    Attributes:
        got: the token's fingerprint, or the error's name.
        source: where the token was; empty with an error.
        fence: how many leases were granted.
        logins: that the org has seen, refused ones too.
    """

    got: str
    source: str
    fence: int
    logins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """A stack beside the session's, with connections of its own, that two trees deploy in turn.

    Attributes:
        stack: the session's.
        functions: its own.
        parameters: of both trees' templates.
        folder: where the former tree is laid out.
        rejected: by connection, the token that its callers report.
    """

    stack: EmbeddedStack
    functions: Functions
    parameters: dict[str, str]
    folder: Path
    rejected: dict[str, str] = field(default_factory=dict)

    def deploy_former(self) -> str:
        """Deploy the former tree and set all connections up; return its build."""
        root = self.folder / "former"
        root.mkdir()
        former_tree.check_out(FORMER, root, stack=STACK)
        log = self.folder / "deploy.log"
        former_tree.deploy(root, self.parameters, aws=self.stack.aws.environment(), log=log)
        for name in NAMES:
            self._connect(name)
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
        """Let callers call and tokens be flushed, for the block and until each has been served after it."""
        logins, callers, ended = self._logins(RENEWED), Callers(self.functions, every_s=CALLED_EVERY_S), Event()
        flushing = Thread(target=self._flush, args=(ended,), daemon=True)
        try:
            with callers.calling(STEADY, RENEWED):
                flushing.start()
                yield
                callers.go_on()
        finally:
            ended.set()
            flushing.join()
        assert callers.failures == []
        assert self._logins(RENEWED) > logins + 1

    def _flush(self, ended: Event) -> None:
        while not ended.wait(FLUSHED_EVERY_S):
            self.functions.keeper(action="flush", connection=RENEWED)

    def _connect(self, name: str) -> None:
        own = LocalConnection(f"upgraded-{name}")
        self.stack.connect(own)
        fields, aws = self.stack.credentials(own.name), self.stack.aws
        aws.secrets.create_secret(Name=f"sfmint/{STACK}/{name}", SecretString=json.dumps(fields))
        allow_list = f"/sfmint/{STACK}/connections/{name}/allow"
        aws.parameters.put_parameter(Name=allow_list, Type="String", Value="GET /services/data")

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
        return Seen(got, source, self.functions.broker(name, action="status")["fence"], self._logins(name))

    def _logins(self, name: str) -> int:
        counted = self.stack.org.counters().by_user.get(f"upgraded-{name}@sfmint.example")
        return counted.attempted if counted else 0


@pytest.fixture
def upgraded(stack: EmbeddedStack, tmp_path: Path) -> Iterator[Upgraded]:
    parameters = {
        "Connections": ",".join(NAMES),
        "TokenHosts": stack.org.url.removeprefix("https://"),
        "RefreshRate": "rate(1 hour)",
    }
    functions = Functions(stack.aws, STACK, tokens=stack.functions.tokens, said=stack.functions.said)
    yield Upgraded(stack=stack, functions=functions, parameters=parameters, folder=tmp_path)
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
    """Return what another build shows of rows if it believes them: tokens of the row, no further lease, no further login."""
    return {name: seen._replace(source=seen.source and "cache") for name, seen in rows.items()}
