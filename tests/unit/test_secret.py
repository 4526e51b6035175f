import ast
import copy
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_testing.fakes import a_connection
from sfmint_values.secret import Secret

ROOT = Path(__file__).parents[2]
MAY_REVEAL = {
    "functions/key_rotation/key_rotation/adapters/secrets.py",  # a version of the secret is written
    "functions/key_rotation/key_rotation/use_case/credentials.py",  # what a version says is read, and the next one put together
    "layers/core/sfmint/adapters/aws/signature.py",  # the credentials of the role
    "layers/core/sfmint/salesforce/access_token.py",  # the answer, and what is sealed
    "layers/core/sfmint/adapters/signers/signing_key.py",  # the key is parsed
    "layers/core/sfmint/adapters/http_pool.py",  # a proxy is told who asks
    "layers/core/sfmint/adapters/token_endpoint.py",  # the assertion is posted
    "layers/client/sfmint_client/rest/session.py",  # a proxy is told who asks
    "layers/client/sfmint_client/rest/exchange.py",  # its fingerprint
    "layers/setup/sfmint_setup/wire.py",  # an administrator's session goes into a header, or into an envelope
    "layers/values/sfmint_values/repeated_secret.py",  # it is looked for in a long answer
    "layers/values/sfmint_values/sent_secrets.py",  # it is looked for in what came back
    "layers/client/sfmint_client/access_token.py",  # the token goes into the Authorization header
}


@dataclass(frozen=True, slots=True)
class Holder:
    secret: Secret


def formatted_with_a_width(secret: Secret) -> str:
    try:
        return f"{secret:>99}"
    except TypeError as error:
        return str(error)


def traced(secret: Secret) -> str:
    try:
        int(secret)  # type: ignore[call-overload]
    except TypeError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(trace.format())
    raise AssertionError("a secret became a number")


WAYS_OUT: dict[str, Callable[[Secret], object]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "f-string": lambda secret: f"{secret} {secret!r} {secret!s} {secret!a}",
    "width": formatted_with_a_width,
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - one of the ways
    "pprint": pprint.pformat,
    "inside a container": lambda secret: str([secret, {secret: secret}]),
    "inside a dataclass": lambda secret: repr(Holder(secret)),
    "asdict": lambda secret: asdict(Holder(secret)),
    "replace": lambda secret: replace(Holder(secret)),
    "asdict of a connection": lambda secret: asdict(a_connection(private_key=secret, passphrase=secret)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "exception": lambda secret: str(ValueError(secret)),
    "traceback with locals": traced,
    "json with a default": lambda secret: json.dumps({"secret": secret}, default=str),
    "log": lambda secret: logging.LogRecord("n", 10, "p", 1, "%s", (secret,), None).getMessage(),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_of_showing_a_secret_shows_it(way: str) -> None:
    assert "Canary" not in str(WAYS_OUT[way](Secret("Canary")))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="does not leave the process"):
        pickle.dumps(Holder(Secret("Canary")), protocol)


def test_json_refuses_a_secret() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"token": Secret("Canary")})
    assert "Canary" not in str(caught.value)


def test_a_secret_has_no_attributes_to_list() -> None:
    with pytest.raises(TypeError):
        vars(Secret("Canary"))


@given(text=st.text())
def test_the_text_comes_out_by_reveal_alone(text: str) -> None:
    assert Secret(text).reveal() == text
    assert repr(Secret(text)) == "Secret(...)"


def test_secrets_are_equal_by_their_text_and_never_equal_to_it() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_only_the_listed_modules_reveal() -> None:
    sources = [*(ROOT / "layers").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    revealing = {
        str(source.relative_to(ROOT))
        for source in sources
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"reveal", "_text"}
    }
    assert revealing == MAY_REVEAL | {"layers/values/sfmint_values/secret.py"}
