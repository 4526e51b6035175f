"""The user and the password that a proxy asks for: read from a secret, kept, and read again when the proxy refuses them.

They are sent as UTF-8, which RFC 7617 section 2.1 recommends, in the request that opens a tunnel and in no other.

Source: RFC 7617 section 2; RFC 9110 section 11.7.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator

from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret
from sfmint_values.system import Clock

HEADER = "Proxy-Authorization"
REFUSED_S = 60.0  # many proxies lock out a user whose password is wrong too often
REMEDY = 'Store {"username": "...", "password": "..."} in it.'
# What Secrets Manager says of a secret that cannot be read, by its code: the end of a sentence, and the remedy.
LACKS = {
    "ResourceNotFoundException": (
        "does not exist, or has no value yet",
        f"Correct the stack's parameter HttpsProxySecretArn, or create the secret. {REMEDY}",
    ),
    "InvalidRequestException": (
        "is scheduled for deletion",
        "Take it back with aws secretsmanager restore-secret, or give HttpsProxySecretArn another one.",
    ),
}


class ProxyLogin:
    """What a proxy was told last, as long as it accepts that. What it has refused it is told once a minute at most.

    Args:
        read: reads the secret and returns the header's value; what it raises goes on to the caller.
        clock: time.
    """

    def __init__(self, read: Callable[[], Secret], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._known: Secret | None = None
        self._refused: Secret | None = None
        self._refused_until = 0.0

    def current(self) -> Secret:
        """Return the header's value; the secret is read the first time."""
        known = self._known
        if known is None:
            known = self._known = self._read()
        return known

    def offers(self) -> Iterator[Secret]:
        """Yield what the proxy may be told: what is known, and then what the secret says by now, if that is something else.

        Who asks for the next one says that the proxy has refused the one before.
        """
        told = self.current()
        yield from self._offered(told)
        if self._known == told:
            self._known = None
        if (says := self.current()) != told:
            yield from self._offered(says)

    def _offered(self, login: Secret) -> Iterator[Secret]:
        if login != self._refused or self._clock.monotonic() >= self._refused_until:
            yield login
            self._refused, self._refused_until = login, self._clock.monotonic() + REFUSED_S


def basic(username: str, password: str) -> Secret:
    """Return the header's value for a user and a password.

    Raises:
        ValueError: they cannot be encoded, and are not quoted.
    """
    try:
        pair = f"{username}:{password}".encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which the error would quote
        raise ValueError("a text that has no encoding") from None
    return Secret(f"Basic {b64encode(pair).decode()}")


def login_of(text: Foreign) -> Secret:
    """Return the header's value for a secret's text: a JSON object with `username` and `password`; other fields may be there.

    Raises:
        ValueError: it is none; the message says what is wrong, for the end of "The secret ... is unusable:".
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(fields, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - of a text
    pair = [fields.get(name) for name in ("username", "password")]
    for name, value in zip(("username", "password"), pair, strict=True):
        if not isinstance(value, str) or not value:
            raise ValueError(f"it has no {name}, or one that is no text")
        if not all(map(_may_stand, value)):
            raise ValueError(f"its {name} holds a control character, a line break perhaps")
    username, password = map(str, pair)
    if ":" in username:
        raise ValueError("its username holds a colon, which ends it")
    return basic(username, password)


def _may_stand(letter: str) -> bool:
    return letter >= " " and not "\x7f" <= letter <= "\x9f"
