"""What a proxy is told: how it is read, encoded and kept."""

import json
from base64 import b64decode

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


def test_the_secret_is_read_once_until_the_proxy_refuses_it() -> None:
    stored, reads = [basic("joe", "old")], []

    def read() -> Secret:
        reads.append(stored[0])
        return stored[0]

    login = ProxyLogin(read, FakeClock())
    assert reads == []
    old = login.current()
    assert login.current() == old
    assert login.renewed(old) is None
    stored[0] = new = basic("joe", "new")
    assert login.renewed(old) == new
    assert login.renewed(old) == new, "another thread has read it already"
    assert login.current() == new
    assert reads == [old, old, new]


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
    stored = [wrong]
    login = ProxyLogin(lambda: stored[0], clock)
    assert login.may_be_told(login.current())
    assert login.renewed(wrong) is None
    for _ in range(3):
        clock.time += REFUSED_S / 4
        assert not login.may_be_told(wrong), "asking does not lengthen the pause"
        assert login.renewed(wrong) is None
    assert login.may_be_told(right)
    clock.time += REFUSED_S / 4
    assert login.may_be_told(wrong), "the proxy itself may have been corrected"
    assert login.renewed(wrong) is None
    assert not login.may_be_told(wrong)
    stored[0] = right
    assert login.renewed(wrong) == right, "a secret that was corrected counts at once"
