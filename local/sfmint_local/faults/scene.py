"""Where the faults happen: the embedded AWS behind a wire, an embedded org for each fault of the token endpoint, and callers.

Each case has a connection of its own, so that all may happen at the same time.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import boto3

from sfmint import bootstrap, writes
from sfmint.adapters.aws import TIMEOUT_S
from sfmint.bootstrap import Function
from sfmint.broker import Broker
from sfmint.connection import parse_connection
from sfmint.errors import ConnectionNotFound
from sfmint_local import places
from sfmint_local.embedded_aws import ACCESS_KEY, REGION, EmbeddedAws
from sfmint_local.embedded_org import EmbeddedOrg
from sfmint_local.environments.guard import guarded
from sfmint_local.faults.aws_fault import CANARY, AwsFault
from sfmint_local.faults.endpoint_fault import ENDPOINT_FAULTS, SALESFORCE_DOWN
from sfmint_local.faults.execution import Execution
from sfmint_local.faults.outcome import NotMeasured
from sfmint_local.faults.tenant import NOBODY, Tenant
from sfmint_local.faults.token_state import Planter
from sfmint_local.faults.wire import Asked, Behaviour, Pass, Wire
from sfmint_local.interruption import deferred, undisturbed
from sfmint_local.key_pair import KeyPair
from sfmint_local.leak_scan import Secrets

STORES = {"DynamoDB": "dynamodb", "Parameter Store": "parameter-store"}
_STACK, _TABLE = "faults", "tokens"
_HEALTHY = "no fault"
_NAME = re.compile(rb"case-[0-9]+")
_BUDGET = re.compile(rb"b1#([0-9a-f]{16})#")
_KEYED_BY = {"store": ("dynamodb", "ssm"), "kms": ("kms",), "secretsmanager": ("secretsmanager",)}


class Scene:
    """The processes and what stands in them. Leaving it ends them, and removes every file."""

    def __init__(self) -> None:
        self._ending = ExitStack()
        self._key_pair = KeyPair.new("faults")
        self._lock = Lock()
        self._numbers = count(1)
        self._tenants: dict[str, Tenant] = {}
        self._org_of: dict[str, Tenant] = {}  # by connection
        self._expected: dict[str, int] = {}  # exchanges, by connection
        self._owners: dict[bytes, str] = {}  # connections, by the key of their user's budget
        self._struck: dict[str, AwsFault] = {}
        self._lagging: set[str] = set()
        self._functions: dict[str, Function[Broker]] = {}
        self._aws: EmbeddedAws

    def __enter__(self) -> Self:
        places.RUNS.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="faults-", dir=places.RUNS))
        self._ending.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            self._start(folder)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def connect(self, fault: str) -> str:
        """Sets up a connection to the org that has a fault, or to one that has none, and returns its name."""
        with self._lock:
            name = f"case-{next(self._numbers)}"
        tenant = self._tenants.get(fault, self._tenants[_HEALTHY])
        secret = json.dumps(tenant.secret_of(name))
        connection = parse_connection(name, secret, self._hosts)
        self._owners[writes.budget_key(connection, 0.0).split("#")[1].encode()] = name
        self._org_of[name] = tenant
        self._aws.secrets.create_secret(Name=f"sfmint/{_STACK}/{name}", SecretString=secret)
        return name

    def environment(self, store: str) -> Execution:
        """Returns a new execution environment."""
        return Execution.fresh(self._functions[store])

    def planter(self, store: str) -> Planter:
        """Returns who puts tokens on rows."""
        minter = self._functions[store].use_case.source.minter
        return Planter(minter.store, minter.sealer)

    def strike(self, connection: str, fault: AwsFault) -> None:
        """Lets a connection's requests of AWS meet a fault."""
        self._struck[connection] = fault

    def mend(self, connection: str) -> None:
        """Lets them pass again."""
        self._struck.pop(connection, None)

    @contextmanager
    def calm(self, fault: str) -> Iterator[None]:
        """Lets an org's token endpoint do its best for a while."""
        tenant = self._tenants[fault]
        tenant.control.clear_faults()
        try:
            yield
        finally:
            tenant.misbehave()

    def expect(self, connection: str, exchanges: int) -> None:
        """Takes note that a connection has made so many requests for a token."""
        self._expected[connection] = exchanges

    def compare_counts(self) -> None:
        """Compares with what the orgs have seen.

        Raises:
            NotMeasured: they have seen another number.
        """
        for fault, tenant in self._tenants.items():
            said = sum(self._expected.get(name, 0) for name, org in self._org_of.items() if org is tenant)
            seen = tenant.control.counters().token_requests
            if said != seen:
                raise NotMeasured(f"The org with the fault {fault!r} has seen {seen} logins, not {said}.")

    def lagged(self, connection: str) -> bool:
        """Tells whether AWS was late for a connection, because the machine is busy; only once."""
        with self._lock:
            late = connection in self._lagging
            self._lagging.discard(connection)
        return late

    def leaks(self, text: str, *tokens: str) -> set[str]:
        """Returns the kinds of secret that stand in a text."""
        secrets = Secrets.of(tokens=filter(None, tokens), private_keys=[self._key_pair.private_key])
        return secrets.found_in(text.encode()) | ({"AWS's own words"} if CANARY in text else set())

    @property
    def _hosts(self) -> frozenset[str]:
        return frozenset({NOBODY.removeprefix("https://"), *(tenant.host for tenant in self._tenants.values())})

    def _start(self, folder: Path) -> None:
        faults = {_HEALTHY: None, **{fault.name: fault for fault in (*ENDPOINT_FAULTS, SALESFORCE_DOWN)}}
        with deferred():
            self._aws = EmbeddedAws.start(folder)
            self._ending.callback(self._aws.stop)
            orgs = {}
            for number, name in enumerate(faults):
                state = folder / str(number)
                state.mkdir()
                orgs[name] = EmbeddedOrg.start(state)
                self._ending.callback(orgs[name].stop)
            leaders = (self._aws.pid, *(org.pid for org in orgs.values()))
            self._ending.enter_context(guarded(folder, *leaders))
        for name, org in orgs.items():
            self._tenants[name] = Tenant.settle(org, faults[name], self._key_pair)
            self._ending.callback(self._tenants[name].control.close)
        self._aws.wait()
        self._make_table()
        bundle = folder / "authorities.pem"
        bundle.write_bytes(b"\n".join(tenant.authority for tenant in self._tenants.values()))
        wire = self._ending.enter_context(Wire(self._aws.endpoint_url, self._behave))
        wire.timed = self._timed
        self._ending.enter_context(_variables(self._settings(bundle) | {"AWS_ENDPOINT_URL": wire.url}))
        for store, backend in STORES.items():
            with _variables({"SFMINT_CACHE_BACKEND": backend}):
                self._functions[store] = bootstrap.token_broker()
            with suppress(ConnectionNotFound):  # a client is made at the first call, which threads must not do at once
                self._functions[store].use_case.source.minter.credentials.load("nobody")

    def _make_table(self) -> None:
        self._aws.dynamodb.create_table(
            TableName=_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )

    def _settings(self, bundle: Path) -> dict[str, str]:
        kms: Any = boto3.client(
            "kms",
            endpoint_url=self._aws.endpoint_url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=ACCESS_KEY,
        )
        return {
            **self._aws.environment(),
            "SFMINT_STACK": _STACK,
            "SFMINT_CONNECTIONS": "",
            "SFMINT_TABLE": _TABLE,
            "SFMINT_KEY_ARN": kms.create_key()["KeyMetadata"]["Arn"],
            "SFMINT_MEMORY_TRUST_SECONDS": "30",
            "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
            "SFMINT_TOKEN_HOSTS": ",".join(self._hosts),
            "SFMINT_HTTPS_PROXY": "",
            "SSL_CERT_FILE": str(bundle),
            "POWERTOOLS_SERVICE_NAME": "token_broker",
            "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def _behave(self, asked: Asked) -> Behaviour:
        fault = self._struck.get(self._connection_of(asked))
        if fault is None:
            return Pass()
        if asked.service in _KEYED_BY[fault.service]:
            return fault.behave(asked)
        return fault.through_ssm(asked) if asked.service == "ssm" else Pass()

    def _timed(self, asked: Asked, seconds: float) -> None:
        if seconds > TIMEOUT_S / 2:
            with self._lock:
                self._lagging.add(self._connection_of(asked))

    def _connection_of(self, asked: Asked) -> str:
        if name := _NAME.search(asked.body):
            return name[0].decode()
        budget = _BUDGET.search(asked.body)
        return self._owners.get(budget[1], "") if budget else ""

    def _end(self) -> None:
        with undisturbed():
            self._ending.close()


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables for the block."""
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
