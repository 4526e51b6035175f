"""`sfmint login`, against the embedded org."""

import json
import re
import shlex
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from adapters.peers import AskingProxy, authority, canned, listening, proxy
from cli.command_line import CommandLine, Ended, options
from cli.conftest import WriteFile
from org_fixture import Customer, MakeCustomer
from sfmint.errors import CacheUnavailable
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.options import KeyPaths
from sfmint_cli.vocabulary import OF_OPTIONS, of_files
from sfmint_local.org.values import Fault

if TYPE_CHECKING:
    from conftest import KeyPair

type Login = Callable[..., Ended]


@pytest.fixture
def login(sfmint: CommandLine, key_file: Path, customer: Customer) -> Login:
    """Run `login` as the customer, save for what the test changes."""

    def run(*flags: str, **changes: Any) -> Ended:
        given = {
            "key": key_file,
            "consumer_key": customer.app.consumer_key,
            "username": customer.username,
            "token_host": customer.control.url,
            "ca_bundle": customer.control.ca,
        }
        return sfmint("login", *options(given | changes), *flags)

    return run


def test_a_login_is_explained_from_the_assertion_to_the_answer(login: Login, customer: Customer) -> None:
    ended = login()
    assert ended.code == 0
    for words in (
        customer.username,
        customer.app.consumer_key,
        "RS256",
        "2 minutes",
        "org id",
        "fingerprint",
        "opaque",
    ):
        assert words in ended.stdout
    assert customer.logins == 1


def test_a_program_reads_the_same_from_one_document(login: Login, customer: Customer) -> None:
    document = login("--json").document
    claims = document["assertion"]["claims"]
    assert (claims["iss"], claims["sub"]) == (customer.app.consumer_key, customer.username)
    assert claims["aud"] == customer.control.url
    assert document["assertion"]["header"] == {"alg": "RS256", "typ": "JWT"}
    assert document["answer"]["instance_url"] == customer.control.url
    assert document["answer"]["scope"] == ["api", "refresh_token"]
    assert "access_token" not in document["answer"]


def test_the_token_is_shown_only_on_demand(login: Login) -> None:
    assert "!" not in login().stdout
    assert login("--show", "--json").document["answer"]["access_token"].startswith("00D")


def test_the_explained_header_is_the_one_that_is_sent(
    sfmint: CommandLine, key_file: Path, tmp_path: Path, key_pair: "KeyPair"
) -> None:
    context, ca = authority(tmp_path)
    heard: list[bytes] = []
    with listening(canned(context, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", heard)) as port:
        identity = {"consumer_key": "k", "username": "u", "token_host": f"https://localhost:{port}", "ca_bundle": ca}
        ended = sfmint("login", *options({"key": key_file, **identity}), "--json")
    sent = heard[0].rpartition(b"assertion=")[2].decode()
    explained = ended.document["assertion"]
    assert jwt.get_unverified_header(sent) == explained["header"]
    public = key_pair.key.public_key()
    assert jwt.decode(sent, public, algorithms=["RS256"], audience=identity["token_host"]) == explained["claims"]
    assert sent.rpartition(".")[2] not in ended.stdout


@pytest.mark.parametrize("option", ["token_host", "audience"])
def test_an_address_of_the_browser_is_told_with_the_login(login: Login, option: str) -> None:
    ended = login(**{option: "https://acme--sbx.sandbox.lightning.force.com"})
    assert ended.code == 2
    name = option.replace("_", "-")
    assert f"--{name} is an address of the browser; the login is at https://acme--sbx.sandbox.my" in ended.stderr


def test_a_token_of_another_org_than_is_expected_is_refused(login: Login, customer: Customer) -> None:
    ended = login(org_id="00Dxx0000000002")
    assert (ended.code, customer.logins) == (1, 1)
    assert "of another org than --org-id names" in ended.cause
    assert "expected is 00Dxx0000000002" in ended.cause


def test_a_token_that_is_a_jwt_says_when_it_ends(
    make_customer: MakeCustomer, sfmint: CommandLine, key_file: Path
) -> None:
    customer = make_customer(jwt_based_tokens=True)
    identity = {"consumer_key": customer.app.consumer_key, "username": customer.username}
    where = {"token_host": customer.control.url, "ca_bundle": customer.control.ca}
    ended = sfmint("login", *options({"key": key_file, **identity, **where}))
    assert "a JWT, valid until 20" in ended.stdout


def test_a_host_that_is_not_salesforces_is_asked_with_a_warning(login: Login) -> None:
    assert "warning: localhost:" in login().stderr


def test_a_refusal_names_cause_remedy_and_what_to_look_at_first(login: Login) -> None:
    ended = login("--json", username="nobody@acme.example")
    told = REASONS["user_not_approved"].told(OF_OPTIONS)
    assert ended.code == 1
    assert ended.document["error"]["name"] == "AssertionRejected"
    assert ended.document["error"]["cause"] == told.cause
    assert ended.document["error"]["remedy"] == told.remedy
    assert ended.document["refusal"]["reason"] == "user_not_approved"
    assert ended.document["refusal"]["look_first"] == told.steps[0]
    assert ended.document["assertion"]["claims"]["sub"] == "nobody@acme.example"


# A login from a terminal has no cache and no budget.
MET = [reason for reason in REASONS.values() if reason.error is not CacheUnavailable and reason.code != "login_budget"]


@pytest.mark.parametrize("reason", MET, ids=lambda reason: reason.code)
def test_a_reason_is_told_in_options_and_not_in_fields_of_a_secret(reason: Reason) -> None:
    told = reason.told(of_files(KeyPaths(key=Path("my.key"))))
    text = " ".join([told.cause, *told.steps]).replace("refresh_token", "")
    assert not re.search(r"secret|Lambda|functions|NAT|HttpsProxy|SSL_CERT_FILE|[a-z]_[a-z]", text)
    assert not re.search(r"(?<!--)\b(username|audience(?!\.))\b", text)


def test_where_tls_is_refused_the_authority_of_a_proxy_comes_first(login: Login) -> None:
    ended = login(ca_bundle=None)
    assert ended.remedy == (
        "Behind a proxy that opens TLS, give its certificate authority with --ca-bundle; then check --token-host,"
        " and this machine's clock."
    )


def test_a_dead_proxy_is_named_without_its_password(
    login: Login, sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sfmint.phrases.add("hunter2")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://joe:hunter2@127.0.0.1:9")
    assert login().remedy == "Check --token-host, and the proxy 127.0.0.1:9, which the environment names (HTTPS_PROXY)."


def test_what_to_run_next_stores_what_has_logged_in(login: Login, customer: Customer, key_file: Path) -> None:
    said = login("--host", "api.salesforce.com", "--stack", "second").stderr
    words = shlex.split(said.partition("next: store it for the stack: ")[2])
    assert words[:6] == ["sfmint", "--stack", "second", "connection", "add", "NAME"]
    given = ["--username", customer.username, "--token-host", customer.control.url, "--host", "api.salesforce.com"]
    assert words[6:10] == ["--key", str(key_file), "--certificate", "FILE"]
    assert words[-6:] == given


def test_another_key_than_the_apps_is_told(
    login: Login, sfmint: CommandLine, write_file: WriteFile, other_key_pair: "KeyPair", tmp_path: Path
) -> None:
    sfmint.keys.add(other_key_pair.pem)
    ended = login(key=write_file("other.key", other_key_pair.pem))
    assert ended.cause == REASONS["wrong_key"].cause
    assert ended.remedy.startswith(f"Upload the certificate of {tmp_path / 'other.key'} to the app, ")
    assert "wrong_key" in ended.stdout


def test_a_clock_that_is_off_is_told_with_its_error(login: Login, customer: Customer) -> None:
    customer.control.change_settings(clock_offset_s=900)
    ended = login()
    assert ended.cause == (
        "Salesforce says that the assertion has expired: this machine's clock is 15 minutes behind Salesforce's."
    )


def test_a_wrong_audience_is_told(login: Login) -> None:
    ended = login(audience="https://login.salesforce.com")
    assert ended.cause == REASONS["wrong_audience"].cause


def test_what_salesforce_said_is_quoted_without_secrets(login: Login, customer: Customer) -> None:
    description = "no session 00D000000000001AAA!canary.canary for you"
    params = {"error": "strange_error", "description": description}
    customer.control.add_fault(Fault(where="token", kind="oauth_error", params=params))
    said = login("--json").document["refusal"]["salesforce_said"]
    assert said == "strange_error: no session (redacted) for you"


def test_a_token_that_is_over_when_it_arrives_is_a_failure(
    make_customer: MakeCustomer, sfmint: CommandLine, key_file: Path
) -> None:
    customer = make_customer(jwt_based_tokens=True, jwt_timeout_s=20)
    identity = {"consumer_key": customer.app.consumer_key, "username": customer.username}
    where = {"token_host": customer.control.url, "ca_bundle": customer.control.ca}
    ended = sfmint("login", *options({"key": key_file, **identity, **where}))
    assert ended.cause == REASONS["dead_on_arrival"].cause


def test_a_host_that_is_not_there_is_told(login: Login) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ended = login(token_host=f"https://localhost:{port}")
    assert ended.cause == "The token host cannot be reached: nothing answers at its address."


def test_an_authority_that_is_not_trusted_is_told(login: Login) -> None:
    ended = login(ca_bundle=None)
    assert "its certificate or its TLS is not accepted" in ended.cause


def test_the_authorities_may_come_from_the_environment(
    login: Login, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", customer.control.ca)
    assert login(ca_bundle=None).code == 0


@pytest.mark.parametrize(("text", "words"), [(None, "There is no file"), ("hello", "holds no certificates")])
def test_a_bundle_that_cannot_be_used_is_told_before_anything_is_sent(
    login: Login, customer: Customer, tmp_path: Path, text: str | None, words: str
) -> None:
    bundle = tmp_path / "bundle.pem"
    if text is not None:
        bundle.write_text(text)
    assert words in login(ca_bundle=bundle).cause
    assert customer.logins == 0


def test_the_proxy_of_the_environment_is_used_and_named_without_its_password(
    login: Login, customer: Customer, sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sfmint.phrases.add("hunter2")
    connects: list[str] = []
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening(proxy(connects)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://joe:hunter2@127.0.0.1:{port}")
        ended = login("--json")
    assert ended.code == 0
    assert connects == [customer.control.url.removeprefix("https://")]
    assert ended.document["assertion"]["through_proxy"] == f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("given", "let_in"), [("zo%C3%AB:p%40ss%3Aw%C3%B6rd", True), ("zo%C3%AB:hunter2", False), ("", False)]
)
def test_a_proxy_that_asks_for_a_password_is_told_the_one_of_its_url(
    login: Login, customer: Customer, sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch, given: str, *, let_in: bool
) -> None:
    sfmint.phrases.add("hunter2")
    asking = AskingProxy("zo\xeb", "p@ss:w\xf6rd")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening(asking.serve) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{given}@127.0.0.1:{port}".replace("//@", "//"))
        ended = login()
    assert (ended.code == 0, customer.logins) == (let_in, int(let_in))
    assert len(asking.told) == 1
    if not let_in:
        assert "HTTP 407" in ended.cause
        assert "HTTPS_PROXY (http://user:password@host:port)" in ended.stdout + ended.stderr


def test_no_proxy_is_honoured(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost")
    ended = login("--json")
    assert ended.code == 0
    assert ended.document["assertion"]["through_proxy"] is None


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:9", "https://127.0.0.1:9"])
def test_a_proxy_that_sfmint_does_not_speak_to_is_told(login: Login, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", url)
    assert "plain HTTP" in login().cause


@pytest.mark.parametrize("host", ["http://acme.my.salesforce.com", "acme", "https://10.0.0.1", "https://a@b.example"])
def test_what_is_no_origin_is_refused_before_anything_is_sent(login: Login, host: str) -> None:
    assert login(token_host=host).code == 2


def test_a_user_name_that_cannot_be_one_is_said_of_the_option(login: Login, customer: Customer) -> None:
    ended = login(username="a\nb")
    assert (ended.code, ended.cause) == (1, "--username has characters that cannot be printed.")
    assert customer.logins == 0


def test_an_answer_that_is_no_token_is_told(sfmint: CommandLine, key_file: Path, tmp_path: Path) -> None:
    context, ca = authority(tmp_path)
    body = json.dumps({"access_token": "t", "instance_url": "https://evil.example"}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with listening(canned(context, head.encode() + body, [])) as port:
        where = {"token_host": f"https://localhost:{port}", "ca_bundle": ca}
        ended = sfmint("login", *options({"key": key_file, "consumer_key": "k", "username": "u", **where}))
    assert "its instance_url is not a host of Salesforce" in ended.cause


def test_a_certificate_given_as_the_key_is_named(login: Login, certificate_file: Path) -> None:
    assert "holds a certificate, not a private key" in login(key=certificate_file).cause


def test_it_says_what_to_do_next(login: Login) -> None:
    assert "next: store it for the stack: sfmint connection add NAME" in login().stderr
