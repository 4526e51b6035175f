"""Where faults are met: the embedded AWS behind a wire, an embedded org for each fault of the token endpoint."""

import json
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sfmint import bootstrap
from sfmint.errors import ConnectionNotFound
from sfmint.row import writes
from sfmint.salesforce.connection import parse_connection
from sfmint_local import places
from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.environments.bare_stack import STACK, function_variables, make_table
from sfmint_local.environments.guard import guarded
from sfmint_local.faults.aws_fault import CANARY, AwsFault, Service
from sfmint_local.faults.behaviours import Asked, Behaviour, Pass
from sfmint_local.faults.endpoint_fault import EndpointFault
from sfmint_local.faults.execution import Execution
from sfmint_local.faults.forgery import Row
from sfmint_local.faults.outcome import NotMeasured
from sfmint_local.faults.tenant import Tenant, tenancy
from sfmint_local.faults.token_state import Planter
from sfmint_local.faults.wire import Wire
from sfmint_local.interruption import deferred
from sfmint_local.key_pair import new_key_pair
from sfmint_local.secret_pieces import Secrets

if TYPE_CHECKING:
    from sfmint.bootstrap import Function
    from sfmint.ports import Sealer
    from sfmint.use_cases.broker import Broker

STORES: Mapping[str, Mapping[str, str]] = {
    "DynamoDB": {"SFMINT_CACHE_BACKEND": "dynamodb"},
    "Parameter Store": {"SFMINT_CACHE_BACKEND": "parameter-store"},
}
_SERVICES: Mapping[str, Service] = {
    "dynamodb": "store",
    "ssm": "store",
    "kms": "kms",
    "secretsmanager": "secretsmanager",
}
_SOUND = ""  # the name of no fault: of the org that has none
_NAME = re.compile(rb"case-[0-9]+")
_BUDGET = re.compile(rb"b1#[0-9a-f]{16}")
_LAG_S = 0.5  # an answer of the embedded AWS that takes longer has disturbed a case


class Scene:
    """All that a case needs, shared by many at a time: each has a connection of its own, and is struck alone.

    Args:
        faults: of the token endpoint; each gets an org of its own.

    Attributes:
        turn: who must be alone holds it.
    """

    def __init__(self, *faults: EndpointFault) -> None:
        self.turn = Lock()
        self._faults = {fault.name: fault for fault in faults}
        self._key_pair = new_key_pair("faults")  # one for all: it takes a while to make
        self._secrets = Secrets.split(private_keys=[self._key_pair.private_key])
        self._ending = ExitStack()
        self._lock = Lock()
        self._numbers = count(1)
        self._tenants: dict[str, Tenant] = {}
        self._org_of: dict[str, str] = {}
        self._owners: dict[bytes, str] = {}
        self._struck: dict[str, AwsFault] = {}
        self._lagging: set[str] = set()
        self._expected: Counter[str] = Counter()
        self._functions: dict[str, Function[Broker]] = {}
        self._strangers: dict[str, Sealer] = {}
        self._vault: Any

    def __enter__(self) -> Self:
        folder = places.new_run("faults")
        with ExitStack() as ending:  # ends what has begun, if something fails
            ending.callback(shutil.rmtree, folder, ignore_errors=True)
            self._open(folder, ending)
            self._ending = ending.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.close()

    def connect(self, fault: str) -> str:
        """Set up a new connection and return its name.

        Args:
            fault: its org's; one of AWS's leads to the org that has none.
        """
        org = self._org_with(fault)
        name, tenant = f"case-{next(self._numbers)}", self._tenants[org]
        secret = {
            "consumer_key": tenant.app.consumer_key,
            "username": f"{name}@sfmint.example",
            "token_host": tenant.token_host,
            "private_key": self._key_pair.private_key,
            "certificate": self._key_pair.certificate,
        }
        with self._lock:
            tenant.admit(secret["username"])
            self._org_of[name] = org
            self._own_budget(name, json.dumps(secret))
        self._vault.create_secret(Name=f"sfmint/{STACK}/{name}", SecretString=json.dumps(secret))
        return name

    def environment(self, store: str, fault: str = _SOUND) -> Execution:
        """Return a new execution environment on one of `STORES`, behind a fault's proxy if it has one."""
        return Execution.fresh(self._functions[store], self._tenants[self._org_with(fault)].proxy)

    def planter(self, store: str) -> Planter:
        """Return who puts tokens into one of `STORES`."""
        ports = self._functions[store].use_case.ports
        return Planter(store=ports.store, sealer=ports.sealer)

    def row(self, connection: str, store: str) -> Row:
        """Return a connection's row in one of `STORES`, and who writes it."""
        planter, neighbour = self.planter(store), f"case-{next(self._numbers)}"
        return Row(connection=connection, neighbour=neighbour, planter=planter, strangers=self._strangers[store])

    def strike(self, connection: str, fault: AwsFault) -> None:
        """Let a connection's requests meet a fault of AWS."""
        self._struck[connection] = fault.begun()

    def mend(self, connection: str) -> None:
        """Take it back."""
        self._struck.pop(connection, None)

    @contextmanager
    def calm(self, fault: str) -> Iterator[None]:
        """Take an org's fault away for a while."""
        control, told = self._tenants[fault].control, self._faults[fault].at_the_org()
        control.clear_faults()
        yield
        if told is not None:
            control.add_fault(told)

    def lagged(self, connection: str) -> bool:
        """Return whether the embedded AWS itself was so slow that a connection's time-outs may have struck."""
        return connection in self._lagging

    def logins(self, connection: str, exchanges: int) -> int:
        """Return how many of a connection's exchanges reached a token endpoint."""
        return exchanges if self._tenants[self._org_of[connection]].reached else 0

    def expect(self, connection: str, exchanges: int) -> None:
        """Note what a connection's org must have counted."""
        with self._lock:
            self._expected[self._org_of[connection]] += self.logins(connection, exchanges)

    def compare_counts(self) -> None:
        """Compare what was noted with what the orgs have counted.

        Raises:
            NotMeasured: they disagree.
        """
        for org, tenant in self._tenants.items():
            if (counted := tenant.requests) != self._expected[org]:
                told = f"{self._expected[org]} logins were counted here, and {counted} there"
                raise NotMeasured(f"The org of {org or 'no fault'!r} disagrees: {told}.")

    def leaks(self, text: str, *tokens: str) -> set[str]:
        """Return what stands in a text and may not: a key, an assertion, one of these tokens, AWS's own words."""
        secrets = Secrets(self._secrets.pieces | Secrets.split(tokens=filter(None, tokens)).pieces)
        return secrets.found_in(text.encode()) | ({"words of AWS's"} if CANARY in text else set())

    def _open(self, folder: Path, ending: ExitStack) -> None:
        with deferred():
            aws = EmbeddedAws.start(folder)
            ending.callback(aws.stop)
            ending.enter_context(guarded(folder, aws.pid))
        for number, (name, fault) in enumerate([(_SOUND, None), *self._faults.items()]):
            org = tenancy(folder / f"org-{number}", self._key_pair.certificate, fault)
            self._tenants[name] = ending.enter_context(org)
        bundle = folder / "authorities.pem"
        bundle.write_text("".join(Path(tenant.control.ca).read_text() for tenant in self._tenants.values()))
        aws.wait()
        self._vault = aws.secrets
        make_table(aws.dynamodb)
        wire = ending.enter_context(Wire(aws.endpoint_url, self._behave))
        wire.timed = self._timed
        own, strangers = (self._brokers(bundle, aws, wire.url) for _ in range(2))
        self._functions = own
        self._strangers = {store: function.use_case.ports.sealer for store, function in strangers.items()}

    def _brokers(self, bundle: Path, aws: EmbeddedAws, url: str) -> "dict[str, Function[Broker]]":
        """Return a broker for each store, all under one new KMS key."""
        key_arn = aws.kms.create_key()["KeyMetadata"]["Arn"]
        with _variables({**aws.environment(), **self._settings(bundle, key_arn), "AWS_ENDPOINT_URL": url}):
            return {store: self._broker(choice) for store, choice in STORES.items()}

    def _broker(self, choice: Mapping[str, str]) -> "Function[Broker]":
        with _variables(choice):
            return self._begun(bootstrap.token_broker())

    def _begun(self, function: "Function[Broker]") -> "Function[Broker]":
        """Return a function that has made its clients, as long as the variables are set that tell it how."""
        with suppress(ConnectionNotFound):
            function.use_case.ports.credentials.load("case-0")
        return function

    def _settings(self, bundle: Path, key_arn: str) -> dict[str, str]:
        # Only a handler looks at connections.
        own = function_variables(connections=(), key_arn=key_arn, token_hosts=self._hosts(), trusted=bundle)
        no_proxy = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")  # the functions run in this process
        return {**own, **no_proxy}

    def _hosts(self) -> frozenset[str]:
        urls = {url for tenant in self._tenants.values() for url in (tenant.control.url, tenant.token_host)}
        return frozenset(url.removeprefix("https://") for url in urls)

    def _own_budget(self, name: str, secret: str) -> None:
        """Note whose login budget it is: its key in the store names nobody."""
        key = writes.budget_key(parse_connection(name, secret, self._hosts()), time.time())
        self._owners[key.rpartition("#")[0].encode()] = name

    def _org_with(self, fault: str) -> str:
        return fault if fault in self._faults else _SOUND

    def _behave(self, asked: Asked) -> Behaviour:
        fault = self._struck.get(self._connection_in(asked.body))
        if fault is None or fault.service not in {"any", _SERVICES[asked.service]}:
            return Pass()
        return fault.behave(asked)

    def _timed(self, asked: Asked, seconds: float) -> None:
        if seconds > _LAG_S:
            self._lagging.add(self._connection_in(asked.body))

    def _connection_in(self, body: bytes) -> str:
        """Return whom a request is for; empty: nobody of ours."""
        if named := _NAME.search(body):
            return named[0].decode()
        budget = _BUDGET.search(body)
        return self._owners[budget[0]] if budget else ""


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while: settings are read when a function begins."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
