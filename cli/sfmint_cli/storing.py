"""Credentials on their way into a connection's secret, and the proof that the stack logs in with them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sfmint_cli.connection_secret import TRY, ConnectionSecret, Described, State
from sfmint_cli.instants import written
from sfmint_cli.keeper import Keeper
from sfmint_cli.pasteable import sfmint
from sfmint_cli.replacement import REFUSED, Replacement, after_refusal
from sfmint_cli.result import Facts, Failed, Report
from sfmint_cli.storing_command import ADD, storing
from sfmint_cli.tainted_keys import are_equal, barred_as, carried_over, key_id_in

type Ask = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was done to a secret.

    Attributes:
        done: in a word.
        text: its current value.
        replacement: of what, if there was something; `version` is the new version's id.
    """

    done: str
    text: str
    replacement: Replacement | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """Stores credentials of one connection; every method may raise `Failed`.

    Attributes:
        secret: the connection's.
        keeper: of the stack.
        check: raises `Failed` for the text of a secret that the broker would refuse.
        login: whether the stack logs in with them: before, and after.
    """

    secret: ConnectionSecret
    keeper: Keeper
    check: Callable[[str], object]
    login: bool

    def store(self, text: str, *, kms_key: str | None, restore: bool, ask: Ask) -> Stored:
        """Make credentials the current ones.

        Args:
            text: of the secret, checked.
            kms_key: to encrypt it under; None: as it is.
            restore: take back a deletion.
            ask: whether to replace what is there, which the question describes; it raises `Failed` for a no.
        """
        before = self.secret.describe()
        match before.state:
            case State.MISSING:
                description = f"Salesforce credentials of the connection {self.keeper.connection}, for sfmint"
                self.secret.create(text, description=description, kms_key=kms_key)
                return Stored(done="created", text=text)
            case State.DELETED if not restore:
                raise Failed(
                    f"The secret {self.secret.name} is scheduled for deletion{_when(before)}.",
                    remedy="Take that back and replace its value with --restore, or wait until it is gone.",
                    name="SecretDeleted",
                )
            case State.DELETED:
                self.secret.restore()
                return self._restored(text, kms_key)
            case State.STORED:
                return self._in_place_of(before, text, kms_key, ask)

    def roll_back(self) -> Stored:
        """Make the credentials current that were there before the present ones; their key may not be tainted."""
        before = self.secret.describe()
        previous = self.secret.read("AWSPREVIOUS") if before.state is State.STORED else None
        current = self.secret.read()
        if previous is None or current is None:
            raise Failed(
                f"The secret {self.secret.name} holds no credentials beside the present ones, so there is no way back.",
                remedy=f"Store others: {storing(self.keeper.connection)}.",
                name="NoPrevious",
            )
        text = barred_as(previous, current)
        if are_equal(text, current):
            raise Failed(
                f"The credentials before those in the secret {self.secret.name} are the same, so there is no way back.",
                remedy=f"Store others: {storing(self.keeper.connection)}.",
                name="NoPrevious",
            )
        self.check(text)
        replacement = Replacement(secret=self.secret, before=before, keeper=self.keeper)
        version = replacement.stage_former("AWSPREVIOUS") if are_equal(text, previous) else replacement.stage(text)
        replacement.carry_out(version, key_id_in(text), login=self.login)
        return Stored(done="rolled back", text=text, replacement=replacement, version=version)

    def prove(self, stored: Stored, facts: Facts) -> Report:
        """Drop what the stack has of the former credentials and, if wanted, let it log in with the present ones."""
        name = self.keeper.connection
        try:
            self.keeper.flush()
        except Failed as error:
            raise Failed(
                f"The secret is {stored.done}, but the old token still stands: {error.cause}",
                remedy=f"{error.remedy} Then: {sfmint('flush', name)}",
                name=error.name,
                facts={**facts, "flushed": False, "login": False},
            ) from None
        facts = {**facts, "flushed": True}
        token = sfmint("token", name)
        if not self.login:
            step = f"a broker may remember the old token for half a minute; after that: {token}"
            return Report(facts={**facts, "login": False}, next_step=step)
        try:
            found = self.keeper.refresh()
        except Failed as error:
            raise _after(stored, error).knowing({**facts, "login": False}) from None
        return Report(facts={**facts, "login": True, **found}, next_step=f"get a token with it: {token}")

    def _restored(self, text: str, kms_key: str | None) -> Stored:
        try:
            stored = self._in_place_of(self.secret.describe(), text, kms_key, lambda _: None)
        except Failed as failed:
            raise Failed(
                f"The deletion of {self.secret.name} is taken back, so its old value is live again. {failed.cause}",
                remedy=f"{failed.remedy} Then run this again.",
                name=failed.name,
            ) from None
        return replace(stored, done="restored and replaced" if stored.replacement else "restored")

    def _in_place_of(self, before: Described, text: str, kms_key: str | None, ask: Ask) -> Stored:
        if "AWSCURRENT" not in before.at:  # made without a value, as by hand or by Terraform
            if kms_key is not None:
                self.secret.encrypt_under(kms_key)
            self.secret.put(text)
            return Stored(done="created", text=text)
        current = self.secret.read_version(before.at["AWSCURRENT"])
        text = carried_over(text, current)
        self.check(text)
        if are_equal(text, current) and kms_key in (None, before.kms_key):
            if TRY in before.at:  # a run was interrupted
                self.secret.move(TRY, to=None, off=before.at[TRY])
            return Stored(done="unchanged", text=text)
        replacement = Replacement(secret=self.secret, before=before, keeper=self.keeper)
        if are_equal(text, current):  # AWS encrypts the versions anew, and none of them is lost
            with replacement.under(kms_key):
                replacement.carry_out(replacement.stage_former("AWSCURRENT"), key_id_in(text), login=self.login)
            return Stored(done="under another key", text=text)
        tried = "once the stack has logged in with the new one" if self.login else "untried"
        ask(
            f"The secret {self.secret.name} holds a value (last change{_when(before)}). It is replaced whole, {tried}."
            f" The old value stays as AWSPREVIOUS until the next change; {sfmint(*ADD, self.keeper.connection)} --rollback"
            " goes back to it."
        )
        with replacement.under(kms_key):
            version = replacement.stage(text)
            replacement.carry_out(version, key_id_in(text), login=self.login)
        return Stored(done="replaced", text=text, replacement=replacement, version=version)


def _after(stored: Stored, error: Failed) -> Failed:
    """Return what is to be said of a first login that failed, after the former credentials were put back if it is theirs."""
    if stored.replacement is not None and error.name in REFUSED:
        return after_refusal(stored.replacement, stored.version, error)
    cause = f"The secret is {stored.done}, but a login with it fails: {error.cause}"
    stays = " What is stored stays, and the stack tries it again." if stored.done == "created" else ""
    return Failed(cause, remedy=f"{error.remedy}{stays}", name=error.name)


def _when(described: Described) -> str:
    return "" if described.since is None else f", {written(described.since)}"
