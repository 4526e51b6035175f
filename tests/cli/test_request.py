"""`sfmint request`, to the embedded org with a token that it has given."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from cli.command_line import CommandLine, Ended, options
from cli.test_token import ANSWER
from lambda_service import DENIED, LambdaService, alias_arn
from org_fixture import Customer
from sfmint.salesforce.assertion import claims
from sfmint.salesforce.connection import Connection
from sfmint_local.org.values import Fault
from sfmint_values.secret import Secret, fingerprint_of

BASE = "/services/data/v67.0"

type Send = Callable[..., Ended]


@pytest.fixture
def token(customer: Customer) -> dict[str, Any]:
    """What the org answers to a login."""
    connection = Connection(
        name="my-org",
        consumer_key=customer.app.consumer_key,
        username=customer.username,
        audience=customer.control.url,
        token_host=customer.control.url,
        private_key=Secret(""),
    )
    assertion = jwt.encode(claims(connection, now=time.time(), jti="a"), customer.key_pair.pem, algorithm="RS256")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    url = f"{customer.control.url}/services/oauth2/token"
    answer: dict[str, Any] = requests.post(url, data=form, verify=customer.control.ca, timeout=10).json()
    return answer


@pytest.fixture
def send(
    sfmint: CommandLine,
    lambda_service: LambdaService,
    customer: Customer,
    token: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Send:
    """Send a request with the customer's token."""
    monkeypatch.setenv("SFMINT_STACK", "acme")
    lambda_service.parameters["/sfmint/acme/connections/my-org/broker"] = alias_arn()
    said = ANSWER | {"access_token": token["access_token"], "instance_url": token["instance_url"]}
    lambda_service.broker = lambda _arn, _event: said | {"fingerprint": fingerprint_of(token["access_token"])}
    sfmint.phrases.add(token["access_token"])
    org = {"allow_host": customer.control.url.removeprefix("https://"), "ca_bundle": customer.control.ca}

    def run(*words: object, piped: bytes = b"", **more: object) -> Ended:
        return sfmint("request", "my-org", *words, *options(org | more), piped=piped)

    return run


def test_an_answer_is_the_body_and_nothing_else(send: Send) -> None:
    ended = send("GET", f"{BASE}/limits")
    assert ended.code == 0
    assert "DailyApiRequests" in json.loads(ended.stdout)


def test_a_program_gets_status_and_headers_too(send: Send) -> None:
    said = send("get", f"{BASE}/limits", "--json").document
    assert said["status_code"] == 200
    assert "DailyApiRequests" in said["body"]


def test_a_query_is_encoded_and_all_its_pages_are_one_answer(send: Send) -> None:
    ended = send("GET", f"{BASE}/query", "--all-pages", query="q=SELECT Id FROM Account")
    assert ended.code == 0, ended.stderr
    assert json.loads(ended.stdout)["done"] is True


@pytest.mark.parametrize("how", ["text", "file", "stdin"])
def test_a_body_comes_from_a_text_a_file_or_stdin(send: Send, tmp_path: Path, how: str) -> None:
    body = '{"Name": "Acme"}'
    path = tmp_path / "body.json"
    path.write_text(body)
    data = {"text": body, "file": f"@{path}", "stdin": "-"}[how]
    ended = send("POST", f"{BASE}/sobjects/Account", data=data, piped=body.encode())
    assert ended.code == 0, ended.stderr
    assert json.loads(ended.stdout)["success"] is True


def test_a_file_is_for_its_owner_alone_and_there_only_if_all_went_well(send: Send, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    ended = send("GET", f"{BASE}/limits", output=path)
    assert (ended.code, ended.stdout, path.stat().st_mode & 0o777) == (0, "", 0o600)
    assert "DailyApiRequests" in json.loads(path.read_bytes())
    path.unlink()
    assert send("GET", f"{BASE}/sobjects/Nothing__c", output=path).code == 1
    assert list(tmp_path.iterdir()) == []
    assert "cannot be written" in send("GET", f"{BASE}/limits", output=tmp_path / "no" / "folder").cause


@pytest.mark.parametrize("kind", ["folder", "device", "pipe", "link to a device"])
def test_what_is_no_file_is_not_replaced_by_one_and_nothing_is_sent(
    send: Send, customer: Customer, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "there"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "link to a device":
            path.symlink_to("/dev/null")
        case _:
            path = Path("/dev/null")
    before, calls = path.lstat(), customer.control.counters()
    ended = send("POST", f"{BASE}/sobjects/Account", data='{"Name": "Acme"}', output=path)
    assert (ended.code, ended.cause) == (1, f"{path} is no file.")
    assert (path.lstat().st_ino, path.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert customer.control.counters() == calls


def test_a_link_gives_way_and_what_it_names_stays(send: Send, tmp_path: Path) -> None:
    kept, link = tmp_path / "kept", tmp_path / "link"
    kept.write_text("as it was")
    link.symlink_to(kept)
    assert send("GET", f"{BASE}/limits", output=link).code == 0
    assert (kept.read_text(), link.is_symlink()) == ("as it was", False)


def test_salesforces_refusal_is_told_in_words(send: Send) -> None:
    ended = send("GET", f"{BASE}/sobjects/Nothing__c", "--json")
    assert (ended.code, ended.document["error"]["name"]) == (1, "SalesforceNotFound")
    assert ended.document["error"]["remedy"]


def test_a_fault_of_a_moment_is_ridden_out_by_a_read(send: Send, customer: Customer) -> None:
    customer.control.add_fault(Fault(where="rest", kind="status", times=1, params={"code": 503}))
    assert send("GET", f"{BASE}/limits").code == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "https://evil.example/services/data"),
        ("GET", "//evil.example/services/data"),
        ("GET", "/services/data/../../x"),
        ("GET", "/services/data/v67.0/query?q=1"),
        ("GET", "/services/data/%2e%2e/x"),
    ],
)
def test_a_path_that_may_mean_another_place_is_not_sent(
    send: Send, lambda_service: LambdaService, method: str, path: str
) -> None:
    assert send(method, path, "--json").document["error"]["name"] in {"RequestNotAllowed", "InvalidRequest"}
    assert lambda_service.invocations == []


def test_a_token_is_not_sent_to_a_host_that_nobody_has_named(send: Send) -> None:
    ended = send("GET", f"{BASE}/limits", "--json", allow_host=None)
    error = ended.document["error"]
    assert error["name"] == "WrongHost"
    host = error["cause"].partition(" is at ")[2].partition(",")[0]
    assert (
        send("GET", f"{BASE}/limits", allow_host=error["remedy"].partition("--allow-host ")[2].removesuffix(".")).code
        == 0
    )
    assert host in error["remedy"]


@pytest.mark.parametrize(
    "more",
    [
        {"header": "Authorization: Bearer x"},
        {"header": "no colon"},
        {"query": "=x"},
        {"data": "@/no/such/file"},
        {"data": "{}"},
    ],
)
def test_what_no_request_may_have_is_refused(send: Send, more: dict[str, object]) -> None:
    ended = send("GET", f"{BASE}/limits", **more)
    assert ended.code in {1, 2}
    assert ended.remedy


def test_without_a_token_the_reason_is_the_brokers(send: Send, lambda_service: LambdaService) -> None:
    lambda_service.broker = lambda _arn, _event: DENIED
    ended = send("GET", f"{BASE}/limits")
    assert "IAM does not let this caller invoke" in ended.cause
