"""The token endpoint: what a login needs, and Salesforce's words when it is refused."""

import base64
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.conftest import MakeVisitor, certificate_of
from local.org_visitor import JWT_BEARER, Visitor
from sfmint_local.org.control_client import OrgControl, OrgControlError
from sfmint_local.org.identifiers import fingerprint
from sfmint_local.org.values import App, Fault


def now() -> int:
    return int(time.time())


def post(visitor: Visitor, form: dict[str, str]) -> requests.Response:
    return visitor.http.post(f"{visitor.control.url}/services/oauth2/token", data=form, timeout=10)


def by_fault(make: MakeVisitor, error: str, description: str) -> requests.Response:
    visitor = make()
    params = {"error": error, "description": description}
    visitor.control.add_fault(Fault(where="token", kind="oauth_error", params=params))
    return visitor.exchange()


def on_another_domain(make: MakeVisitor) -> requests.Response:
    visitor = make()
    address = visitor.control.url.replace("localhost", "127.0.0.1")
    form = {"grant_type": JWT_BEARER, "assertion": visitor.assertion()}
    return visitor.http.post(f"{address}/services/oauth2/token", data=form, timeout=10)


def past_the_login_rate(make: MakeVisitor) -> requests.Response:
    visitor = make()
    visitor.control.change_settings(login_limit_per_hour=1)
    assert visitor.exchange().ok
    return visitor.exchange()


def without_refresh_token_scope(make: MakeVisitor) -> requests.Response:
    return make(policy="AllSelfAuthorized", scopes=("api",)).exchange()


ERROR_TABLE: list[tuple[str, str, Callable[[MakeVisitor], requests.Response]]] = [
    (
        "invalid_grant",
        "user hasn't approved this consumer",
        lambda make: make(policy="AllSelfAuthorized", approved=False).exchange(),
    ),
    ("invalid_grant", "user hasn't approved this consumer", without_refresh_token_scope),
    (
        "invalid_grant",
        "user hasn't approved this consumer",
        lambda make: (v := make()).exchange(v.assertion(sub="nobody@example.com")),
    ),
    (
        "invalid_app_access",
        "user is not admin approved to access this app",
        lambda make: make(approved=False).exchange(),
    ),
    (
        "invalid_grant",
        "audience is invalid",
        lambda make: (v := make()).exchange(v.assertion(aud="https://login.salesforce.com")),
    ),
    (
        "invalid_grant",
        "audience is invalid",
        lambda make: make(audiences=("https://login.salesforce.com",)).exchange(),
    ),
    ("invalid_grant", "audience validation failed", lambda make: (v := make()).exchange(v.assertion(aud=None))),
    ("invalid_grant", "invalid assertion", lambda make: make().exchange("not.a.jwt")),
    ("invalid_grant", "expired authorization code", lambda make: (v := make()).exchange(v.assertion(exp=now() - 300))),
    (
        "invalid_grant",
        "ip restricted or invalid login hours",
        lambda make: make(user={"ip_restricted": True}).exchange(),
    ),
    ("invalid_grant", "inactive user", lambda make: make(user={"status": "inactive"}).exchange()),
    ("invalid_grant", "user is locked", lambda make: make(user={"status": "locked"}).exchange()),
    ("invalid_grant", "login rate exceeded", past_the_login_rate),
    ("invalid_grant", "request not supported on this domain", on_another_domain),
    (
        "invalid_client_id",
        "client identifier invalid",
        lambda make: (v := make()).exchange(v.assertion(iss="3MVG9unknown")),
    ),
    (
        "app_not_found",
        "External client app is not installed in this org",
        lambda make: make(installed=False).exchange(),
    ),
    (
        "unsupported_grant_type",
        "grant type not supported",
        lambda make: post(make(), {"grant_type": "password"}),
    ),
    (
        "invalid_request",
        "missing required parameter: assertion",
        lambda make: post(make(), {"grant_type": JWT_BEARER}),
    ),
    *(
        (error, description, lambda make, e=error, d=description: by_fault(make, e, d))
        for error, description in [
            ("rate_limit_exceeded", "login rate exceeded"),
            ("invalid_client", "client identifier invalid"),
            ("OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org"),
            ("OAUTH_APP_BLOCKED", "this app is blocked by admin"),
            ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"),
            ("inactive_user", "inactive user"),
            ("inactive_org", "inactive org"),
            ("unknown_error", "retry your request"),
            ("server_error", "unexpected error"),
            ("temporarily_unavailable", "the service is down"),
        ]
    ),
]


@pytest.mark.parametrize(("error", "description", "provoke"), ERROR_TABLE, ids=[f"{e}-{d}" for e, d, _ in ERROR_TABLE])
def test_every_row_of_the_error_table_can_be_had(
    make_visitor: MakeVisitor, error: str, description: str, provoke: Callable[[MakeVisitor], requests.Response]
) -> None:
    answer = provoke(make_visitor)

    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


def test_a_login_answers_what_salesforce_answers(visitor: Visitor) -> None:
    answer = visitor.exchange()

    body = answer.json()
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert re.fullmatch(r"00D\w{12,15}![.\w]*", body["access_token"])
    assert body["instance_url"] == visitor.control.url
    assert body["token_type"] == "Bearer"
    assert body["scope"] == "api refresh_token"
    assert re.fullmatch(r"\d{13}", body["issued_at"])
    assert abs(int(body["issued_at"]) / 1000 - now()) < 600
    assert set(body) == {"access_token", "instance_url", "id", "token_type", "scope", "issued_at", "signature"}


def test_a_jwt_based_token_has_three_segments_the_header_type_jwt_and_its_own_expiry(
    make_visitor: MakeVisitor,
) -> None:
    body = make_visitor(jwt_based_tokens=True, jwt_timeout_s=60).exchange().json()

    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert jwt.get_unverified_header(body["access_token"])["typ"] == "JWT"
    assert claims["exp"] - claims["iat"] == 60
    assert body["token_format"] == "jwt"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda v: jwt.encode(v.claims(), "", algorithm="none"), id="unsigned"),
        pytest.param(lambda v: jwt.encode(v.claims(), "x" * 64, algorithm="HS256"), id="another-algorithm"),
        pytest.param(lambda v: jwt.encode(v.claims(), v.key, algorithm="RS512"), id="another-hash"),
        pytest.param(
            lambda v: jwt.encode(v.claims(), rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
            id="another-key",
        ),
        pytest.param(
            lambda v: jwt.encode(v.claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
            id="elliptic-curve",
        ),
        pytest.param(lambda v: v.assertion()[:-10] + "AAAAAAAAAA", id="changed-signature"),
        pytest.param(lambda v: v.assertion(exp=None), id="no-expiry"),
        pytest.param(lambda v: v.assertion(exp=str(now() + 100)), id="expiry-as-text"),
        pytest.param(lambda _: "a.b", id="two-segments"),
        pytest.param(lambda _: "e30.W10.e30", id="claims-are-a-list"),
    ],
)
def test_an_assertion_that_the_registered_certificate_does_not_vouch_for_is_invalid(
    visitor: Visitor, forge: Callable[[Visitor], str]
) -> None:
    answer = visitor.exchange(forge(visitor))

    assert answer.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}
    assert visitor.control.counters().by_user[visitor.user.username].granted == 0


def test_a_public_key_used_as_a_shared_secret_opens_nothing(visitor: Visitor) -> None:
    def b64(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    hs256 = jwt.get_algorithm_by_name("HS256")
    claims = visitor.assertion().split(".")[1]
    signed = b64(b'{"alg":"HS256"}') + "." + claims
    pem = visitor.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signature = b64(hs256.sign(signed.encode(), pem))

    assert visitor.exchange(f"{signed}.{signature}").json()["error_description"] == "invalid assertion"


def test_an_assertion_is_good_for_three_minutes_after_its_expiry(visitor: Visitor) -> None:
    assert visitor.exchange(visitor.assertion(exp=now() - 60)).ok


def test_an_expiry_in_milliseconds_is_accepted_as_salesforce_accepts_it(visitor: Visitor) -> None:
    assert visitor.exchange(visitor.assertion(exp=(now() + 180) * 1000)).ok


def test_a_used_jti_is_refused_but_another_apps_is_not(make_visitor: MakeVisitor) -> None:
    one, other = make_visitor(), make_visitor()

    assert one.exchange(one.assertion(jti="once")).ok
    assert one.exchange(one.assertion(jti="once")).json()["error_description"] == "invalid assertion"
    assert other.exchange(other.assertion(jti="once")).ok


def test_the_audiences_of_an_app_can_be_others_than_its_own_origin(make_visitor: MakeVisitor) -> None:
    visitor = make_visitor(audiences=("https://test.salesforce.com",))

    assert visitor.exchange(visitor.assertion(aud="https://test.salesforce.com")).ok
    assert visitor.exchange(visitor.assertion(aud="https://test.salesforce.com/")).status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_login_must_be_a_post(visitor: Visitor, method: str) -> None:
    answer = visitor.http.request(method, f"{visitor.control.url}/services/oauth2/token", timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_login_must_be_a_form(visitor: Visitor) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": visitor.assertion()}
    answer = visitor.http.post(f"{visitor.control.url}/services/oauth2/token", json=form, timeout=10)

    assert answer.json()["error"] == "invalid_request"


def test_a_new_certificate_takes_the_old_keys_place_and_live_sessions_stay(visitor: Visitor) -> None:
    token = visitor.log_in()
    new_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    visitor.control.set_certificate(visitor.app.consumer_key, certificate_of(new_key))

    assert visitor.exchange().json()["error_description"] == "invalid assertion"
    assert replace(visitor, key=new_key).exchange().ok
    assert visitor.probe(token) == 200


def test_an_app_without_a_certificate_knows_no_logins(visitor: Visitor) -> None:
    visitor.control.remove_certificate(visitor.app.consumer_key)

    assert visitor.exchange().json()["error_description"] == "invalid assertion"


def test_an_approval_can_be_taken_back(visitor: Visitor) -> None:
    visitor.control.unapprove(visitor.app.consumer_key, visitor.user.username)

    assert visitor.exchange().json()["error"] == "invalid_app_access"


@pytest.mark.parametrize(
    ("pem", "cause"),
    [
        (certificate_of(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "1024 bits"),  # noqa: S505 - that is the point
        (certificate_of(ec.generate_private_key(ec.SECP256R1())), "not RSA"),
        ("-----BEGIN NOTHING-----", "no X.509 certificate"),
        ("x" * 5000, "4 KB"),
    ],
    ids=["small", "elliptic-curve", "no-certificate", "large"],
)
def test_a_certificate_that_salesforce_would_not_take_is_refused_at_upload(
    visitor: Visitor, pem: str, cause: str
) -> None:
    with pytest.raises(OrgControlError, match=cause):
        visitor.control.set_certificate(visitor.app.consumer_key, pem)
    assert visitor.exchange().ok


def test_an_app_needs_a_scope_besides_refresh_token() -> None:
    with pytest.raises(ValueError, match="scope"):
        App(scopes=("refresh_token",))


def test_attempts_count_whether_granted_or_refused_and_so_does_the_rate(visitor: Visitor) -> None:
    visitor.control.change_settings(login_limit_per_hour=2)
    before = visitor.control.counters()

    assert visitor.exchange().ok
    assert visitor.exchange(visitor.assertion(aud="https://wrong.example.com")).status_code == 400
    assert visitor.exchange().json()["error_description"] == "login rate exceeded"

    after = visitor.control.counters()
    mine = after.by_user[visitor.user.username]
    assert (mine.attempted, mine.granted) == (3, 1)
    assert after.logins_attempted - before.logins_attempted == 3
    assert after.logins_granted - before.logins_granted == 1
    assert after.token_requests - before.token_requests == 3


def test_the_login_rate_is_forgotten_after_an_hour(visitor: Visitor) -> None:
    visitor.control.change_settings(login_limit_per_hour=1)
    assert visitor.exchange().ok
    visitor.control.change_settings(clock_offset_s=3601)

    assert visitor.exchange(visitor.assertion(exp=now() + 3900)).ok


def test_a_hundred_clients_log_in_at_once(visitor: Visitor) -> None:
    def log_in(_: int) -> str:
        with requests.Session() as http:
            http.trust_env = False
            http.verify = visitor.control.ca
            return replace(visitor, http=http).log_in()

    with ThreadPoolExecutor(100) as clients:
        tokens = set(clients.map(log_in, range(100)))

    assert len(tokens) == 100
    assert visitor.control.counters().by_user[visitor.user.username].granted == 100


def test_the_log_has_a_line_a_request_and_neither_assertion_nor_token(visitor: Visitor, org_log: list[str]) -> None:
    assertion = visitor.assertion()
    token = visitor.exchange(assertion).json()["access_token"]
    visitor.call("/services/data/v67.0/limits?access_token=" + token, token)
    visitor.call(f"/services/data/v67.0/query/{token}", token)
    visitor.call("/services/oauth2/revoke", token, "POST", data={"token": token})

    text = "\n".join(org_log)
    assert fingerprint(token) in text
    for secret in (token, assertion, assertion.split(".")[2], visitor.control._http.headers["X-Org-Control"]):
        assert str(secret) not in text


def test_the_clocks_offset_moves_expiry_and_the_date_header(org: OrgControl, visitor: Visitor) -> None:
    org.change_settings(clock_offset_s=86400.0)

    answer = visitor.exchange()

    assert answer.json()["error_description"] == "expired authorization code"
    told = time.mktime(time.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT"))
    assert told - time.mktime(time.gmtime()) > 80000
