"""A path that is taken means the same to everyone who reads it, and never leaves its host."""

from posixpath import normpath
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from requests import Request, Session
from urllib3.util import parse_url

from sfmint_client.errors import RequestNotAllowed, WrongHost
from sfmint_client.rest.path import LONGEST_PATH, check_path, checked_origin

HOST = "acme.my.salesforce.com"
BASE = "/services/data/v67.0"

GOOD = [
    "/",
    "/services/data/",
    f"{BASE}/query",
    f"{BASE}/query/01g000000000001-2000",
    f"{BASE}/sobjects/Account/External_Id__c/A-0001",
    f"{BASE}/sobjects/Account/External_Id__c/a@b.example",
    f"{BASE}/sobjects/Account/External_Id__c/A%2FB%3F%23%25%20C",
    f"{BASE}/sobjects/Account/External_Id__c/%C3%A4",
    f"{BASE}/sobjects/Account/External_Id__c/v1..2",
    f"{BASE}/sobjects/Account/External_Id__c/...",
    f"{BASE}/composite/tree/Account",
    "/services/apexrest/orders;v=1/open",
]
BAD = [
    "",
    "services/data/",
    "//evil.example/services/data/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "@evil.example/services/data/",
    ":8443/services/data/",
    ".evil.example/",
    "https://evil.example/services/data/",
    "HTTPS:/services/data/",
    f"https://{HOST}{BASE}/limits",
    "/services/../secret",
    "/services/data/..",
    "/..",
    "/./services/data/",
    "/services/data/.",
    "/services/data/..;/secret",
    "/services/data/..;x=1/secret",
    "/services/data/%2e%2e/secret",
    "/services/data/%2E%2E/secret",
    "/services/data/.%2e/secret",
    "/services/data/%252e%252e/secret",
    "/services/data/%252E%252E%252Fsecret",
    "/services/data/%25252e%25252e/secret",
    "/services/data/x%2F..%2F..%2Fsecret",
    "/services/data/x%252F..%252Fsecret",
    "/services/data/..%3Bx/secret",
    "/%2F/evil.example",
    "/services\\data",
    "/services/data/%5C..%5Csecret",
    "/services/data/%5c",
    "/services/data/\r\nHost: evil.example",
    "/services/data/%0d%0aHost:%20evil.example",
    "/services/data/%0D%0A",
    "/services/data/%250D%250A",
    "/services/data/\n",
    "/services/data/\x00",
    "/services/data/%00",
    "/services/data/\x7f",
    "/services/data/%C2%85",
    "/services/data/%E2%80%A8",
    f"{BASE}/query?q=SELECT",
    f"{BASE}/query#top",
    "/services//data/",
    "/services/data//",
    "/services/data/a b",
    "/services/data/ä",
    "/services/data/%c3%a4",
    "/services/data/%41",
    "/services/data/%7E",
    "/services/data/%",
    "/services/data/%2",
    "/services/data/%GG",
    "/services/data/%FF",
    "/services/data/%C0%AE%C0%AE/secret",
    "/services/data/[x]",
    "/services/data/{id}",
    "/services/data/<x>",
    '/services/data/"',
    "/services/data/^",
    "/services/data/`",
    "/services/data/|",
    "/" + "a" * LONGEST_PATH,
]
# What a path may hold, and some of it only in the right company.
MILD = st.sampled_from(
    [
        *(
            "services",
            "data",
            "query",
            "a",
            "A",
            "0",
            "-",
            "_",
            "~",
            "!",
            "$",
            "&",
            "'",
            "(",
            ")",
            "*",
            "+",
            ",",
            "=",
            "...",
        ),
        *(
            ";",
            "@",
            ":",
            ".",
            "%25",
            "%2F",
            "%3F",
            "%23",
            "%20",
            "%3B",
            "%40",
            "%3A",
            "%C3%A4",
            "%255C",
            "evil.example",
        ),
    ]
)
WILD = st.sampled_from(
    [
        *(
            "/",
            "//",
            "..",
            "\\",
            "?",
            "#",
            "%",
            "%2",
            "%2e",
            "%2E",
            "%2f",
            "%5C",
            "%5c",
            "%0D",
            "%0A",
            "%00",
            "%41",
            "%FF",
        ),
        *(
            "%252E",
            "25",
            "2E",
            " ",
            "\r",
            "\n",
            "\t",
            "\x00",
            "\x7f",
            "\x85",
            "ä",
            "\u2028",
            "\u2024",
            "\uff0f",
            "\uff0e",
        ),
        *("[", "]", "|", "{", "^", "\ud800"),
    ]
)
SEGMENT = st.lists(MILD, min_size=1, max_size=3).map("".join)
PLAUSIBLE = st.lists(SEGMENT, min_size=1, max_size=4).map(lambda segments: "/" + "/".join(segments))
HOSTILE = st.lists(MILD | WILD, max_size=10).map(lambda pieces: "/" + "".join(pieces))
PATHS = PLAUSIBLE | PLAUSIBLE | HOSTILE


def taken(path: str) -> bool:
    try:
        check_path(path)
    except RequestNotAllowed:
        return False
    return True


def decoded(path: str) -> str:
    while (once := unquote(path)) != path:
        path = once
    return path


def prepared(path: str) -> str:
    request = Session().prepare_request(Request("GET", f"https://{HOST}{path}"))
    assert request.url is not None
    return request.url


@pytest.mark.parametrize("path", GOOD)
def test_a_plain_path_is_taken(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize("path", BAD)
def test_a_path_that_may_mean_something_else_is_refused(path: str) -> None:
    assert not taken(path)


def test_a_refusal_has_a_remedy_and_does_not_repeat_the_path() -> None:
    for path in BAD:
        with pytest.raises(RequestNotAllowed, match=r"^The path [^.]+\. [A-Z].+\.$") as refused:
            check_path(path)
        assert "evil" not in str(refused.value)
        assert "secret" not in str(refused.value)


@settings(max_examples=300)
@given(path=PATHS)
@example(path=GOOD[6])
def test_a_path_that_is_taken_reaches_the_wire_as_it_is_and_at_its_host(path: str) -> None:
    assume(taken(path))
    url = prepared(path)
    for parts in (urlsplit(url), parse_url(url)):
        assert (parts.scheme, parts.hostname, parts.port, parts.path) == ("https", HOST, None, path)
        assert (parts.query or "", parts.fragment or "") == ("", "")
    assert path.count("/") == urlsplit(url).path.count("/")


@settings(max_examples=300)
@given(path=PATHS)
def test_a_path_that_is_taken_stays_below_its_segments_however_often_it_is_decoded(path: str) -> None:
    assume(taken(path))
    within = "/services/data/"
    final = normpath(decoded(within + path.removeprefix("/")))
    assert final.startswith(normpath(within))
    assert not final.startswith("//")
    assert all(character >= " " and character not in "\\\x7f" for character in final)


@settings(max_examples=200)
@given(path=PATHS, position=st.integers(0, 30), dots=st.sampled_from(["..", ".", "%2e%2e", "%252e.", "..;a"]))
def test_no_path_with_a_dot_segment_is_taken(path: str, position: int, dots: str) -> None:
    assert not taken(f"{path[:position]}/{dots}/{path[position:]}")


@pytest.mark.parametrize(
    ("instance_url", "origin"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com:443", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("https://org.example:8443", "https://org.example:8443"),
    ],
)
def test_a_token_goes_to_salesforce_and_to_listed_hosts(instance_url: str, origin: str) -> None:
    assert checked_origin(instance_url, frozenset({"org.example:8443"})) == origin


@pytest.mark.parametrize(
    "instance_url",
    [
        "",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://org.example",
        "https://org.example:443",
        "https://acme.my.salesforce.com@evil.example",
        "https://evil.example\\.salesforce.com",
        "https://evil.example/.salesforce.com",
        "https://evil.example?.salesforce.com",
        "https://evil.example#.salesforce.com",
        "https://acme.my.salesforce.com\n",
        "https://ACME.my.salesforce.com",
    ],
)
def test_a_token_goes_nowhere_else(instance_url: str) -> None:
    with pytest.raises(WrongHost, match="nothing was sent"):
        checked_origin(instance_url, frozenset({"org.example:8443"}))
