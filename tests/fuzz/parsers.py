"""Readers of the core: secrets, keys, rows, sealed copies, events, settings, dates."""

import base64
import json
import math
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import strategies as st

from fuzz.mutation import as_bytes, changed, json_texts, mutated, mutated_text, odd_texts, odd_values
from fuzz.target import Target, is_fit_to_show, is_plain_json, read
from sfmint import clock_skew
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.adapters.stores import item_text
from sfmint.adapters.stores.dynamodb import plain
from sfmint.adapters.stores.parameter_folder import Folder
from sfmint.errors import ConnectionForbidden, ConnectionNotFound, InvalidRequest
from sfmint.json_object import parse_object
from sfmint.request import parse_broker_event, parse_keeper_event
from sfmint.row.conditional_write import Item
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.answer_fields import MalformedAnswer
from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint.settings import InvalidSettings, Settings
from sfmint_values.proxy_login import login_of
from sfmint_values.secret import Secret

NOW = 1_764_316_800.0
TOKEN = "00D000000000001!AQ0AQFuzzedFuzzedFuzzed"


def _jwt(payload: str) -> str:
    """Return a token that is itself a JWT, without a true signature."""
    parts = ('{"alg":"RS256"}', payload, "signature")
    return ".".join(
        base64.urlsafe_b64encode(part.encode("utf-8", "surrogatepass")).decode().rstrip("=") for part in parts
    )


JWT = _jwt('{"exp": 1764317000}')
ANSWER = {
    "access_token": TOKEN,
    "instance_url": "https://acme.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
    "scope": "api web",
    "token_type": "Bearer",
    "issued_at": "1764316800000",
}
SECRET = {
    "consumer_key": "3MVG9.key",
    "username": "integration@acme.example",
    "private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
    "audience": "https://login.salesforce.com",
    "token_host": "https://acme.my.salesforce.com",
    "token_lifetime": 900,
    "certificate": "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n",
}
ROW: dict[str, Any] = {
    "fence": 7,
    "lease_owner": "a" * 32,
    "lease_until": NOW + 20,
    "sealed": b"\x01sealed",
    "fingerprint": "0123456789abcdef",
    "key_id": "fedcba9876543210",
    "token_fence": 7,
    "issued_at": NOW,
    "soft_expiry": NOW + 450,
    "hard_expiry": NOW + 855,
    "reject_count": 1,
    "failure_until": NOW + 60,
    "failure_keys": frozenset({"a|b"}),
    "tainted_keys": frozenset({"fedcba9876543210"}),
}
ENVIRONMENT = {
    "SFMINT_STACK": "acme",
    "SFMINT_CONNECTIONS": "orders,billing",
    "SFMINT_TABLE": "acme-Table-1",
    "SFMINT_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/1",
    "SFMINT_MEMORY_TRUST_SECONDS": "30",
    "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
    "SFMINT_TOKEN_HOSTS": "login.example:8443",
    "SFMINT_HTTPS_PROXY": "http://proxy.example:3128",
    "SFMINT_REFRESH_RATE": "rate(5 minutes)",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a secret key",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
}
SDK = ("AWS_ENDPOINT_URL_KMS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "SFMINT_URL_SUFFIX")
CONNECTIONS = frozenset({"orders", "billing"})
LISTED = frozenset({"login.example:8443"})

OF_ROTATION = ("signer", "other_signer", "admin_connection", "app", "other_app", "other_consumer_key")


def _json_object(text: str | bytes) -> None:
    fields = read(lambda: parse_object(text), ValueError)
    assert fields is None or isinstance(fields, dict)


def _connection(text: str) -> None:
    connection = read(lambda: parse_connection("orders", text, LISTED), CredentialFault)
    if connection is not None:
        assert len(connection.config_hash) == 16
        for shown in (connection.audience, connection.token_host, connection.consumer_key, connection.username):
            is_fit_to_show(shown, 10_000)
    rotation = read(lambda: parse_rotation("orders", text), CredentialFault)
    assert rotation is None or (rotation.other_app is None) == (rotation.other_consumer_key is None)


@cache
def _pems() -> tuple[str, ...]:
    """Return one key in each form that people paste, some encrypted."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, secret = serialization.Encoding.PEM, serialization.BestAvailableEncryption(b"passphrase")
    forms = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
    found = [key.private_bytes(pem, form, serialization.NoEncryption()).decode() for form in forms]
    found += [key.private_bytes(pem, form, secret).decode() for form in forms]
    found.append(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode())
    found += [
        found[0].replace("\n", "\\n"),
        base64.b64encode(found[0].encode()).decode(),
        " ".join(found[2].split("\n")),
    ]
    return tuple(found)


@dataclass(frozen=True)
class _Key:
    pem: str
    passphrase: str | None
    certificate: str | None


def _key(given: _Key) -> None:
    passphrase = None if given.passphrase is None else Secret(given.passphrase)
    key = read(lambda: load_signing_key(Secret(given.pem), passphrase, given.certificate), CredentialFault)
    assert key is None or key.signature(b"octets")


PEM_PIECES = (
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED\n",
    "DEK-Info: AES-256-CBC,79F6\n",
    "\r",
    "\\n",
)
DEK = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,79F66EC8609A3D1B935079F66EC8609A\n"


def _legacy(head: str) -> str:
    """Return an encrypted key of the old form, with other headers."""
    begin, _, body = _pems()[3].partition("\n\n")
    return f"{begin.partition('\n')[0]}\n{head}\n{body}"


_keys = st.builds(
    _Key,
    pem=st.deferred(lambda: mutated_text(*_pems(), pieces=PEM_PIECES))
    | mutated_text(DEK, pieces=PEM_PIECES).map(_legacy),
    passphrase=st.none() | st.just("passphrase") | odd_texts,
    certificate=st.none() | st.deferred(lambda: mutated_text(_pems()[4], pieces=PEM_PIECES)),
)


def _found_keys() -> list[_Key]:
    """Return keys whose header names a cipher and too short an initialisation vector."""
    ciphers = ("AES-256-CBC", "AES-128-CBC", "DES-EDE3-CBC")
    heads = [
        f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {cipher},79F66EC8609A3D1B9350"[: -most or None] + "\n"
        for cipher in ciphers
        for most in (0, 8)
    ]
    return [_Key(_legacy(head), "passphrase", None) for head in heads]


def _token(answer: dict[str, Any]) -> AccessToken | None:
    given: dict[str, Any] = {"asked_at": NOW, "lifetime_s": 900.0, "soft_share": 0.5, "listed": LISTED}
    return AccessToken.from_answer(answer, connection="orders", **given)


def _token_answer(answer: dict[str, Any]) -> None:
    token = read(lambda: _token(answer), MalformedAnswer)
    if token is not None:
        assert AccessToken.from_bytes(token.to_bytes()) == token
        is_plain_json(token.answer(now=NOW, min_ttl=60))
        assert token.hard_expiry <= NOW + 900
        assert not math.isnan(token.ends_at())


_jwts = json_texts({"exp": 1_764_317_000, "sub": "u"}).map(lambda payload: ANSWER | {"access_token": _jwt(payload)})
_token_answers = _jwts | changed(
    ANSWER, ANSWER | {"access_token": JWT}, also=("expires_in", "signature", "sfdc_community_url")
)


FOUND_ANSWERS = (
    ANSWER | {"scope": "api \ud800"},
    *(ANSWER | {"access_token": _jwt(f'{{"exp": {number}}}')} for number in ("NaN", "1e300", "-1e300", "1e999")),
    ANSWER | {"issued_at": "9" * 400},
)


def _stored() -> list[dict[str, Any]]:
    tokens = (_token(ANSWER), _token(ANSWER | {"access_token": JWT}))
    return [json.loads(zlib.decompress(token.to_bytes())) for token in tokens if token]


def _sealed_copy(data: bytes) -> None:
    token = read(lambda: AccessToken.from_bytes(data), ValueError)
    assert token is None or len(token.fingerprint) == 16


_copies = as_bytes(json_texts(*_stored())).map(zlib.compress) | mutated(zlib.compress(json.dumps(ANSWER).encode()))


def _row(item: Item) -> None:
    row = CacheRow.from_item(item)
    known = (row.is_leased(NOW), row.is_failing(NOW), row.stands_by("0123456789abcdef"), row.flaw(NOW), row.lifetime)
    is_fit_to_show(str(known[3]))


ATTRIBUTES: dict[str, Any] = {
    "S": "text",
    "N": "1764316800",
    "B": b"bytes",
    "SS": ["a", "b"],
    "M": {"a": {"S": "b"}},
    "L": [],
    "NULL": True,
}
_attributes = st.sampled_from(sorted(ATTRIBUTES)).flatmap(
    lambda kind: st.builds(
        lambda value: {kind: value}, st.just(ATTRIBUTES[kind]) | odd_values | mutated_text("1764316800")
    )
)


def _attribute(attribute: object) -> None:
    assert isinstance(plain(attribute), str | int | float | bytes | frozenset)


def _item_text(text: str) -> None:
    item = read(lambda: item_text.from_text(text))
    if item is not None:
        _row(item)


def _texts_of_items() -> st.SearchStrategy[str]:
    plain_row = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in ROW.items()}
    good = plain_row | {"sealed": {"base64": "AXNlYWxlZA=="}}
    packed = as_bytes(json_texts(good)).map(lambda data: base64.b64encode(zlib.compress(data)).decode())
    return packed | mutated_text(item_text.to_text(ROW))


def _folder(texts: dict[str, str]) -> None:
    folder = read(lambda: Folder.from_texts(texts, NOW))
    assert folder is not None
    used = (folder.current, folder.standing, folder.superseded, folder.next_date(1))
    assert used[3] is None or used[3] >= folder.today
    if folder.item is not None:
        _row(dict(folder.item))
        folder.reporting({**folder.item, "rejected": "0123456789abcdef"})


_names = st.sampled_from(
    [f"{int(NOW // 20) + ahead:010d}" for ahead in (-1, 0, 1, 9)] + ["rejected-0123456789abcdef", "9" * 10, "x"]
)
_folders = st.dictionaries(_names | odd_texts, _texts_of_items(), max_size=4)

BROKER_EVENT = {
    "action": "get_token",
    "connection": "orders",
    "min_ttl": 60,
    "rejected": "0123456789abcdef",
    "deadline_ms": 1000,
}
KEEPER_EVENTS = (
    {"action": "refresh", "connection": "orders"},
    {"action": "taint", "connection": "orders", "key_id": "0" * 16},
)


def _broker_event(event: object) -> None:
    read(lambda: parse_broker_event(event, "orders"), InvalidRequest, ConnectionForbidden)


def _keeper_event(event: object) -> None:
    read(lambda: parse_keeper_event(event, CONNECTIONS), InvalidRequest, ConnectionNotFound)


def _settings(environment: dict[str, str]) -> None:
    settings = read(lambda: Settings.from_environment(environment), InvalidSettings)
    if settings is not None:
        assert 0 <= settings.memory_trust_s <= 60
        assert settings.aws.url("kms").startswith(("https://", "http://"))


_environments = changed(ENVIRONMENT, also=SDK).map(
    lambda fields: {name: value if isinstance(value, str) else str(value) for name, value in fields.items()}
)


def _date(text: str) -> None:
    behind_s = read(lambda: clock_skew.behind_s(text, NOW))
    if behind_s is not None:
        assert math.isfinite(behind_s)
        is_fit_to_show(clock_skew.in_words(behind_s))


def _proxy_login(text: str) -> None:
    login = read(lambda: login_of(text), ValueError)
    if login is not None:
        scheme, _, pair = login.reveal().partition(" ")
        username, colon, password = base64.b64decode(pair, validate=True).decode().partition(":")
        assert (scheme, colon, username != "", password != "") == ("Basic", ":", True, True)


TARGETS = (
    Target("json objects", json_texts(SECRET, ANSWER) | as_bytes(json_texts(ANSWER)) | st.binary(), _json_object),
    Target("secrets", json_texts(SECRET, also=("private_key_passphrase", *OF_ROTATION)), _connection),
    Target("keys", _keys, _key, found=_found_keys),
    Target("token answers", _token_answers, _token_answer, found=lambda: FOUND_ANSWERS),
    Target("sealed copies", _copies | st.binary(), _sealed_copy),
    Target("rows", changed(ROW, also=("config_hash", "rejected")), _row),
    Target("attributes", _attributes | odd_values, _attribute),
    Target("items as text", _texts_of_items(), _item_text),
    Target("parameter folders", _folders, _folder),
    Target("broker events", changed(BROKER_EVENT, {}) | odd_values, _broker_event),
    Target("keeper events", changed(*KEEPER_EVENTS) | odd_values, _keeper_event),
    Target("settings", _environments, _settings),
    Target("logins of a proxy", json_texts({"username": "joe", "password": "p:w@d"}), _proxy_login),
    Target("dates", mutated_text("Sat, 28 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:00 -0000"), _date),
)
