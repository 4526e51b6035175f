"""What is on a connection's list may be sent, and nothing else."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from client.test_rest_path import PATHS, decoded, taken
from sfmint_client.rest import allow_list
from sfmint_client.rest.allow_list import DEFAULT, METHODS, AllowList
from sfmint_client.rest.reading import Special
from sfmint_client.rest.request import RestRequest

BASE = "/services/data/v67.0"
SEGMENTS = st.lists(
    st.sampled_from(["services", "data", "query", "queryAll", "q", "q%2F", "x%2Fy"]), min_size=1, max_size=5
)


def joined(segments: list[str]) -> str:
    return "/" + "/".join(segments)


def test_by_default_everything_of_the_data_api_may_be_read() -> None:
    assert DEFAULT.allows("GET", f"{BASE}/query")
    assert DEFAULT.allows("GET", "/services/data/")
    assert DEFAULT.allows("GET", "/services/data")
    for method in set(METHODS) - {"GET"}:
        assert not DEFAULT.allows(method, f"{BASE}/query")
    for path in (
        "/services",
        "/services/dat",
        "/services/database/",
        "/services/data;/",
        "/services/data%2F",
        "/services/apexrest/x",
        "/services/Soap/u",
        "/",
    ):
        assert not DEFAULT.allows("GET", path)


def test_each_line_is_a_rule() -> None:
    rules = AllowList.parse(
        f"GET {BASE}/query\n\n  POST\t{BASE}/sobjects/Account/  \r\nPATCH {BASE}/sobjects/Account/\n"
    )
    assert rules.allows("GET", f"{BASE}/query")
    assert rules.allows("POST", f"{BASE}/sobjects/Account/")
    assert rules.allows("PATCH", f"{BASE}/sobjects/Account/External_Id__c/A-1")
    assert not rules.allows("POST", f"{BASE}/query")
    assert not rules.allows("DELETE", f"{BASE}/sobjects/Account/001")


@pytest.mark.parametrize(
    ("prefix", "path", "allowed"),
    [
        (f"{BASE}/query", f"{BASE}/query", True),
        (f"{BASE}/query", f"{BASE}/query/", True),
        (f"{BASE}/query", f"{BASE}/query/01g-2000", True),
        (f"{BASE}/query", f"{BASE}/queryAll", False),
        (f"{BASE}/query", f"{BASE}/query;x", False),
        (f"{BASE}/query", f"{BASE}/query%2Fx", False),
        (f"{BASE}/query", f"{BASE}/QUERY", False),
        (f"{BASE}/query", f"{BASE}", False),
        (f"{BASE}/query/", f"{BASE}/query", True),
        (f"{BASE}/query/", f"{BASE}/quer", False),
        (f"{BASE}/query/", f"{BASE}/queryAll", False),
        (f"{BASE}/query/", f"{BASE}", False),
        (f"{BASE}/query/", f"{BASE}/query/01g-2000", True),
        ("/", f"{BASE}/query", True),
    ],
)
def test_only_whole_segments_count(prefix: str, path: str, *, allowed: bool) -> None:
    assert AllowList.parse(f"GET {prefix}").allows("GET", path) is allowed


@given(rule=SEGMENTS, path=SEGMENTS)
def test_a_slash_at_the_end_changes_nothing_in_a_rule_or_a_path(rule: list[str], path: list[str]) -> None:
    """Salesforce takes both spellings for one resource."""
    spellings = [(joined(rule) + in_rule, joined(path) + in_path) for in_rule in ("", "/") for in_path in ("", "/")]
    assert len({AllowList.parse(f"GET {prefix}").allows("GET", asked) for prefix, asked in spellings}) == 1


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n"])
def test_an_empty_list_allows_nothing(text: str) -> None:
    assert not AllowList.parse(text).allows("GET", "/services/data/")


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("/services/data/", "line 1 is not one of GET, HEAD"),
        ("GET", "line 1 is not"),
        ("get /services/data/", "line 1 is not"),
        ("* /services/data/", "line 1 is not"),
        ("GET,POST /services/data/", "line 1 is not"),
        ("GET /services/data/ # all", "line 1 is not"),
        ("GET /a\nTRACE /b", "line 2 is not"),
        ("GET services/data/", "line 1: The path does not begin"),
        ("GET https://evil.example/services/data/", "line 1: is not a host of Salesforce"),
        ("GET http://api.salesforce.com/einstein/", "line 1: The path does not begin"),
        ("GET https://api.salesforce.com", "line 1: The path does not begin"),
        ("GET https://api.salesforce.com/a/../b", "line 1: The path holds a dot segment"),
        ("HEADER", "line 1 is not HEADER, a blank and the name"),
        ("HEADER Authorization", "line 1 is not HEADER, a blank and the name"),
        ("HEADER X-Forwarded-Host", "line 1 is not HEADER, a blank and the name"),
        ("HEADER X A", "line 1 is not HEADER, a blank and the name"),
        ("GET /services/*", None),
        ("GET /services/../", "line 1: The path holds a dot segment"),
        ("GET /a\nGET /b//c", "line 2: The path is not spelled"),
        ('["GET /services/data/"]', "line 1 is not"),
    ],
)
def test_a_malformed_list_is_refused_by_its_line(text: str, clause: str | None) -> None:
    if clause is None:  # a star is a character as any other: it stands for itself
        assert not AllowList.parse(text).allows("GET", "/services/data")
        return
    with pytest.raises(ValueError, match=clause):
        AllowList.parse(text)


@settings(max_examples=200)
@given(path=PATHS, below=PATHS, exact=st.booleans())
def test_a_path_that_is_allowed_is_below_its_rule_for_every_reader(path: str, below: str, *, exact: bool) -> None:
    prefix = path if exact else f"{path}/"
    assume(taken(prefix))
    rule = AllowList.parse(f"GET {prefix}")
    for candidate in (path, f"{path}{below}", f"{path}/{below}", f"{prefix}x", f"{path};x", f"{path}%2F..", below):
        if taken(candidate) and rule.allows("GET", candidate):
            assert f"{decoded(candidate)}/".startswith(decoded(prefix).removesuffix("/") + "/")


@given(segments=SEGMENTS, rule=SEGMENTS)
def test_a_rule_allows_just_what_has_its_segments_in_front(segments: list[str], rule: list[str]) -> None:
    allowed = AllowList.parse(f"GET {joined(rule)}").allows("GET", joined(segments))
    assert allowed == (segments[: len(rule)] == rule)


@pytest.mark.parametrize(
    "path",
    [
        "/services/data/v67.0/tooling/executeAnonymous",
        "/services/data/v67.0/tooling/executeAnonymous/",
        "/services/data/v67.0/tooling/EXECUTEANONYMOUS",
        "/services/data/v67.0/tooling;a=b/executeAnonymous;c",
        "/services/data/v67.0/tooling%2FexecuteAnonymous",
        "/services/data/v67.0/tooling%252FexecuteAnonymous",
        "/services/data/v67.0/tooling/executeAnonymous%3Bx",
        "/services/data/v67.0/tooling%3Bx/executeAnonymous",
        "/services/data/v67.0/tooling/executeAnonymous.json",
        "/services/data/v67.0/tooling/executeAnonymous%20",
        "/services/data/v67.0/tooling/;x/executeAnonymous",
        "/services/data/v67.0/tooling/execute%E2%80%8BAnonymous",
        "/services/data/v67.0/tooling/executeAnonymou%C5%BF",
        "/services/data/v67.0/tooling/runTestsAsynchronous/",
        "/services/data/v67.0/tooling/runTestsSynchronous",
    ],
)
def test_what_runs_apex_is_allowed_only_by_a_rule_that_names_it(path: str) -> None:
    assert not DEFAULT.allows("GET", path)
    assert not AllowList.parse("GET /services/data/v67.0/tooling/").allows("GET", path)
    assert not RestRequest(method="GET", path=path).is_repeatable
    assert AllowList.parse(f"GET {path}").allows("GET", path)
    assert DEFAULT.allows("GET", "/services/data/v67.0/tooling/query")


def test_what_shows_secrets_is_allowed_only_by_a_rule_that_names_it() -> None:
    path = "/services/data/v67.0/apps/oauth/credentials"
    assert not DEFAULT.allows("GET", f"{path}/888000000000001")
    assert not AllowList.parse("GET /services/data/v67.0/tooling/executeAnonymous\nGET /").allows("GET", path)
    assert AllowList.parse(f"GET {path}").allows("GET", f"{path}/888000000000001")
    assert RestRequest(method="GET", path=path).is_repeatable


def test_a_rule_that_names_one_special_thing_allows_no_other() -> None:
    rule = AllowList.parse("GET /services/data/v67.0/tooling/executeAnonymous")
    assert not rule.allows("GET", "/services/data/v67.0/tooling/executeAnonymous/runTestsSynchronous")


def test_a_header_of_the_orgs_own_needs_a_line() -> None:
    allowed = AllowList.parse("POST /services/apexrest/\nHEADER X-Tenant")
    assert allowed.allows_header("x-tenant")
    assert not DEFAULT.allows_header("X-Tenant")
    free = ("Accept", "If-Match", "Sforce-Query-Options", "sforce-duplicate-rule-header", "Range", "Content-Type")
    assert all(map(DEFAULT.allows_header, free))
    assert AllowList.parse("\n".join(allowed.lines)) == allowed


def test_a_rule_of_another_host_is_for_that_host_alone() -> None:
    allowed = AllowList.parse("GET https://api.salesforce.com/einstein/")
    assert allowed.allows("GET", "/einstein/v1", "api.salesforce.com")
    assert not allowed.allows("GET", "/einstein/v1")
    assert not allowed.allows("GET", "/einstein/v1", "pi.pardot.com")
    assert not DEFAULT.allows("GET", "/services/data/v67.0", "api.salesforce.com")
    assert allowed.lines == ["GET https://api.salesforce.com/einstein/"]


def test_a_long_list_reads_the_path_once(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = AllowList.parse("GET /services/data/\n" * 1000)
    asked: list[str] = []

    def noted(path: str) -> frozenset[Special]:
        asked.append(path)
        return frozenset()

    monkeypatch.setattr(allow_list, "specials", noted)
    assert allowed.allows("GET", "/services/data/v67.0")
    assert not allowed.allows("PUT", "/services/data/v67.0")
    assert asked == ["/services/data/v67.0"]
