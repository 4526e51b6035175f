"""What comes of a login that the keeper tries for a rotation."""

from dataclasses import dataclass

from sfmint.salesforce.vocabulary import OF_THE_STACK

_CURRENT_KEY = OF_THE_STACK.fill("{private_key}{where}")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that was answered with a token, which is dropped.

    Attributes:
        key_id: of the key that logged in.
    """

    key_id: str


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Salesforce has refused the credentials (AssertionRejected).

    Attributes:
        said: cause and remedy, in the words for a login with the current key.
        is_of_key: what the app would say that holds another key's certificate.
    """

    said: str
    is_of_key: bool = False

    def words(self, key: str, app: str) -> str:
        """Return why a named key is refused; `said` speaks of the current one whichever was tried."""
        if not self.is_of_key:
            return f"Salesforce does not let {key} in. {self.said.replace(_CURRENT_KEY, key)}"
        why = f"its certificate is not in the app {app}, or has not arrived there yet, which takes two to ten minutes"
        return f"Salesforce refuses {key}: {why}."


@dataclass(frozen=True, slots=True)
class LoginUnusable:
    """Salesforce was not asked: the credentials cannot be used (InvalidCredentials)."""

    said: str

    def words(self, key: str, app: str) -> str:
        """Return why, for a person who rotates keys; see `LoginRefused.words`."""
        del app
        return f"{key.capitalize()} cannot be used. {self.said}"


@dataclass(frozen=True, slots=True)
class LoginUnanswered:
    """Anything else: an outage, a spent budget of logins, AWS. It says nothing about the key."""

    said: str


type NoLogin = LoginRefused | LoginUnusable | LoginUnanswered
type Tried = LoggedIn | NoLogin
