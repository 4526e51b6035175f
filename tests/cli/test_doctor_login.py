"""`sfmint doctor` on the way to Salesforce: names, TLS, proxies, clocks, host and audience, app, scopes and limits."""

import json
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.peers import AskingProxy, authority, canned, listening, proxy, silent
from cli.patient import Patient, with_salesforce
from org_fixture import Customer, MakeCustomer
from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.doctor.login_checks import _others
from sfmint_cli.doctor.rest_checks import api_limit
from sfmint_cli.doctor.words import FROM_HERE, first_step
from sfmint_cli.tool_logins import MOST
from sfmint_local.org.values import User

__all__ = ["with_salesforce"]

MY_DOMAIN, SANDBOX = "https://acme.my.salesforce.com", "https://acme--sbx.sandbox.my.salesforce.com"
LOGIN, TEST = "https://login.salesforce.com", "https://test.salesforce.com"


def use(patient: Patient, customer: Customer) -> None:
    """Have the connection be another customer's."""
    patient.customer = customer
    patient.store()


def elsewhere(patient: Patient, token_host: str) -> None:
    """Have the connection ask at another host, which the stack lists."""
    listed = token_host.removeprefix("https://")
    patient.account.cloud_formation.stacks["acme"][0]["TokenHosts"] += f",{listed}"
    patient.store(token_host=token_host)


# ---------------------------------------------------------------------------------------- the classic mistakes
def test_a_user_name_that_the_org_does_not_know(with_salesforce: Patient) -> None:
    with_salesforce.store(username="nobody@acme.example")
    check = with_salesforce.examined()["login"]
    assert check["remedy"].startswith("Pre-authorise the user: ")


def test_a_user_who_is_not_pre_authorised(with_salesforce: Patient, make_customer: MakeCustomer) -> None:
    use(with_salesforce, make_customer(approved=False))
    check = with_salesforce.examined()["login"]
    assert check["remedy"] == (
        "Assign the permission set or profile that carries the app to the user that username in the secret names."
    )


def test_a_consumer_key_of_another_app(with_salesforce: Patient) -> None:
    with_salesforce.store(consumer_key="3MVG9.another")
    assert with_salesforce.examined()["login"]["remedy"] == "Compare consumer_key in the secret with the app's."


def test_an_app_of_another_org(with_salesforce: Patient, make_customer: MakeCustomer) -> None:
    use(with_salesforce, make_customer(installed=False))
    check = with_salesforce.examined()["login"]
    assert check["remedy"] == "Set token_host and audience in the secret to the My Domain of the app's org."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "inactive"}, "inactive_user"),
        ({"status": "locked"}, "inactive_user"),
        ({"ip_restricted": True}, "ip_restricted"),
    ],
)
def test_a_user_who_may_not_log_in(with_salesforce: Patient, change: dict[str, Any], reason: str) -> None:
    with_salesforce.customer.control.put_user(User(username=with_salesforce.customer.username, **change))
    check = with_salesforce.examined()["login"]
    assert check["cause"] == REASONS[reason].told(FROM_HERE).cause
    assert check["remedy"] == first_step(REASONS[reason], FROM_HERE)


def test_an_org_that_is_not_the_one_that_is_meant(with_salesforce: Patient) -> None:
    with_salesforce.store(org_id="00Dxx0000000002")
    check = with_salesforce.examined()["login"]
    assert "of another org than org_id names" in check["cause"]
    assert check["remedy"].startswith("Check that token_host is the org that is meant")


@pytest.mark.parametrize("offset_s", [-900, -60, 60, 900])
def test_a_clock_that_is_off_is_told_before_anything_else_of_the_login(with_salesforce: Patient, offset_s: int) -> None:
    with_salesforce.customer.control.change_settings(clock_offset_s=offset_s)
    examined = with_salesforce.examined()
    assert examined["clock"]["outcome"] == "fault"
    assert ("behind" if offset_s > 0 else "ahead of") in examined["clock"]["cause"]
    assert examined["clock"]["remedy"] == "Set this machine's clock, for instance by NTP."
    assert examined["aws_clock"]["outcome"] == "ok"


# ------------------------------------------------------------------------------------------- host and audience
def test_an_audience_of_the_other_kind_of_app_is_found_by_one_more_login(with_salesforce: Patient) -> None:
    with_salesforce.store(audience=LOGIN)
    examined = with_salesforce.examined()
    url = with_salesforce.customer.control.url
    assert examined["place"]["cause"] == f"The same user and key log in with token_host {url} and audience {url}."
    assert f"--token-host {url} --audience {url}" in examined["place"]["remedy"]
    assert with_salesforce.customer.logins == 2


def test_an_app_that_wants_the_login_host_as_audience_is_found_too(
    with_salesforce: Patient, make_customer: MakeCustomer
) -> None:
    use(with_salesforce, make_customer(audiences=(LOGIN,)))
    assert f"audience {LOGIN}." in with_salesforce.examined()["place"]["cause"]


def test_other_pairs_are_not_tried_where_they_explain_nothing(
    with_salesforce: Patient, make_customer: MakeCustomer
) -> None:
    use(with_salesforce, make_customer(approved=False))
    examined = with_salesforce.examined()
    assert examined["place"]["outcome"] == "not checked"
    assert with_salesforce.customer.logins == 1


def test_pairs_that_fail_too_are_told_as_no_cause(with_salesforce: Patient) -> None:
    with_salesforce.store(consumer_key="3MVG9.another")
    assert with_salesforce.examined()["place"]["cause"].startswith("They are not the cause: 1 other pair of ")


@pytest.mark.parametrize(
    ("token_host", "audience", "others"),
    [
        (MY_DOMAIN, MY_DOMAIN, [(MY_DOMAIN, LOGIN), (LOGIN, LOGIN)]),
        (MY_DOMAIN, TEST, [(MY_DOMAIN, MY_DOMAIN), (MY_DOMAIN, LOGIN), (LOGIN, LOGIN)]),
        (SANDBOX, SANDBOX, [(SANDBOX, TEST), (TEST, TEST)]),
        (SANDBOX, LOGIN, [(SANDBOX, SANDBOX), (SANDBOX, TEST), (TEST, TEST)]),
        (LOGIN, LOGIN, [(TEST, TEST)]),
        (TEST, TEST, [(LOGIN, LOGIN)]),
        (LOGIN, MY_DOMAIN, [(LOGIN, LOGIN), (TEST, TEST)]),
        ("https://acme.my.site.com/portal", "https://acme.my.site.com/portal", []),
        ("https://localhost:1", LOGIN, [("https://localhost:1", "https://localhost:1")]),
    ],
)
def test_the_pairs_that_are_tried_are_few_and_fit_the_kind_of_org(
    customer: Customer, token_host: str, audience: str, others: list[tuple[str, str]]
) -> None:
    text = json.dumps(customer.secret(token_host=token_host, audience=audience))
    connection = parse_connection("my-org", text, frozenset({"localhost:1"}))
    assert [(other.token_host, other.audience) for other in _others(connection)] == others


def test_its_logins_count_with_those_of_other_commands(with_salesforce: Patient) -> None:
    tried = [
        with_salesforce.run("doctor", "my-org", "--ca-bundle", with_salesforce.customer.control.ca)
        for _ in range(MOST + 1)
    ]
    assert [ended.code for ended in tried] == [0] * MOST + [1]
    assert "sfmint has logged in 10 times" in tried[-1].cause
    assert tried[-1].remedy.startswith("Wait ")
    assert with_salesforce.customer.logins == MOST


# ------------------------------------------------------------------------------------------------- the network
def test_a_name_that_does_not_resolve(with_salesforce: Patient) -> None:
    elsewhere(with_salesforce, "https://no-such-org.invalid")
    examined = with_salesforce.examined()
    assert examined["dns"]["cause"] == "The token host cannot be reached: its name does not resolve."
    assert examined["dns"]["remedy"].startswith("Check token_host in the secret")
    assert {"tls", "clock", "login", "scopes"} <= set(examined.not_checked)


def test_a_port_at_which_nothing_listens(with_salesforce: Patient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    elsewhere(with_salesforce, f"https://localhost:{port}")
    assert "nothing answers at its address" in with_salesforce.examined()["tls"]["cause"]


def test_an_authority_that_is_not_trusted(with_salesforce: Patient, tmp_path: Path) -> None:
    _, ca = authority(tmp_path)
    check = json.loads(with_salesforce.run("doctor", "my-org", "--ca-bundle", ca, "--json").stdout)["checks"]
    told = next(each for each in check if each["check"] == "tls")
    assert "its certificate or its TLS is not accepted" in told["cause"]
    assert told["remedy"] == "Behind a proxy that opens TLS, give its certificate authority with --ca-bundle."


def test_a_certificate_of_another_name(with_salesforce: Patient, tmp_path: Path) -> None:
    context, ca = authority(tmp_path, "elsewhere.example")
    with listening(canned(context, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", [])) as port:
        elsewhere(with_salesforce, f"https://localhost:{port}")
        ended = with_salesforce.run("doctor", "my-org", "--ca-bundle", ca, "--json")
    told = next(each for each in ended.document["checks"] if each["check"] == "tls")
    assert "its certificate or its TLS is not accepted" in told["cause"]


def test_a_proxy_is_named_and_used(with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    connects: list[str] = []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with listening(proxy(connects)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        examined = with_salesforce.examined()
    assert examined.wrong == []
    assert examined["dns"]["cause"] == f"The proxy 127.0.0.1:{port} looks it up."
    assert set(connects) == {with_salesforce.customer.control.url.removeprefix("https://")}


def test_a_proxy_that_asks_for_a_password(with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with listening(AskingProxy("joe", "right").serve) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        check = with_salesforce.examined()["tls"]
    assert "HTTP 407" in check["cause"]
    assert "HTTPS_PROXY (http://user:password@host:port)" in check["remedy"]


def test_a_host_that_says_nothing_is_not_waited_for(with_salesforce: Patient) -> None:
    with listening(silent) as port:
        elsewhere(with_salesforce, f"https://localhost:{port}")
        examined = with_salesforce.examined()
    assert examined["tls"]["outcome"] == "fault"
    assert examined["login"]["outcome"] == "not checked"


# --------------------------------------------------------------------------------------------- after the login
@pytest.mark.parametrize(
    ("scopes", "outcome", "words"),
    [
        (("api", "refresh_token"), "ok", "api, refresh_token"),
        (("full", "refresh_token"), "ok", "full"),
        (("web", "refresh_token"), "fault", "Manage user data via APIs"),
        (("api",), "warning", "Perform requests at any time"),
    ],
)
def test_scopes_are_told_by_their_labels_in_setup(
    with_salesforce: Patient, scopes: tuple[str, ...], outcome: str, words: str
) -> None:
    with_salesforce.meets("changed_field", name="scope", value=" ".join(scopes))
    check = with_salesforce.examined()["scopes"]
    assert check["outcome"] == outcome
    assert words in f"{check['cause']} {check['remedy']}"


def test_an_app_without_the_scope_that_approval_needs_is_told_by_the_login(
    with_salesforce: Patient, make_customer: MakeCustomer
) -> None:
    use(with_salesforce, make_customer(scopes=("api",)))
    check = with_salesforce.examined()["login"]
    assert (check["outcome"], "scope refresh_token" in check["remedy"]) == ("fault", True)


@pytest.mark.parametrize(("lives_s", "outcome"), [(600, "warning"), (900, "ok"), (3600, "ok")])
def test_a_token_that_ends_before_token_lifetime_is_told(
    with_salesforce: Patient, make_customer: MakeCustomer, lives_s: int, outcome: str
) -> None:
    use(with_salesforce, make_customer(jwt_based_tokens=True, jwt_timeout_s=lives_s))
    check = with_salesforce.examined()["lifetime"]
    assert check["outcome"] == outcome
    if outcome == "warning":
        assert "--token-lifetime 600" in check["remedy"]


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ({"Max": 1000, "Remaining": 1000}, "ok"),
        ({"Max": 1000, "Remaining": 100}, "ok"),
        ({"Max": 1000, "Remaining": 99}, "warning"),
        ({"Max": 1000, "Remaining": 0}, "fault"),
        ({"Max": 0, "Remaining": 0}, "not checked"),
        ({"Max": "1000", "Remaining": None}, "not checked"),
        (None, "not checked"),
        ([], "not checked"),
    ],
)
def test_requests_that_run_out_are_told(day: object, outcome: str) -> None:
    finding = api_limit(cast("Any", SimpleNamespace(limits={"DailyApiRequests": day})))
    assert finding.outcome == outcome
    assert bool(finding.remedy) == finding.is_wrong


@pytest.mark.parametrize("body", ["[]", "{}", "null", "<html>", '[{"version": "x"}]', '[{"version": null}]'])
def test_an_answer_that_is_no_list_of_versions_is_told(with_salesforce: Patient, body: str) -> None:
    with_salesforce.meets("status", where="rest", code=200, body=body, content_type="application/json")
    check = with_salesforce.examined()["versions"]
    assert (check["outcome"], "gave no whole answer" in check["cause"]) == ("fault", True)
