"""The one place that puts adapters behind ports."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import extract_tb
from typing import TYPE_CHECKING

from sfmint.adapters.aws.client import TIMEOUT_S, AwsClient
from sfmint.adapters.powertools import PowertoolsTelemetry
from sfmint.adapters.secrets_manager import SecretsManagerCredentials
from sfmint.adapters.signers.pem import PemSigners
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.adapters.stores.kms_sealer import KmsSealer
from sfmint.adapters.system import SystemChance
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.errors import InternalError, SfmintError
from sfmint.ports import Clock, Sealer, Store, Telemetry
from sfmint.row import decisions
from sfmint.settings import Settings
from sfmint.telemetry import RequestFailed
from sfmint.use_cases import mint
from sfmint.use_cases.mint import Minter
from sfmint.use_cases.obtain import TokenSource
from sfmint_values.system import SystemClock

if TYPE_CHECKING:
    from sfmint.use_cases.broker import Broker
    from sfmint.use_cases.keeper import Keeper

POLL_S = (0.05, 0.10)  # a mint takes 0.3 to 1 s; growing steps would oversleep it
PARAMETER_POLL_S = (1.0, 2.0)  # an account reads forty parameters a second, for all that it does
SHORTEST_CONFIRMATION_S = 5.0  # with no trust in memory, an answer still needs a moment to be given


@dataclass(frozen=True, slots=True, kw_only=True)
class Function[UseCase]:
    """A function's use case, and what its handler needs beside it."""

    use_case: UseCase
    settings: Settings
    telemetry: Telemetry

    @contextmanager
    def outcome(self, connection: str = "-") -> Iterator[None]:
        """Tell of an error once, and let none but our own out: a foreign one may quote a secret."""
        try:
            yield
        except SfmintError as error:
            self._raised(connection, type(error).__name__, error.cause)
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence
            place = extract_tb(error.__traceback__)[-1]
            self._raised(connection, "InternalError", f"{type(error).__name__} at {place.name}:{place.lineno}")
            raise InternalError(
                "sfmint met a fault of its own.", remedy="Report the log line of this request that names its place."
            ) from None

    def _raised(self, connection: str, error: str, cause: str) -> None:
        self.telemetry.emit(RequestFailed(connection=connection, error=error, cause=cause))


def token_broker() -> "Function[Broker]":
    """Return the broker of this execution environment."""
    from sfmint.use_cases.broker import Broker

    settings = Settings.from_environment()
    telemetry = PowertoolsTelemetry()
    source = _token_source(settings, telemetry)
    broker = Broker(source=source, memory_trust_s=settings.memory_trust_s, build=settings.build)
    return Function(use_case=broker, settings=settings, telemetry=telemetry)


def token_keeper() -> "Function[Keeper]":
    """Return the keeper of this execution environment."""
    from sfmint.use_cases.keeper import Keeper

    settings = Settings.from_environment()
    telemetry = PowertoolsTelemetry()
    keeper = Keeper(source=_token_source(settings, telemetry), interval_s=settings.refresh_interval_s)
    return Function(use_case=keeper, settings=settings, telemetry=telemetry)


def _token_source(settings: Settings, telemetry: Telemetry) -> TokenSource:
    _require_time()
    clock = SystemClock()
    store, sealer = _cache(settings, clock)
    minter = Minter(
        clock=clock,
        chance=SystemChance(),
        store=store,
        sealer=sealer,
        credentials=_credentials(settings, clock),
        signers=PemSigners(),
        endpoint=HttpsTokenEndpoint(clock, settings.ca_bundle, settings.https_proxy),
        telemetry=telemetry,
        login_budget=settings.login_budget,
        listed=settings.token_hosts,
    )
    return TokenSource(
        minter=minter,
        confirmed_within_s=max(settings.memory_trust_s, SHORTEST_CONFIRMATION_S),
        poll_s=POLL_S if settings.table else PARAMETER_POLL_S,
    )


def _cache(settings: Settings, clock: Clock) -> tuple[Store, Sealer]:
    if settings.table is None:
        from sfmint.adapters.stores.parameter_store import ParameterSealer, ParameterStore

        parameters = _client("ssm", settings, clock)
        return ParameterStore(parameters, settings.stack, settings.key_arn, clock), ParameterSealer()
    store = DynamoDBStore(_client("dynamodb", settings, clock), settings.table, clock)
    return store, KmsSealer(_client("kms", settings, clock), settings.key_arn, settings.table)


def _credentials(settings: Settings, clock: Clock) -> SecretsManagerCredentials:
    return SecretsManagerCredentials(_client("secretsmanager", settings, clock), settings.stack, settings.token_hosts)


def _client(service: str, settings: Settings, clock: Clock) -> AwsClient:
    return AwsClient(service, settings.aws, settings.ca_bundle, clock)


def _require_time() -> None:
    """Refuse to start where a mint could outlive its lease."""
    if 2 * TIMEOUT_S > mint.AWS_TRY_S or mint.WORST_CASE_S >= decisions.LEASE_S:
        raise InternalError(
            f"A mint may take {mint.WORST_CASE_S:g} s, at {2 * TIMEOUT_S:g} s for a call of AWS, and its lease ends after"
            f" {decisions.LEASE_S:g} s.",
            remedy="Shorten the time-outs or lengthen the lease.",
        )
