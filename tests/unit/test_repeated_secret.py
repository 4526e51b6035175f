"""Whether a long answer holds a secret that was sent, however a program writes it."""

import json
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfmint_values.repeated_secret import holds
from sfmint_values.secret import Secret

ORG = "00Dgp0000001abcEAA"[:15]
HALF = st.text(string.ascii_letters + string.digits, min_size=40, max_size=120)
NOISE = st.text(max_size=40)

ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
    "JSON": lambda text: "".join(f"\\u{ord(char):04X}" for char in text).encode(),
    "JSON in JSON": lambda text: json.dumps("".join(f"\\u{ord(char):04x}" for char in text)).encode(),
    "every other letter": lambda text: "".join(
        f"%{ord(char):02X}" if number % 2 else char for number, char in enumerate(text)
    ).encode(),
    "percent twice": lambda text: "".join(f"%25{byte:02x}" for byte in text.encode()).encode(),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex(":").upper().encode(),
    "bytes": lambda text: ", ".join(f"0x{byte:02X}" for byte in text.encode()).encode(),
    "numbers": lambda text: str(list(text.encode())).encode(),
    "base64": lambda text: b64encode(text.encode()),
    "base64, shifted by one": lambda text: b64encode(b"{" + text.encode() + b"}"),
    "base64, shifted by two": lambda text: b64encode(b'{"' + text.encode() + b'"}'),
    "base64 for URLs": lambda text: urlsafe_b64encode(b"?" + text.encode()),
    "base64 in lines": lambda text: b"\r\n".join(b64encode(text.encode())[at : at + 20] for at in range(0, 180, 20)),
    "base64 twice": lambda text: b64encode(b64encode(b"{" + text.encode() + b"}") + b"\n"),
    "base64 of hex": lambda text: b64encode(b"\\x" + text.encode().hex().encode()),
    "base64 of HEX": lambda text: b64encode(text.encode().hex().upper().encode()),
    "base64 of percent": lambda text: b64encode("".join(f"%{byte:02X}" for byte in text.encode()).encode()),
    "base64 of UTF-16": lambda text: b64encode(text.encode("utf-16")),
    "hex of base64": lambda text: b64encode(b"u:" + text.encode()).hex().encode(),
    "hex of UTF-16": lambda text: text.encode("utf-16-be").hex().encode(),
    "JavaScript": lambda text: "".join(f"\\u{{{ord(char):x}}}" for char in text).encode(),
    "Python": lambda text: "".join(f"\\U{ord(char):08x}" for char in text).encode(),
    "entities without an end": lambda text: "".join(f"&#x{ord(char):x}" for char in text).encode(),
    "entities with zeros": lambda text: "".join(f"&#x{ord(char):08x};" for char in text).encode(),
    "entities in HTML in HTML": lambda text: "".join(f"&amp;amp;#{ord(char)};" for char in text).encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
}


@given(half=HALF, before=NOISE, after=NOISE)
def test_a_token_is_found_in_any_usual_encoding(half: str, before: str, after: str) -> None:
    token = f"{ORG}!{half}"
    answers = {name: b"%b<%b>%b" % (before.encode(), write(token), after.encode()) for name, write in ENCODINGS.items()}
    assert missed(answers, token) == []


@given(half=HALF, start=st.integers(0, 24))
@example(half="0" * 37 + "100", start=24)
@example(half="ab" * 19 + "Z1", start=24)
def test_sixteen_characters_of_its_secret_half_are_enough(half: str, start: int) -> None:
    answers = {name: b'{"a": "%b"}' % write(half[start : start + 16]) for name, write in ENCODINGS.items()}
    assert missed(answers, f"{ORG}!{half}") == []


def missed(answers: dict[str, bytes], token: str) -> list[str]:
    """Return the encodings in which a token is not found: all of one token, for its spellings are worked out only once."""
    secret = Secret(token)
    return [name for name, answer in answers.items() if not holds(answer, secret)]


@given(half=HALF, other=HALF, noise=st.binary(max_size=4000))
def test_another_token_of_the_same_org_is_none_of_ours(half: str, other: str, noise: bytes) -> None:
    if half.lower() in other.lower() or other.lower() in half.lower() or len(set(half.lower())) < 9:
        return
    if any(half[at : at + 8].lower() in other.lower() for at in range(len(half))):
        return
    answer = noise + json.dumps({"id": ORG, "sessionId": f"{ORG}!{other}"}).encode() + b64encode(ORG.encode())
    assert not holds(answer, Secret(f"{ORG}!{half}"))


def test_the_claims_of_a_jwt_may_be_told_but_not_the_jwt() -> None:
    head = ".".join(b64encode(json.dumps(each).encode()).decode() for each in ({"alg": "RS256"}, {"sub": "ann"}))
    jwt = f"{head}.{'sIgNature' * 9}"
    assert not holds(head.encode(), Secret(jwt))
    assert holds(jwt.encode(), Secret(jwt))


@pytest.mark.parametrize("token", ["00D000000000001!first", "opaque-anyone"])
def test_a_token_with_a_short_secret_is_found_as_a_whole(token: str) -> None:
    assert holds(f'{{"sid": "{token}"}}'.encode(), Secret(token))
    assert not holds(f'{{"sid": "{token[:-1]}"}}'.encode(), Secret(token))


def test_what_cannot_be_told_from_a_word_is_not_looked_for() -> None:
    assert not holds(b"a word", Secret("word"))
