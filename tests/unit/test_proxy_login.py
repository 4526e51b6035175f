"""What a proxy is told: how it is read, encoded and kept."""

import json
from base64 import b64decode
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_testing.fakes import FakeClock
from sfmint_values.proxy_login import REFUSED_S, ProxyLogin, basic, login_of
from sfmint_values.secret import Secret

LETTERS = st.characters(exclude_categories=["Cc", "Cs"])
PASSWORDS = st.text(LETTERS, min_size=1)
USERNAMES = st.text(LETTERS, min_size=1).filter(lambda name: ":" not in name)
CANARY = "canary-password"


def heard(login: Secret) -> str:
    """Return what a proxy makes of a header (RFC 7617 section 2)."""
    scheme, _, encoded = login.reveal().partition(" ")
    assert scheme == "Basic"
    return b64decode(encoded, validate=True).decode()


@given(username=USERNAMES, password=PASSWORDS, others=st.dictionaries(st.text(), st.integers()))
def test_a_proxy_hears_user_and_password_as_they_are_stored(
    username: str, password: str, others: dict[str, int]
) -> None:
    login = login_of(json.dumps(others | {"username": username, "password": password}))
    assert heard(login) == f"{username}:{password}"
    assert login.reveal().isascii()
    assert "\n" not in login.reveal()


@pytest.mark.parametrize("password", [":", "a:b@c", "@", "pässwörd", "密碼", "100%", " with blanks ", '"\\'])
def test_a_password_may_hold_what_a_url_may_not(password: str) -> None:
    assert heard(login_of(json.dumps({"username": "joe", "password": password}))) == f"joe:{password}"


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        (CANARY, "it is no JSON"),
        ("", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        (json.dumps([CANARY]), "it is no JSON object"),
        (json.dumps(CANARY), "it is no JSON object"),
        (json.dumps({"user": "joe", "password": CANARY}), "it has no username"),
        (json.dumps({"username": "joe", "passwort": CANARY}), "it has no password"),
        (json.dumps({"username": "", "password": CANARY}), "it has no username"),
        (json.dumps({"username": "joe", "password": ""}), "it has no password"),
        (json.dumps({"username": "joe", "password": 1234}), "it has no password, or one that is no text"),
        (json.dumps({"username": ["joe"], "password": CANARY}), "it has no username"),
        (json.dumps({"username": f"joe:{CANARY}", "password": CANARY}), "its username holds a colon"),
        (json.dumps({"username": "joe", "password": f"{CANARY}\n"}), "its password holds a control character"),
        (json.dumps({"username": "joe\r\nX: y", "password": CANARY}), "its username holds a control character"),
        (json.dumps({"username": "joe", "password": f"{CANARY}\x85"}), "its password holds a control character"),
        (json.dumps({"username": "joe", "password": f"{CANARY}\ud800"}), "a text that has no encoding"),
    ],
)
def test_a_secret_of_another_form_is_told_by_its_flaw_and_not_quoted(text: str, flaw: str) -> None:
    with pytest.raises(ValueError, match=flaw) as raised:
        login_of(text)
    assert CANARY not in repr((raised.value, raised.value.__cause__))


class Proxy:
    """A proxy that lets one login through, and the secret with what it is told.

    Attributes:
        wants: the login that it lets through.
        secret: what the secret says now.
        told: all that it was told.
        reads: all that was read.
    """

    def __init__(self, wants: Secret, secret: Secret) -> None:
        self.wants, self.secret = wants, secret
        self.told: list[Secret] = []
        self.reads: list[Secret] = []

    def read(self) -> Secret:
        self.reads.append(self.secret)
        return self.secret

    def lets_through(self, login: ProxyLogin) -> bool:
        for offer in login.offers():
            self.told.append(offer)
            if offer == self.wants:
                return True
        return False


def test_the_secret_is_read_once_until_the_proxy_refuses_it() -> None:
    old, new = basic("joe", "old"), basic("joe", "new")
    proxy = Proxy(wants=old, secret=old)
    login = ProxyLogin(proxy.read, FakeClock())
    assert proxy.reads == []
    assert login.current() == login.current() == old
    assert proxy.lets_through(login)
    assert proxy.reads == [old]
    proxy.wants = proxy.secret = new
    assert proxy.lets_through(login)
    assert proxy.lets_through(login)
    assert (proxy.reads, proxy.told) == ([old, new], [old, old, new, new])


def test_what_another_thread_has_read_meanwhile_is_not_read_again() -> None:
    old, new = basic("joe", "old"), basic("joe", "new")
    proxy = Proxy(wants=new, secret=old)
    login = ProxyLogin(proxy.read, FakeClock())
    mine = login.offers()
    assert next(mine) == old
    proxy.secret = new
    assert proxy.lets_through(login)
    assert next(mine) == new
    assert proxy.reads == [old, new]


def test_a_secret_that_cannot_be_read_is_read_again_the_next_time() -> None:
    failures = [OSError("once")]

    def read() -> Secret:
        if failures:
            raise failures.pop()
        return basic("joe", "x")

    login = ProxyLogin(read, FakeClock())
    with pytest.raises(OSError, match="once"):
        login.current()
    assert login.current() == basic("joe", "x")


def test_what_a_proxy_has_refused_it_is_told_once_a_minute() -> None:
    clock, wrong, right = FakeClock(), basic("joe", "wrong"), basic("joe", "right")
    proxy = Proxy(wants=right, secret=wrong)
    login = ProxyLogin(proxy.read, clock)
    assert not proxy.lets_through(login)
    for _ in range(3):
        clock.time += REFUSED_S / 4
        assert not proxy.lets_through(login)
    assert proxy.told == [wrong], "asking does not lengthen the pause"
    clock.time += REFUSED_S / 4
    assert not proxy.lets_through(login)
    assert proxy.told == [wrong, wrong], "the proxy itself may have been corrected"
    proxy.secret = right
    assert proxy.lets_through(login), "a secret that was corrected counts at once"
    assert proxy.told == [wrong, wrong, right]


@given(stored=st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_of_a_secret_that_changes_each_value_is_told_once_until_another_is_refused(stored: list[str]) -> None:
    proxy = Proxy(wants=basic("joe", "right"), secret=basic("joe", stored[0]))
    login = ProxyLogin(proxy.read, FakeClock())
    for password in stored:
        proxy.secret = basic("joe", password)
        assert not proxy.lets_through(login)
    assert proxy.told == [basic("joe", password) for password, _ in groupby(stored)]


def test_what_was_refused_is_not_told_again_where_the_secret_cannot_be_read_then() -> None:
    wrong, readable = basic("joe", "wrong"), [True]

    def read() -> Secret:
        if not readable[0]:
            raise OSError("no answer")
        return wrong

    login = ProxyLogin(read, FakeClock())
    offers = login.offers()
    assert next(offers) == wrong
    readable[0] = False
    with pytest.raises(OSError, match="no answer"):
        next(offers)
    readable[0] = True
    assert list(login.offers()) == []
