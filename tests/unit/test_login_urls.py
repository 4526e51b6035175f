"""Where a connection logs in: a My Domain or a site; what stands in a browser is named with the login that is meant."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_values.browser_address import login_of
from sfmint_values.login_urls import MOST_HOSTS, audience_url, further_hosts, token_url
from sfmint_values.record_id import is_org_id, is_same

NOTHING: frozenset[str] = frozenset()
SITE = "https://acme.my.site.com/portal"

BROWSER = {
    "acme.lightning.force.com": "acme.my.salesforce.com",
    "acme--sbx.sandbox.lightning.force.com": "acme--sbx.sandbox.my.salesforce.com",
    "acme--sbx.lightning.force.com": "acme--sbx.sandbox.my.salesforce.com",
    "acme-dev-ed.develop.lightning.force.com": "acme-dev-ed.develop.my.salesforce.com",
    "force-1234.scratch.lightning.force.com": "force-1234.scratch.my.salesforce.com",
    "acme.my.salesforce-setup.com": "acme.my.salesforce.com",
    "acme--sbx.sandbox.my.salesforce-setup.com": "acme--sbx.sandbox.my.salesforce.com",
    "acme--c.vf.force.com": "acme.my.salesforce.com",
    "acme--sbx--c.sandbox.vf.force.com": "acme--sbx.sandbox.my.salesforce.com",
    "acme--c.na139.visual.force.com": "acme.my.salesforce.com",
    "acme--c.visualforce.com": "acme.my.salesforce.com",
    "acme.file.force.com": "acme.my.salesforce.com",
    "acme--sbx.sandbox.file.force.com": "acme--sbx.sandbox.my.salesforce.com",
    "acme--c.documentforce.com": "acme.my.salesforce.com",
    "acme--c.na139.content.force.com": "acme.my.salesforce.com",
    "acme--c.container.forceusercontent.com": "acme.my.salesforce.com",
    "acme.builder.salesforce-experience.com": "acme.my.salesforce.com",
    "acme.my.salesforce-sites.com": "acme.my.salesforce.com",
    "acme.my.salesforce-scrt.com": "acme.my.salesforce.com",
    "acme.cloudforce.com": "acme.my.salesforce.com",
    "acme.database.com": "acme.my.salesforce.com",
    "acme.force.com": "acme.my.salesforce.com",
    "acme.lightning.crmforce.mil": "acme.my.salesforce.mil",
    "acme.lightning.sfcrmapps.cn": "acme.my.sfcrmproducts.cn",
    "c.na139.visual.force.com": "NAME.my.salesforce.com",
    "na139.lightning.force.com": "NAME.my.salesforce.com",
    "lightning.force.com": "NAME.my.salesforce.com",
    "force.com": "NAME.my.salesforce.com",
}


@pytest.mark.parametrize(
    "around", ["https://{}", "https://{}/", "{}", "HTTPS://{}/lightning/page/home", "http://{}:443"]
)
@pytest.mark.parametrize(("host", "login"), BROWSER.items())
def test_an_address_of_the_browser_is_named_with_the_login(host: str, login: str, around: str) -> None:
    said = re.escape(f"is an address of the browser; the login is at https://{login}")
    with pytest.raises(ValueError, match=f"^{said}$"):
        audience_url(around.format(host))
    with pytest.raises(ValueError, match=f"^{said}$"):
        token_url(around.format(host), NOTHING)


@pytest.mark.parametrize(
    "host", ["acme.my.salesforce.com", "acme.my.site.com", "login.salesforce.com", "evilforce.com", "force.com.example"]
)
def test_what_is_no_address_of_the_browser_is_none(host: str) -> None:
    assert login_of(f"https://{host}") is None


def test_a_host_that_the_operator_lists_is_asked_whatever_it_is_called() -> None:
    assert token_url("https://acme.force.com", frozenset({"acme.force.com"})) == "https://acme.force.com"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (SITE, SITE),
        (f"{SITE}/", SITE),
        ("https://Acme.MY.site.com:443/Portal", "https://acme.my.site.com/Portal"),
        ("https://acme.my.site.com/a/b-c/d_e", "https://acme.my.site.com/a/b-c/d_e"),
        ("https://acme--sbx.sandbox.my.site.com/portal", "https://acme--sbx.sandbox.my.site.com/portal"),
        ("https://acme.my.site.com/", "https://acme.my.site.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
    ],
)
def test_a_site_has_a_path_in_one_spelling(text: str, url: str) -> None:
    assert audience_url(text) == token_url(text, NOTHING) == url
    assert audience_url(url) == url


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("https://acme.my.salesforce.com/portal", "without a path: https://acme.my.salesforce.com$"),
        ("https://acme.my.salesforce.com/services/oauth2/token", "without a path"),
        (f"{SITE}/services/oauth2/token", "must end before /services"),
        ("https://acme.my.site.com/services", "must end before /services"),
        (f"{SITE}?a=b", "letters, digits, - and _"),
        (f"{SITE}#a", "letters, digits, - and _"),
        (f"{SITE}//b", "letters, digits, - and _"),
        (f"{SITE}/../b", "letters, digits, - and _"),
        (f"{SITE}/%2e%2e", "letters, digits, - and _"),
        (f"{SITE}/b;c", "letters, digits, - and _"),
        (f"{SITE} /b", "letters, digits, - and _"),
        (f"{SITE}\r\nHost: a", "letters, digits, - and _"),
        (f"{SITE}\n", "letters, digits, - and _"),
        (f"{SITE}/\\b", "letters, digits, - and _"),
        ("https://acme.my.site.com/b" + "/b" * 4, "letters, digits, - and _"),
        ("https://user@acme.my.site.com/portal", "user or password"),
        ("http://acme.my.site.com/portal", "must begin with https://"),
    ],
)
def test_a_path_is_that_of_a_site_and_nothing_else(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        token_url(text, NOTHING)
    with pytest.raises(ValueError, match=fault):
        audience_url(text)


def test_a_site_under_a_domain_of_its_own_has_to_be_listed() -> None:
    url = "https://portal.acme.example/customers"
    assert audience_url(url) == token_url(url, frozenset({"portal.acme.example"})) == url
    with pytest.raises(ValueError, match="TokenHosts"):
        token_url(url, NOTHING)


@given(text=st.text() | st.text("/:@\\?#.%-_a0 \n").map(lambda tail: f"https://acme.my.site.com/{tail}"))
def test_any_text_is_a_canonical_url_or_refused(text: str) -> None:
    try:
        url = token_url(text, NOTHING)
    except ValueError:
        return
    assert re.fullmatch(r"https://[a-z0-9.-]+(/[A-Za-z0-9_-]+){0,4}", url)
    assert token_url(url, NOTHING) == url


@pytest.mark.parametrize(
    "value",
    [
        ["api.salesforce.com", "pi.pardot.com"],
        "api.salesforce.com,pi.pardot.com",
        " api.salesforce.com  pi.pardot.com ",
        "API.salesforce.com:443, pi.pardot.com, api.salesforce.com",
        ["https://api.salesforce.com/", " pi.pardot.com"],
        ["HTTPS://API.salesforce.com", "", "pi.pardot.com"],
        '["api.salesforce.com", "pi.pardot.com"]',
        "['https://api.salesforce.com',\n 'pi.pardot.com']",
    ],
)
def test_further_hosts_are_a_list_or_one_text(value: object) -> None:
    assert further_hosts(value, NOTHING) == ("api.salesforce.com", "pi.pardot.com")


def test_a_further_host_of_ones_own_has_to_be_listed() -> None:
    assert further_hosts(["localhost:8443"], frozenset({"localhost:8443"})) == ("localhost:8443",)
    with pytest.raises(
        ValueError, match="at place 2 a host that is neither Salesforce's nor in the parameter TokenHosts"
    ):
        further_hosts(["login.salesforce.com", "localhost:8443"], NOTHING)


@pytest.mark.parametrize(
    "host", ["pardot.com", "evilpardot.com", "pi.pardot.com.evil.example", "api.salesforce.com:8443", "salesforce.com"]
)
def test_what_only_looks_like_a_host_of_salesforce_takes_no_token(host: str) -> None:
    with pytest.raises(ValueError, match="neither Salesforce's"):
        further_hosts([host], NOTHING)


@pytest.mark.parametrize(
    "value",
    [
        7,
        True,
        {"a": 1},
        [7],
        [None],
        ["Canary host"],
        ["https://a/Canary"],
        ["10.0.0.1"],
        ["*.salesforce.com"],
        ["a@b"],
    ],
)
def test_what_is_no_list_of_hosts_is_refused_and_never_quoted(value: object) -> None:
    with pytest.raises(ValueError, match=r"^(is neither|names at place 1) ") as caught:
        further_hosts(value, NOTHING)
    assert "Canary" not in str(caught.value)


def test_there_are_not_any_number_of_hosts() -> None:
    hosts = [f"a{number}.salesforce.com" for number in range(MOST_HOSTS + 1)]
    assert len(further_hosts(hosts[1:], NOTHING)) == MOST_HOSTS
    with pytest.raises(ValueError, match="more than 20"):
        further_hosts(hosts, NOTHING)


def test_ids_of_orgs_are_told_by_their_own_check() -> None:
    assert is_org_id("00Dxx0000000001")
    assert is_org_id("00Dxx0000000001EAA")
    for text in ("", "00Dxx000000000", "00Dxx0000000001EAB", "005xx000001Sv6A", "00dxx0000000001", "00Dxx0000000001EA"):
        assert not is_org_id(text)
    assert is_same("00Dxx0000000001", "00Dxx0000000001EAA")
    assert not is_same("00Dxx0000000002", "00Dxx0000000001EAA")
