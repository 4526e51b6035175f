"""The one place where the use cases are put together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfmint.ports import Ports
from sfmint.use_cases.credential_choice import CredentialChoice
from sfmint.use_cases.memory import Memory
from sfmint.use_cases.mint import Minter
from sfmint.use_cases.obtain import TokenSource

if TYPE_CHECKING:
    from sfmint.use_cases.broker import Broker
    from sfmint.use_cases.keeper import Keeper

SHORTEST_CONFIRMATION_S = 5.0  # with no trust in memory, an answer still needs a moment to be given


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the operator has set.

    Attributes:
        login_budget: logins that one Salesforce user may cost an hour.
        token_hosts: hosts beside Salesforce's own at which a token may be used.
        memory_trust_s: for how long memory is trusted after the row confirmed it, in seconds.
        refresh_interval_s: seconds between two refreshes of the schedule; 0 where there is none.
        poll_s: least and longest pause, in seconds, between two reads of the row while another environment mints.
    """

    login_budget: int
    token_hosts: frozenset[str]
    memory_trust_s: float
    refresh_interval_s: float
    poll_s: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """The use cases of one execution environment; a function loads its own only."""

    ports: Ports
    limits: Limits
    choice: CredentialChoice
    source: TokenSource

    def broker(self, build: str) -> "Broker":
        """Return the broker, with an empty memory.

        Args:
            build: the digest of the deployed artefact and parameters.
        """
        from sfmint.use_cases.broker import Broker

        return Broker(
            ports=self.ports,
            source=self.source,
            memory=Memory(self.limits.memory_trust_s),
            login_budget=self.limits.login_budget,
            build=build,
        )

    def keeper(self, build: str) -> "Keeper":
        """Return the keeper.

        Args:
            build: as in `broker`.
        """
        from sfmint.use_cases.keeper import Keeper
        from sfmint.use_cases.staged_login import StagedLogin
        from sfmint.use_cases.watch import Watch

        limits = self.limits
        staged_login = StagedLogin(ports=self.ports, login_budget=limits.login_budget, token_hosts=limits.token_hosts)
        return Keeper(
            ports=self.ports,
            source=self.source,
            staged_login=staged_login,
            watch=Watch(ports=self.ports, interval_s=limits.refresh_interval_s),
            interval_s=limits.refresh_interval_s,
            build=build,
        )


def assemble(ports: Ports, limits: Limits) -> UseCases:
    """Return the use cases over these ports."""
    choice = CredentialChoice(ports)
    minter = Minter(ports=ports, choice=choice, login_budget=limits.login_budget, token_hosts=limits.token_hosts)
    source = TokenSource(
        ports=ports,
        minter=minter,
        token_hosts=limits.token_hosts,
        confirmed_within_s=max(limits.memory_trust_s, SHORTEST_CONFIRMATION_S),
        poll_s=limits.poll_s,
    )
    return UseCases(ports=ports, limits=limits, choice=choice, source=source)
