"""The one place that puts adapters behind ports."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfmint.adapters.aws.repeats import REPEAT_S, Repeats
from sfmint.adapters.aws.services import Aws
from sfmint.adapters.powertools import PowertoolsTelemetry
from sfmint.adapters.secrets_manager import SecretsManagerCredentials
from sfmint.adapters.signers import open_signers
from sfmint.adapters.stores import open_store
from sfmint.adapters.system import SystemChance
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.aws_access.budget import Budget
from sfmint.errors import InternalError, SfmintError
from sfmint.ports import Clock, Ports, Store, Telemetry
from sfmint.row import decisions
from sfmint.settings import Settings
from sfmint.telemetry import AskedElsewhere, RequestFailed
from sfmint.use_cases import mint_time
from sfmint.use_cases.assembly import Limits, assemble
from sfmint_values import core_dumps
from sfmint_values.embedded_metrics import NO_CONNECTION
from sfmint_values.exits import EXITS, place_of
from sfmint_values.system import SystemClock

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import SecretsManagerCalls
    from sfmint.use_cases.broker import Broker
    from sfmint.use_cases.keeper import Keeper
    from sfmint_values.proxy_login import ProxyLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class Function[UseCase]:
    """A function's use case, and what its handler needs beside it."""

    use_case: UseCase
    settings: Settings
    telemetry: Telemetry

    @contextmanager
    def outcome(self, connection: str = NO_CONNECTION, told: type[RequestFailed] = RequestFailed) -> Iterator[None]:
        """Tell of an error once, as the record that is named, and let none but our own out: a foreign one may quote a secret."""
        try:
            yield
        except SfmintError as error:
            raise self._reported(told, connection, error, error.cause) from None
        except EXITS:
            raise
        except BaseException as error:  # noqa: BLE001 - the last line of defence
            raise self._reported(told, connection, InternalError.unforeseen(), place_of(error)) from None

    def _reported(self, told: type[RequestFailed], connection: str, error: SfmintError, cause: str) -> Exception:
        """Tell of an error, and return it as Lambda is to report it."""
        from sfmint_values.lambda_runtime import as_reported

        name = type(error).__name__
        self.telemetry.emit(told(connection=connection, error=name, cause=cause, remedy=error.remedy))
        return as_reported(error)


def token_broker() -> "Function[Broker]":
    """Return the broker of this execution environment."""
    settings, telemetry = _environment()
    use_cases = assemble(_ports(settings, telemetry), limits(settings))
    return Function(use_case=use_cases.broker(settings.build), settings=settings, telemetry=telemetry)


def token_keeper() -> "Function[Keeper]":
    """Return the keeper of this execution environment."""
    settings, telemetry = _environment()
    use_cases = assemble(_ports(settings, telemetry), limits(settings))
    return Function(use_case=use_cases.keeper(settings.build), settings=settings, telemetry=telemetry)


def _environment() -> tuple[Settings, Telemetry]:
    core_dumps.leave_none()
    settings = Settings.from_environment()
    telemetry = PowertoolsTelemetry(namespace=settings.metrics_namespace, stack=settings.stack, clock=SystemClock())
    return settings, telemetry


def limits(settings: Settings) -> Limits:
    """Return what the settings say of the use cases."""
    return Limits(
        login_budget=settings.login_budget,
        token_hosts=settings.token_hosts,
        memory_trust_s=settings.memory_trust_s,
        refresh_interval_s=settings.refresh_interval_s,
        poll_s=settings.cache.poll_s,
    )


def _ports(settings: Settings, telemetry: Telemetry) -> Ports:
    for endpoint in settings.own_endpoints:
        if not endpoint.is_here:  # an emulator's is
            telemetry.emit(AskedElsewhere(connection=NO_CONNECTION, variable=endpoint.variable, url=endpoint.url))
    clock, chance = SystemClock(), SystemChance()
    budget = Budget(clock)
    aws, repeats = Aws(settings.aws, settings.ca_bundle, clock, budget), Repeats(budget, clock, chance)
    store, sealer = open_store(
        settings.cache, aws, stack=settings.stack, key_arn=settings.key_arn, clock=clock, repeats=repeats
    )
    _require_time(store)
    secrets = aws.secrets_manager()
    proxy_login = _proxy_login(settings, secrets, repeats, clock)
    return Ports(
        clock=clock,
        budget=budget,
        chance=chance,
        store=store,
        sealer=sealer,
        credentials=SecretsManagerCredentials(
            secrets, settings.stack, settings.token_hosts, repeats, proxy_login=proxy_login
        ),
        signers=open_signers(aws.kms, settings.aws.region, repeats),
        endpoint=HttpsTokenEndpoint(clock, settings.ca_bundle, settings.https_proxy, proxy_login),
        telemetry=telemetry,
    )


def _proxy_login(
    settings: Settings, client: "SecretsManagerCalls", repeats: Repeats, clock: Clock
) -> "ProxyLogin | None":
    if settings.https_proxy is None or settings.https_proxy_secret is None:
        return None
    from sfmint.adapters.proxy_secret import open_proxy_login  # a start without it loads nothing of it

    return open_proxy_login(client, settings.https_proxy_secret, repeats, clock)


def _require_time(store: Store) -> None:
    """Refuse to start where a mint could outlive its lease, or its budgets have no room for all that it asks of AWS."""
    if mint_time.WORST_CASE_S >= decisions.LEASE_S:
        raise InternalError(
            f"A mint may take {mint_time.WORST_CASE_S:g} s, and its lease ends after {decisions.LEASE_S:g} s.",
            remedy="Shorten the budgets or lengthen the lease.",
        )
    for phase, most, budget_s in mint_time.longest_paths(store):
        if most * REPEAT_S > budget_s:
            raise InternalError(
                f"Before its {phase} a mint may ask AWS {most} times, for which {budget_s:g} s are too short.",
                remedy=f"Let the store do with fewer requests: each needs {REPEAT_S:g} s.",
            )
