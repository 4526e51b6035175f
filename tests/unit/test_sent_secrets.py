"""A secret that was sent is recognised in what came back, in any spelling and however it is taken apart."""

import base64
import json
import string
from collections.abc import Callable, Sequence
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfmint_values.redaction import REDACTED, redacted
from sfmint_values.secret import Secret
from sfmint_values.sent_secrets import Book, places, repeats
from sfmint_values.vocabulary import LOGIN, REST, Vocabulary

ORG = "00D5g000004aBcd"
TOKEN = f"{ORG}!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0tU_vWxYz"

# How a secret is written, as the units that may be taken apart.
SPELLINGS: dict[str, Callable[[str], Sequence[str]]] = {
    "plain": list,
    "in capitals": lambda text: list(text.upper()),
    "escaped for a URL": lambda text: list(quote(text, safe="")),
    "wholly escaped for a URL": lambda text: [f"%{ord(char):02X}" for char in text],
    "escaped for a URL twice": lambda text: [f"%25{ord(char):02x}" for char in text],
    "escaped for JSON": lambda text: list(json.dumps(text)),
    "wholly escaped for JSON": lambda text: [f"\\u{ord(char):04x}" for char in text],
    "escaped for HTML": lambda text: [f"&#{ord(char)};" for char in text],
    "escaped for HTML in hexadecimal": lambda text: [f"&#x{ord(char):X};" for char in text],
    "with every other letter escaped": lambda text: [
        f"%{ord(char):x}" if i % 2 else char for i, char in enumerate(text)
    ],
    "with every other letter escaped twice": lambda text: [
        f"%25{ord(char):x}" if i % 2 else char for i, char in enumerate(text)
    ],
    "hexadecimal": lambda text: list(text.encode().hex()),
    "hexadecimal bytes": lambda text: [f"{byte:02X}" for byte in text.encode()],
    "C escapes": lambda text: [f"\\x{byte:02x}" for byte in text.encode()],
    "C numbers": lambda text: [f"0x{byte:02x} " for byte in text.encode()],
    "decimal bytes": lambda text: [f"{byte} " for byte in text.encode()],
    "decimal bytes of three digits": lambda text: [f"{byte:03d}" for byte in text.encode()],
    "octal escapes": lambda text: [f"\\{byte:03o}" for byte in text.encode()],
    "base64": lambda text: list(base64.b64encode(text.encode()).decode()),
    "base64 after one byte": lambda text: list(base64.b64encode(b"x" + text.encode()).decode()),
    "base64 after two bytes": lambda text: list(base64.b64encode(b'"x' + text.encode()).decode()),
    "base64 for a URL": lambda text: list(base64.urlsafe_b64encode(b'sid="' + text.encode() + b'"').decode()),
    "fullwidth": lambda text: [chr(ord(char) + 0xFEE0) for char in text],
    "fullwidth, escaped for a URL": lambda text: [quote(chr(ord(char) + 0xFEE0)) for char in text],
    "with accents": lambda text: [f"{char}\N{COMBINING ACUTE ACCENT}" for char in text],
}
FILLERS = [
    "",
    " ",
    ", ",
    " : ",
    "|",
    "\n",
    "\N{ZERO WIDTH SPACE}",
    "__",
    " and ",
    " x ",
    "; then comes ",
    " the quick fox ",
]
tokens = st.builds(
    "{}!{}".format,
    st.text(string.ascii_letters + string.digits, min_size=15, max_size=15),
    st.text(string.ascii_letters + string.digits + "._", min_size=40, max_size=70),
)


def letters_of(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isalnum())


def parts_of(units: Sequence[str], length: int) -> list[str]:
    return ["".join(units[start : start + length]) for start in range(0, len(units), length)]


@pytest.mark.parametrize("vocabulary", [LOGIN, REST], ids=["login", "rest"])
@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_and_no_way_to_take_it_apart_helps(spelling: str, filler: str, vocabulary: Vocabulary) -> None:
    for length in (1, 2, 3, 7, 11):
        parts = parts_of(SPELLINGS[spelling](TOKEN), length)
        said = f"odd value: {filler.join(parts)} was refused"
        shown = redacted(said, 10_000, vocabulary=vocabulary, sent=(Secret(TOKEN),))
        rest = letters_of(shown.replace(REDACTED, " ").removeprefix("odd value: ").removesuffix("was refused"))
        if filler_letters := letters_of(filler):
            rest = rest.replace(filler_letters, "")
        assert len(rest) < 15, (length, shown)
        assert shown.startswith("odd value: ") or vocabulary is LOGIN


@pytest.mark.parametrize("vocabulary", [LOGIN, REST], ids=["login", "rest"])
@given(
    token=tokens,
    spelling=st.sampled_from(sorted(SPELLINGS)),
    filler=st.sampled_from(FILLERS),
    length=st.integers(1, 20),
)
@example(
    token="000000000000000!0000000000000000000000000000000100100000100002000X00000X000002000",
    spelling="C escapes",
    filler=" x ",
    length=6,
)
@example(
    token="000000000000000!JP_fPTxG3OgSlRYuRJuu0gseUGfFDltZjY66NykuBMGsvTE_E2kDuQzUok01M0Hs2k6Jpg",
    spelling="escaped for a URL",
    filler=" : ",
    length=4,
)
def test_no_row_of_letters_of_any_token_comes_through(
    vocabulary: Vocabulary, token: str, spelling: str, filler: str, length: int
) -> None:
    said = filler.join(parts_of(SPELLINGS[spelling](token), length))
    shown = redacted(said, 10_000, vocabulary=vocabulary, sent=(Secret(token),))
    written = letters_of("".join(SPELLINGS[spelling](token)))
    left = letters_of(shown.replace(REDACTED, " "))
    org = letters_of("".join(SPELLINGS[spelling](token[: len(ORG)])))  # no secret, and shown where it stands apart
    assert not [at for at in range(max(0, len(org) - 14), len(written) - 14) if written[at : at + 15] in left]


@pytest.mark.parametrize("length", range(2, 10))
def test_a_letter_that_is_written_again_between_two_parts_helps_nobody(length: int) -> None:
    said = "".join(f"{part} {part[-1]} " for part in parts_of(TOKEN, length))
    shown = redacted(said, 10_000, vocabulary=REST, sent=(Secret(TOKEN),))
    assert max(map(len, shown.replace(REDACTED, " ").split()), default=0) <= 1


KNOWN = frozenset(
    ["https", "acme", "my", "salesforce", "com", "login", "id", "api", "refresh", "token", "full", "bearer"]
)
ANSWER = (
    "https://acme.my.salesforce.com https://login.salesforce.com/id/00D5g000004aBcdEAA/0055g000009xYzWAAV {} Bearer"
)


@pytest.mark.parametrize("filler", [filler for filler in FILLERS if filler.isascii() and filler.isprintable()])
@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if not name.startswith(("full", "with accents"))])
def test_an_answer_that_repeats_a_secret_is_found_out(spelling: str, filler: str) -> None:
    for length in (1, 2, 3, 7, 11):
        said = filler.join(parts_of(SPELLINGS[spelling](TOKEN), length))
        for scope in (said, f"api {said}", f"{said} full", f"api{said}full"):
            assert repeats(ANSWER.format(scope), (Secret("unlike"), Secret(TOKEN)), known=KNOWN), scope


@given(token=tokens, start=st.integers(16, 60), length=st.integers(10, 20), spelling=st.sampled_from(sorted(SPELLINGS)))
def test_a_quick_look_overlooks_nothing(token: str, start: int, length: int, spelling: str) -> None:
    text = ANSWER.format("".join(SPELLINGS[spelling](token)[start : start + length]))
    assert repeats(text, (Secret(token),), known=KNOWN) or not any(places(text, (Secret(token),)))


@pytest.mark.parametrize("scope", ["api refresh_token", "web full", "api my_own_scope another", ""])
@given(token=tokens)
def test_an_answer_of_usual_words_repeats_nothing(scope: str, token: str) -> None:
    token = ORG + token[15:]
    assert not repeats(ANSWER.format(scope), (Secret(token), Secret(f"header.{token[16:]}.signature")), known=KNOWN)


@pytest.mark.parametrize(
    "words", ["You have logged in, and the query was sent to this host 3 times in 12 s.", "", "x y z"]
)
@given(token=tokens)
def test_other_words_stay(words: str, token: str) -> None:
    assert redacted(words, vocabulary=REST, sent=(Secret(token),)) == words


def test_a_record_of_the_same_org_is_shown_and_the_org_itself() -> None:
    said = f"/services/data/v67.0/sobjects/Organization/{ORG} Account 0015g000004xYz1AAE"
    assert redacted(said, vocabulary=REST, sent=(Secret(TOKEN),)) == said


def test_a_part_of_the_token_is_hidden_without_the_rest() -> None:
    assert redacted(f"sid {TOKEN[20:34]}", vocabulary=REST, sent=(Secret(TOKEN),)) == f"sid {REDACTED}"


def test_what_is_written_together_with_a_part_of_the_secret_goes_with_it() -> None:
    said = f"got sid={TOKEN[16:40]}.other_words-of-the-kind now"
    assert redacted(said, vocabulary=REST, sent=(Secret(TOKEN),)) == f"got {REDACTED} now"


def test_each_of_several_secrets_is_hidden() -> None:
    one, other = "opaque-and-unlike-any-other", "another-word-for-it"
    shown = redacted(f"neither {one} nor {other}", sent=(Secret(one), Secret(other)))
    assert shown == f"neither {REDACTED} nor {REDACTED}"


@pytest.mark.parametrize(
    ("secret", "shown"), [("pass", "the (redacted) word"), ("a", "the pass word"), ("", "the pass word")]
)
def test_a_short_secret_is_hidden_where_it_can_be_told_from_a_word(secret: str, shown: str) -> None:
    assert redacted("the pass word", sent=(Secret(secret),)) == shown


@given(st.text(), st.text(max_size=40))
def test_any_text_can_be_a_secret_and_any_text_be_searched(text: str, secret: str) -> None:
    redacted(text + secret + text, sent=(Secret(secret),))


@given(secret=st.text())
def test_a_secret_is_written_in_every_notation_of_its_bytes(secret: str) -> None:
    data = secret.encode(errors="surrogatepass")
    notations = ("02x", "d", "03d", "03o")
    assert Book.write(secret).in_bytes == tuple("".join(format(byte, each) for byte in data) for each in notations)


@given(secret=st.text())
def test_of_a_secret_only_letters_and_digits_are_written(secret: str) -> None:
    usual = string.ascii_letters + string.digits
    assert Book.write(secret).plain == "".join(char for char in secret if char in usual).lower()
