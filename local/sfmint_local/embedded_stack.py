"""The local stack: both embedded clouds, the unmodified template deployed, and its connections set up.

with EmbeddedStack(LocalConnection("orders")) as stack:
    stack.set_up()
    stack.functions.broker("orders")
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from sfmint_cli.key_pair import KeyPairFiles
from sfmint_local import artefact, authorities, places
from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.embedded_org import EmbeddedOrg
from sfmint_local.errors import LocalStackError
from sfmint_local.functions import Functions
from sfmint_local.interruption import deferred, undisturbed
from sfmint_local.key_pair import new_key_pair
from sfmint_local.org.values import App, User
from sfmint_local.secret_pieces import Secrets

if TYPE_CHECKING:
    from sfmint_local.org.control_client import OrgControl
    from sfmint_setup.key_pair import KeyPair

STACK = "sfmint"
_LOOK_S = 0.5

type Fields = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class LocalConnection:
    """A connection to set up.

    Attributes:
        name: also names its Salesforce user, so that each connection's logins are counted apart.
        token_lifetime: seconds; also the session time-out of its Salesforce app.
    """

    name: str
    token_lifetime: int = 900

    @property
    def username(self) -> str:
        """The user whom its tokens speak for."""
        return f"{self.name}@sfmint.example"


@dataclass(frozen=True, slots=True)
class Step:
    """A part of setting up: ``run`` does it and returns a line on what there is now."""

    name: str
    run: Callable[[], str]


class EmbeddedStack:
    """The local stack, from its first process to its last file. Leaving it ends everything that `set_up` has begun.

    Several may run side by side: each has free ports and a folder of its own under ``.local/runs``.

    Args:
        connections: what to set up.
        spare: names of connections that are deployed only; `connect` can set them up later.
        title: begins the folder's name.
        parameters: of the template, beside those that this class knows.
        token_hosts: hosts to allow beside the embedded org's, each with a port or without.
        ca_bundle: the authorities of those hosts, PEM.
        checks_access: whether the embedded AWS holds the functions to what their roles may, and keeps what they ask.

    Attributes:
        aws: the embedded AWS; like the next two, there once its step has run.
        org: arranges the embedded org.
        functions: the deployed functions.
        folder: logs, and until the end everything else.
        parameters: of the template, for the next deploy.
    """

    def __init__(
        self,
        *connections: LocalConnection,
        spare: tuple[str, ...] = (),
        title: str = "local",
        parameters: Mapping[str, str] | None = None,
        token_hosts: tuple[str, ...] = (),
        ca_bundle: Path | None = None,
        checks_access: bool = False,
    ) -> None:
        self._connections = {connection.name: connection for connection in connections}
        self._names = (*self._connections, *spare)
        self._title = title
        self.parameters = dict(parameters or {})
        self._token_hosts = token_hosts
        self._ca_bundle = ca_bundle
        self._checks_access = checks_access
        self._private_keys: set[str] = set()
        self._key_pairs: dict[str, KeyPair] = {}
        self._key_files: dict[str, KeyPairFiles] = {}
        self._apps: dict[str, App] = {}
        self._ending = ExitStack()
        self.aws: EmbeddedAws
        self.org: OrgControl
        self.functions: Functions
        self.folder: Path

    def __enter__(self) -> Self:
        self.folder = places.new_run(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with undisturbed():
            self._ending.close()
            self._trusted.unlink(missing_ok=True)
            shutil.rmtree(self.key_folder, ignore_errors=True)
            # An error's remedy sends a person to the logs.
            if kind is None or not issubclass(kind, Exception):
                shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def key_folder(self) -> Path:
        """Where the keys are: the only files with secret material."""
        return self.folder / "keys"

    @property
    def _trusted(self) -> Path:
        return self.folder / "authorities.pem"

    def set_up(self) -> None:
        """Run all steps.

        Raises:
            LocalStackError: a step failed.
        """
        for step in self.steps():
            step.run()

    def steps(self) -> Iterator[Step]:
        """Give the steps that set everything up, in order."""
        yield Step("start the embedded AWS", self._start)
        yield Step("start the embedded Salesforce org", self._await_org)
        yield Step("make keys and certificates", self._make_key_pairs)
        yield Step("register the certificates", self._register_all)
        yield Step("make build", self._build)
        yield Step("sam deploy", self.deploy)
        yield Step("store the secrets", self._store_secrets)

    def watch(self) -> NoReturn:
        """Wait for as long as both embedded clouds run.

        Raises:
            LocalStackError: one of them has ended.
        """
        while self.aws.is_alive and self._org_process.is_alive:
            time.sleep(_LOOK_S)
        raise LocalStackError("One of the two embedded clouds has ended.", remedy=f"Its log in {self.folder} says why.")

    def secret_name(self, connection: str) -> str:
        """Return the name of a connection's secret."""
        return f"sfmint/{STACK}/{connection}"

    def credentials(self, connection: str) -> Fields:
        """Return the fields of a connection's secret as they are meant to be."""
        return {
            "consumer_key": self._apps[connection].consumer_key,
            "username": self._connections[connection].username,
            "audience": self.org.url,
            "token_host": self.org.url,
            "private_key": self._key_pairs[connection].private_key,
            "certificate": self._key_pairs[connection].certificate,
            "token_lifetime": self._connections[connection].token_lifetime,
        }

    def connect(self, connection: LocalConnection) -> None:
        """Set up a spare connection: key, certificate, Salesforce app and user, secret."""
        self._connections[connection.name] = connection
        self._make_key_pair(connection.name)
        self._register(connection)
        self.store_secret(connection.name, self.credentials(connection.name))

    def allow(self, connection: str, *rules: str) -> None:
        """Let a connection's requests through salesforce_request: ``METHOD /path/prefix`` each, and nothing else."""
        name = f"/sfmint/{STACK}/connections/{connection}/allow"
        self.aws.parameters.put_parameter(Name=name, Type="String", Value="\n".join(rules), Overwrite=True)

    def store_secret(self, connection: str, fields: Fields) -> None:
        """Store a connection's secret, or its next version."""
        self._private_keys.add(str(fields.get("private_key", "")))
        name, text = self.secret_name(connection), json.dumps(fields)
        secrets = self.aws.secrets
        try:
            secrets.create_secret(Name=name, SecretString=text)
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=name, SecretString=text)

    def watch_key(self, private_key: str) -> None:
        """Count a key that a function has made among what may leak."""
        self._private_keys.add(private_key)

    def secrets(self) -> Secrets:
        """Return what may leak: every token that the org has given, handed out or not, and every key that was stored."""
        return Secrets.split(tokens=self.functions.tokens | self.org.tokens(), private_keys=self._private_keys)

    def environment(self) -> dict[str, str]:
        """Return the variables of ``.local/env``: what a program needs to use this stack."""
        own = {"SFMINT_STACK": STACK, "SFMINT_ORG_URL": self.org.url, "SFMINT_ORG_CA": self.org.ca}
        trust = dict.fromkeys(authorities.VARIABLES, str(self._trusted))
        return {**self.aws.environment(), **artefact.SAM_SETTINGS, **own, **trust}

    def login_variables(self, connection: str) -> dict[str, str]:
        """Return the variables that a person logs in with as a connection does: paths, and nothing secret."""
        return {
            "SFMINT_ORG_CONSUMER_KEY": self._apps[connection].consumer_key,
            "SFMINT_ORG_USERNAME": self._connections[connection].username,
            "SFMINT_ORG_KEY": str(self._key_files[connection].key),
            "SFMINT_ORG_CERTIFICATE": str(self._key_files[connection].certificate),
        }

    def _start(self) -> str:
        authorities.write(self._trusted)
        with deferred():  # both at once: the org is up before it is waited for
            self._org_process = EmbeddedOrg.start(self.folder)
            self._ending.callback(self._org_process.stop)
            self.aws = EmbeddedAws.start(self.folder, ca_bundle=self._trusted, checks_access=self._checks_access)
            self._ending.callback(self.aws.stop)
        self.functions = Functions(self.aws, STACK)
        self.aws.wait()
        return f"MiniStack on {self.aws.endpoint_url}"

    def _await_org(self) -> str:
        self.org = self._org_process.wait()
        self._ending.callback(self.org.close)
        authorities.write(self._trusted, Path(self.org.ca), *([self._ca_bundle] if self._ca_bundle else []))
        return f"{self.org.url}, with an authority of its own"

    def _make_key_pairs(self) -> str:
        self.key_folder.mkdir(mode=0o700)
        for name in self._connections:
            self._make_key_pair(name)
        return f"RSA of 2048 bits for {', '.join(self._connections)}, readable by you alone"

    def _make_key_pair(self, name: str) -> None:
        self._key_pairs[name] = new_key_pair(name)
        self._key_files[name] = KeyPairFiles.in_folder(self.key_folder, name)
        self._key_files[name].write(self._key_pairs[name])

    def _register_all(self) -> str:
        for connection in self._connections.values():
            self._register(connection)
        return "one Salesforce app and one pre-authorised user for each connection"

    def _register(self, connection: LocalConnection) -> None:
        certificate = self._key_pairs[connection.name].certificate
        app = self.org.put_app(App(certificate=certificate, session_timeout_s=connection.token_lifetime))
        self._apps[connection.name] = app
        self.org.put_user(User(username=connection.username))
        self.org.approve(app.consumer_key, connection.username)

    def _build(self) -> str:
        with artefact.held():
            return "built" if artefact.build(self.folder / "build.log") else "unchanged since the last build"

    def deploy(self) -> str:
        """Deploy the template with the parameters, or do so again."""
        with artefact.held():
            log = self.folder / "deploy.log"
            artefact.deploy(self._all_parameters(), environment=self.aws.environment(), log=log)
        return f"stack {STACK}"

    def _all_parameters(self) -> dict[str, str]:
        hosts = (self.org.url.removeprefix("https://"), *self._token_hosts)
        return {"Connections": ",".join(self._names), "TokenHosts": ",".join(hosts), **self.parameters}

    def _store_secrets(self) -> str:
        for name in self._connections:
            self.store_secret(name, self.credentials(name))
        return ", ".join(self.secret_name(name) for name in self._connections)
