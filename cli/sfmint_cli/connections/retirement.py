"""A connection is taken out of use in an order in which each step can be repeated, and taken back, and harms no other one.

First nobody may use it any more; then its secret is scheduled for deletion, so that nobody can log in; then its token goes,
which nobody can mint again. AWS keeps the secret for thirty days.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.secret_text import fields_of
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.connection_secret import ConnectionSecret, Described, State
from sfmint_cli.connections.holders import Holder, Holders
from sfmint_cli.connections.ways_in import Way
from sfmint_cli.deployed import Deployed
from sfmint_cli.instants import written
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed
from sfmint_cli.storing_command import storing
from sfmint_values.connection_name import is_admin

DAYS = 30  # the longest that AWS keeps a secret after its deletion
MOST_COMMANDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Retires a connection; every method may raise `Failed`.

    Attributes:
        deployed: the connection, which the stack may list no more.
        before: its secret as it was described.
        username: of the Salesforce user, where the secret could be read.
    """

    deployed: Deployed
    before: Described
    username: str | None

    @classmethod
    def prepared(cls, deployed: Deployed) -> "Retirement":
        """Return the retirement of a connection, before anything is changed.

        Raises:
            Failed: there is neither a connection nor a secret of that name, somebody may still use it, or deploys the stack.
        """
        deployed.stack.require_rest()
        before = deployed.secret().describe()
        if before.state is State.MISSING:
            deployed.stack.require(deployed.name)
        retirement = cls(deployed=deployed, before=before, username=_username(deployed, before))
        retirement._refuse_while_used()
        return retirement

    @property
    def _is_listed(self) -> bool:
        return self.deployed.name in self.deployed.stack.connections

    def _refuse_while_used(self) -> None:
        if not self._is_listed:  # its aliases and policies went with the name
            return
        holders = Holders(identities=self.deployed.account.identities(), functions=self.deployed.account.functions())
        found = [each for way in Way.all_of(self.deployed.stack, self.deployed.name) for each in holders.of(way)]
        if found:
            raise _used(self.deployed.name, found)

    def questions(self) -> tuple[str, ...]:
        """Return what a person is to know before it is done."""
        name, secret = self.deployed.name, self.deployed.secret().name
        becomes = {
            State.STORED: f"is scheduled for deletion in {DAYS} days; until then it can be taken back",
            State.DELETED: "is scheduled for deletion already",
            State.MISSING: "does not exist",
        }
        users = f"Nobody holds a policy of {name} or stands in one of its aliases' policies. Its token is dropped."
        said = f"The secret {secret} {becomes[self.before.state]}."
        return (users, said) if self._is_listed else (f"The stack does not list {name} any more.", said)

    def carry_out(self) -> Facts:
        """Schedule the secret's deletion, drop the token, and return what was done."""
        before = self._unchanged()
        secret = self.deployed.secret()
        done: dict[str, object] = {"connection": self.deployed.name, "secret": secret.name}
        if before is State.STORED:
            done |= {"done": "retired", "deleted_on": written(self._deletion(secret))}
        else:
            done |= {"done": "retired already" if before is State.DELETED else "had no secret"}
        if self._is_listed:
            self._drop_token(done)
        kept = self.deployed.allow_parameter().name
        return {
            **done,
            "token_dropped": self._is_listed,
            "allow_list_kept": kept,
            "undo": self._undo(),
            "in_salesforce": self._steps(),
        }

    def _unchanged(self) -> State:
        """Return what there is of the secret, after a person may have thought about it for long.

        Raises:
            Failed: somebody has changed it, or may use it, since.
        """
        now = Retirement.prepared(self.deployed).before
        if now.state is not State.DELETED and now != self.before:
            raise Failed(
                f"Somebody has changed the secret {self.deployed.secret().name} meanwhile, so nothing was done.",
                remedy="Look at it, then run this again if it is still to go:"
                f" {sfmint('connection', 'show', self.deployed.name)}",
                name="ChangedMeanwhile",
            )
        return now.state

    def _deletion(self, secret: ConnectionSecret) -> datetime:
        try:
            return secret.schedule_deletion(DAYS)
        except Failed:
            # Or somebody else does the same, or the answer was lost: AWS schedules no deletion twice.
            now = secret.describe()
            if now.state is not State.DELETED or now.since is None:
                raise
            return now.since + timedelta(days=DAYS)

    def _drop_token(self, done: Facts) -> None:
        try:
            self.deployed.keeper().flush()
        except Failed as failed:
            raise Failed(
                f"The secret is on its way out, but the token may still be served: {failed.cause}",
                remedy=f"{failed.remedy} Then run this again.",
                name=failed.name,
                facts={**done, "token_dropped": False},
            ) from None

    def _undo(self) -> list[str]:
        if self.before.state is State.MISSING:
            return []
        restore = self.deployed.secret().restoration()
        other = storing(self.deployed.name, restore=True)
        return [f"with the same credentials: {restore}", f"with others, given as options: {other}"]

    def _steps(self) -> list[str]:
        """Return what is left to do in Salesforce, in its own words."""
        user = self.username or "the connection's user"
        return [
            f"Setup, Session Management: remove the sessions of {user}. Its other connections lose theirs too, and log in again.",
            f"Setup, Users: deactivate {user}, if nothing else uses it.",
            "Setup, External Client App Manager (or Manage Connected Apps): delete the app, if nothing else uses it.",
        ]

    def next_step(self) -> str:
        """Return how the name leaves the stack."""
        name, stack = self.deployed.name, self.deployed.stack
        if not self._is_listed:
            return "the stack does not list it, so there is nothing more to do in AWS"
        if not is_admin(name) and not any(each != name and not is_admin(each) for each in stack.connections):
            return "it is the stack's last connection: put another name in its place with make deploy, or take all away: make remove"
        return (
            "take the name out, and with it aliases, policies and schedule (until then the keeper finds no credentials for it):"
            f" {stack.listing(name, is_listed=False)} REMOVE={name}"
        )


def _used(name: str, holders: list[Holder]) -> Failed:
    commands = [each.removal() for each in holders]
    more = f" (and {len(commands) - MOST_COMMANDS} more)" if len(commands) > MOST_COMMANDS else ""
    told = ", ".join(dict.fromkeys(each.told() for each in holders[:MOST_COMMANDS]))
    return Failed(
        f"{name} is still in use, so nothing was changed: {told}{more}.",
        remedy=f"Take it from them where they are made, or here, then run this again: {' && '.join(commands[:MOST_COMMANDS])}",
        name="StillUsed",
        facts={"connection": name, "users": [each.told() for each in holders], "commands": commands},
    )


def _username(deployed: Deployed, before: Described) -> str | None:
    """Return the user of a connection, where it can be read."""
    if before.state is not State.STORED:
        return None
    with suppress(Failed, CredentialFault):
        username = fields_of(deployed.secret().read() or "").get(Field.USERNAME)
        return username if isinstance(username, str) else None
    return None
