import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfmint_values.hosts import SUFFIXES, origin_of, token_origin

NOTHING_LISTED: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com:443/", "https://acme.my.salesforce.com"),
        ("HTTPS://Acme.My.Salesforce.COM", "https://acme.my.salesforce.com"),
        ("https://acme--sbx.sandbox.my.salesforce.com", "https://acme--sbx.sandbox.my.salesforce.com"),
        ("https://localhost:8443", "https://localhost:8443"),
    ],
)
def test_an_origin_is_written_in_one_way(text: str, origin: str) -> None:
    assert origin_of(text) == origin


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "must begin with https://"),
        ("acme.my.salesforce.com", "must begin with https://"),
        ("http://acme.my.salesforce.com", "must begin with https://"),
        ("ftp://acme.my.salesforce.com", "must begin with https://"),
        ("//acme.my.salesforce.com", "must begin with https://"),
        ("https://user@acme.my.salesforce.com", "user or password"),
        ("https://user:word@acme.my.salesforce.com", "user or password"),
        ("https://acme.my.salesforce.com@evil.example", "user or password"),
        ("https://@acme.my.salesforce.com", "user or password"),
        ("https://evil.example\\.salesforce.com", "without a path"),
        ("https://acme.my.salesforce.com\\@evil.example", "user or password"),
        ("https://acme.my.salesforce.com/services", "without a path"),
        ("https://acme.my.salesforce.com//", "without a path"),
        ("https://acme.my.salesforce.com?", "without a path"),
        ("https://acme.my.salesforce.com?a=b", "without a path"),
        ("https://acme.my.salesforce.com#", "without a path"),
        ("https://acme.my.salesforce.com/#a", "without a path"),
        ("https://evil.example#.salesforce.com", "without a path"),
        ("https://acme.my.salesforce.com:port", "is not a URL"),
        ("https://acme.my.salesforce.com:99999", "is not a URL"),
        ("https://[::1", "is not a URL"),
        ("https://", "a host after https://"),
        ("https:///", "a host after https://"),
        ("https://:443", "a host after https://"),
        ("https://[::1]", "a host, not an address"),
        ("https://127.0.0.1", "a host, not an address"),
        ("https://127.1", "a host, not an address"),
        ("https://2130706433", "a host, not an address"),
        ("https://0x7f.0.0.1", "a host, not an address"),
        ("https://acme.my.salesforce.com.", "letters, digits, hyphens and dots"),
        ("https://.salesforce.com", "letters, digits, hyphens and dots"),
        ("https://-acme.salesforce.com", "letters, digits, hyphens and dots"),
        ("https://a_b.salesforce.com", "letters, digits, hyphens and dots"),
        ("https://acmé.salesforce.com", "letters, digits, hyphens and dots"),
        (f"https://{'a' * 64}.salesforce.com", "letters, digits, hyphens and dots"),
        (f"https://{'a.' * 130}salesforce.com", "letters, digits, hyphens and dots"),
        ("https:/acme.my.salesforce.com", "a host after https://"),
        ("https:\\\\acme.my.salesforce.com", "a host after https://"),
        (" https://acme.my.salesforce.com", "spaces or control characters"),
        ("https://acme.my.sales\nforce.com", "spaces or control characters"),
        ("https://acme.my.salesforce.com\t", "spaces or control characters"),
        ("https://acme.my.salesforce.com\x00", "spaces or control characters"),
    ],
)
def test_what_is_more_or_less_than_an_origin_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        origin_of(text)


@pytest.mark.parametrize(
    "host",
    ["acme.my.salesforce.com", "login.salesforce.com", "a.salesforce.mil", "b.my.site.com", "c.my.sfcrmproducts.cn"],
)
def test_hosts_of_salesforce_may_have_a_token(host: str) -> None:
    assert token_origin(f"https://{host}", NOTHING_LISTED) == f"https://{host}"


@pytest.mark.parametrize(
    "text",
    [
        "https://salesforce.com",
        "https://evilsalesforce.com",
        "https://acme.salesforce.com.evil.example",
        "https://acme.site.com",
        "https://localhost",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com:0",
    ],
)
def test_other_hosts_and_ports_may_not(text: str) -> None:
    with pytest.raises(ValueError, match="TokenHosts"):
        token_origin(text, NOTHING_LISTED)


def test_a_listed_host_is_taken_at_its_port_only() -> None:
    listed = frozenset({"localhost:8443", "proxy.example"})
    assert token_origin("https://localhost:8443", listed) == "https://localhost:8443"
    assert token_origin("https://proxy.example", listed) == "https://proxy.example"
    for text in (
        "https://localhost",
        "https://localhost:8444",
        "https://proxy.example:8443",
        "https://a.proxy.example",
    ):
        with pytest.raises(ValueError, match="TokenHosts"):
            token_origin(text, listed)


def test_an_address_is_refused_even_where_it_is_listed() -> None:
    with pytest.raises(ValueError, match="not an address"):
        token_origin("https://127.0.0.1:8443", frozenset({"127.0.0.1:8443"}))


def test_http_is_refused_even_where_the_host_is_listed() -> None:
    with pytest.raises(ValueError, match="https://"):
        token_origin("http://localhost:8443", frozenset({"localhost:8443"}))


@given(text=st.text() | st.text(alphabet="/:@\\?#.[]0a\t \n").map(lambda tail: f"https://Canary{tail}"))
@example(text="https://\u212aanary.salesforce.com")
def test_any_text_is_a_canonical_origin_or_refused_without_being_quoted(text: str) -> None:
    try:
        origin = origin_of(text)
    except ValueError as error:
        assert "Canary" not in str(error)  # noqa: PT017 - both ends are fine
    else:
        assert re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]{1,5})?", origin)
        assert origin_of(origin) == origin


@given(
    head=st.text(alphabet="a.-@/\\:#?", max_size=9), suffix=st.sampled_from(SUFFIXES), tail=st.text("a.:@/", max_size=5)
)
def test_whatever_passes_ends_with_a_suffix_of_salesforce(head: str, suffix: str, tail: str) -> None:
    try:
        origin = token_origin(f"https://{head}{suffix}{tail}", NOTHING_LISTED)
    except ValueError:
        return
    assert origin.endswith(SUFFIXES)
