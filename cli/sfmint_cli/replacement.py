"""Nothing good is replaced before the stack has logged in with what comes in its place.

The new version of the secret is staged to be tried, and becomes the current one when the keeper has logged in with it. A step
that is lost or interrupted leaves the former version current, and the same command goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sfmint_cli import render
from sfmint_cli.connection_secret import OWN_KEY, TRY, ConnectionSecret, Described
from sfmint_cli.keeper import Keeper
from sfmint_cli.pasteable import aws, sfmint
from sfmint_cli.result import Failed
from sfmint_cli.storing_command import ADD
from sfmint_cli.tainted_keys import key_id_in, listed_in

REFUSED = frozenset({"AssertionRejected", "InvalidCredentials"})  # the credentials are at fault, and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A change of the credentials in a secret that has a current version.

    Attributes:
        secret: the connection's.
        before: the secret as it was described, with its current version.
        keeper: of the stack.
    """

    secret: ConnectionSecret
    before: Described
    keeper: Keeper

    def stage(self, text: str) -> str:
        """Write a version that is only to be tried, and return its id."""
        return self.secret.put(text, TRY)

    def stage_former(self, stage: str) -> str:
        """Stage a version that is there to be tried, the previous or the current one, and return its id."""
        version = self.before.at[stage]
        self.secret.move(TRY, to=version, off=self.before.at.get(TRY))
        return version

    def carry_out(self, version: str, key_id: str | None, *, login: bool) -> None:
        """Let the keeper log in with the staged version, if wanted, and make it the current one.

        Args:
            version: its id.
            key_id: of its key.
            login: whether it is tried.

        Raises:
            Failed: it was not made current, and why.
        """
        with self._unstaged_at_the_end(version):
            if login:
                self._try(version, key_id)
            if version != self.before.at["AWSCURRENT"]:
                self._promote(version)

    @contextmanager
    def under(self, kms_key: str | None) -> Iterator[None]:
        """Encrypt the secret under another key; under the former one again, if what is done with it fails.

        Args:
            kms_key: its ARN; None, or the one that it has: nothing changes.
        """
        if kms_key in (None, self.before.kms_key):
            yield
            return
        self.secret.encrypt_under(kms_key)
        try:
            yield
        except BaseException:
            self._encrypt_as_before()
            raise

    def _encrypt_as_before(self) -> None:
        key = self.before.kms_key or OWN_KEY
        try:
            self.secret.encrypt_under(key)
        except Failed as error:
            render.warn(
                f"The secret {self.secret.name} stays under its new KMS key, and not under {key}: {error.cause}"
            )

    def put_back(self, version: str) -> None:
        """Make the former version current again, in place of one that Salesforce has refused.

        Raises:
            Failed: its key is tainted, or AWS does not let it.
        """
        former = self.before.at["AWSCURRENT"]
        key_id = key_id_in(self.secret.read_version(former) or "")
        if key_id in listed_in(self.secret.read_version(version) or "{}"):
            raise Failed(
                f"The key {key_id} of the credentials before these is tainted, so they are not put back.",
                remedy="Store others.",
                name="KeyTainted",
            )
        self._make_current(former, version)

    @contextmanager
    def _unstaged_at_the_end(self, version: str) -> Iterator[None]:
        try:
            yield
        finally:
            self._unstage(version)

    def _unstage(self, version: str) -> None:
        try:
            self.secret.move(TRY, to=None, off=version)
        except Failed as error:
            with suppress(Failed):
                if not self._is_staged(version):  # the answer was lost, or the stage is somebody else's now
                    return
            render.warn(
                f"The stage {TRY} is still on a version of {self.secret.name}, which harms nobody: {error.cause}"
            )

    def _is_staged(self, version: str) -> bool:
        """Return whether a version is the one that is to be tried: somebody else may have staged another."""
        return self.secret.describe().at.get(TRY) == version

    def _try(self, version: str, key_id: str | None) -> None:
        try:
            tried = self.keeper.try_login()
        except Failed as error:
            raise Failed(
                f"Nothing was replaced, for a login with the new credentials failed: {error.cause}",
                remedy=error.remedy,
                name=error.name,
            ) from None
        if tried != key_id or not self._is_staged(version):  # the same key may be another user's
            raise Failed(
                "Nothing was replaced, for the keeper may have tried other credentials: somebody else is changing the secret"
                f" {self.secret.name} now.",
                remedy="Agree who does, then run this again.",
                name="ChangedMeanwhile",
            )

    def _promote(self, version: str) -> None:
        try:
            self._make_current(version, self.before.at["AWSCURRENT"])
        except Failed as error:
            raise Failed(
                f"Nothing was replaced, for the new version could not be made the current one: {error.cause}",
                remedy="Run this again; if somebody else has changed the secret meanwhile, look at it first:"
                f" {aws('secretsmanager', 'describe-secret', '--secret-id', self.secret.name)}",
                name=error.name,
            ) from None

    def _make_current(self, version: str, in_place_of: str) -> None:
        try:
            self.secret.move("AWSCURRENT", to=version, off=in_place_of)
        except Failed:
            # Or the answer was lost: asked again, AWS finds that the stage has moved already.
            if self.secret.describe().at.get("AWSCURRENT") != version:
                raise


def after_refusal(replacement: Replacement, version: str, error: Failed) -> Failed:
    """Put the former credentials back, and return what is to be said of the login that has refused the new ones.

    Args:
        replacement: what was done.
        version: the new version.
        error: of the login.
    """
    keeper = replacement.keeper
    try:
        replacement.put_back(version)
    except Failed as left:
        back = "" if left.name == "KeyTainted" else f" To go back: {sfmint(*ADD, keeper.connection, '--rollback')}"
        cause = f"The secret is replaced, but a login with it fails: {error.cause} It was not put back: {left.cause}"
        return Failed(cause, remedy=f"{error.remedy}{back}", name=error.name)
    try:
        keeper.flush()
    except Failed:
        render.warn(f"What the stack remembers of the new credentials stands: {sfmint('flush', keeper.connection)}")
    return Failed(
        f"The former credentials are back, for the first login with the new ones fails: {error.cause}",
        remedy=error.remedy,
        name=error.name,
        facts={"done": "put back"},
    )
