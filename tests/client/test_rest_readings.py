"""Path, query, form and headers are judged in every reading that a lenient server may have."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.rest_peer import BASE, OK, Peer
from sfmint_client.errors import InvalidRequest, RequestNotAllowed
from sfmint_client.rest.allow_list import DEFAULT, AllowList
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.reading import names_method
from sfmint_client.rest.request import RestRequest

PATH = f"{BASE}/sobjects/Account"
FULLWIDTH = {char: chr(ord(char) + 0xFEE0) for char in "./;?&=_HttpMethod"}


def wide(text: str) -> str:
    return "".join(FULLWIDTH.get(char, char) for char in text)


def encoded(text: str, times: int = 1) -> str:
    for _ in range(times):
        text = quote(text, safe="")
    return text


@pytest.mark.parametrize("dots", ["..", ".", wide(".."), wide(".")])
@pytest.mark.parametrize("end", ["?x", "&x", "#x", " ", "\u00a0", "?", wide("?x"), wide("&x"), wide("/x")])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_way_out_of_a_folder_is_found_whatever_follows_it(dots: str, end: str, times: int) -> None:
    for text in (encoded(dots + end, times), f"{dots}{encoded(end, times)}" if dots.isascii() else encoded(dots + end)):
        with pytest.raises(RequestNotAllowed):
            RestRequest(method="GET", path=f"{PATH}/a/{text}")


@pytest.mark.parametrize(
    "path",
    [
        "/a/..%3Fx",
        "/a/..%26x",
        "/a/..%253F",
        "/a/%EF%BC%8E%EF%BC%8E/b",
        "/a/%E2%80%A5/b",
        "/a/..%20",
        "/a%EF%BC%8F..%EF%BC%8Fb",
        "/a/..%E2%81%84b",
        "/a%E2%88%95..%E2%88%95b",
        "/a/..%E2%88%96b",
        "/a/.%E2%80%8B./b",
        "/a/..%EF%BB%BF",
        "/a/..%25E2%2581%2584b",
    ],
)
def test_these_ways_out_are_refused(path: str) -> None:
    with pytest.raises(RequestNotAllowed):
        RestRequest(method="GET", path=path)


@pytest.mark.parametrize(
    "path",
    [
        "tooling%EF%BC%8FexecuteAnonymous",
        "tooling/%EF%BD%85xecuteAnonymous",
        "tooling%25EF%25BC%258FexecuteAnonymous",
        "%EF%BD%94ooling/executeAnonymous%3Fx",
        "apps%EF%BC%8Foauth%EF%BC%8Fcredentials",
        "tooling/executeAnonymous%3FanonymousBody=x",
        "tooling%E2%81%84executeAnonymous",
        "tooling%E2%88%95%E2%80%8BrunTestsSynchronous",
    ],
)
def test_what_is_special_is_found_in_its_usual_letters(path: str) -> None:
    assert not DEFAULT.allows("GET", f"{BASE}/{path}")
    assert not AllowList.parse(f"GET {BASE}/tooling/\nGET {BASE}/apps/").allows("GET", f"{BASE}/{path}")


@pytest.mark.parametrize(
    "query",
    [
        *(
            {name: "DELETE"}
            for name in ("_Http%4dethod", "%5FHttpMethod", "_Http%254dethod", wide("_HttpMethod"), "a%26_HttpMethod")
        ),
        *(
            {"q": value}
            for value in (
                "x&_HttpMethod=DELETE",
                "x%26_HttpMethod%3DDELETE",
                "x;_HttpMethod",
                f"x{wide('&_HttpMethod=')}DELETE",
            )
        ),
        {"a": "?_HttpMethod=PATCH"},
        {encoded("_HttpMethod", 3): "x"},
    ],
)
def test_a_query_names_no_method_in_any_reading(query: dict[str, str]) -> None:
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        RestRequest(method="POST", path=PATH, query=query)


@pytest.mark.parametrize(
    "value",
    [
        "SELECT HttpMethod FROM Log__c WHERE HttpMethod = 'GET' AND Name LIKE '%de%' AND A__c LIKE '100%'",
        "HttpMethod",
        "a=HttpMethod",
        "%",
        "%ff%zz",
        "Müller & Söhne; Köln?",
        "%25252525252525",
    ],
)
def test_a_value_may_hold_any_words(value: str) -> None:
    RestRequest(method="GET", path=PATH, query={"q": value})


def form(body: bytes, kind: str = "application/x-www-form-urlencoded") -> RestRequest:
    return RestRequest(method="POST", path=PATH, headers={"Content-Type": kind}, body=body)


@pytest.mark.parametrize(
    "part",
    [
        'name="=?utf-8?B?X0h0dHBNZXRob2Q=?="',
        'name="=?UTF-8?b?X0h0dHBNZXRob2Q?="',
        "name==?utf-8?Q?=5FHttp=4Dethod?=",
        'name*0="_Http"; name*1="Method"',
        "name*0*=utf-8''_Http%4d; name*1*=ethod",
    ],
)
def test_a_part_of_a_form_names_no_method_in_the_notations_of_mail(part: str) -> None:
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        form(
            f"--b\r\nContent-Disposition: form-data; {part}\r\n\r\nDELETE\r\n--b--".encode(),
            "multipart/form-data; boundary=b",
        )


@given(st.text("=?bBqQ_ABC+/", max_size=60))
def test_a_file_may_hold_what_looks_like_the_notations_of_mail(text: str) -> None:
    form(
        f'--b\r\nContent-Type: image/png; name="=?x?B?{text}?={text}"\r\n\r\nx\r\n--b--'.encode(),
        "multipart/form-data; boundary=b",
    )


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "APPLICATION/X-WWW-Form-urlencoded;charset=UTF-8"]
)
@pytest.mark.parametrize(
    "body",
    [
        "_HttpMethod=DELETE",
        "a=b%26_HttpMethod%3DDELETE",
        encoded(wide("_HttpMethod")) + "=x",
        "a;_Http%254dethod=x",
        "+_HttpMethod+=x",
    ],
)
def test_a_form_names_no_method_in_any_reading(body: str, kind: str) -> None:
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        form(body.encode(), kind)


@pytest.mark.parametrize(
    "name", ['"_HttpMethod"', "_HttpMethod", "'_HttpMethod'", '"_Http%4dethod"', '"' + wide("_HttpMethod") + '"']
)
@pytest.mark.parametrize("field", ["name", "NAME", "name ", "name*0*", "name*"])
def test_a_part_of_a_form_names_no_method(name: str, field: str) -> None:
    body = f"--x\r\nContent-Disposition: form-data; {field}={name}\r\n\r\nDELETE\r\n--x--\r\n".encode()
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        form(body, "multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    "kind",
    [
        *("application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=utf-7"),
        *("application/x-www-form-urlencoded; charset=cp037", "application/x-www-form-urlencoded; charset=utf-8; charset=utf-16"),
        *("application/x-www-form-urlencoded; charset*=utf-8''utf-16", "application/x-www-form-urlencoded; a=b"),
        *("application/json, application/x-www-form-urlencoded", "application/x-www-form-urlencoded,", "x/y", "", "json", "*/*"),
        *("multipart/mixed; boundary=x", "multipart/form-data; charset=utf-16", "text/plain; charset=utf-7", "text/plain;charset=ibm037"),
        *('application/x-www-form-urlencoded; charset="utf-16"', "message/http", "application/java-archive", "text/plain" + " " * 400),
    ],
)  # fmt: skip
def test_a_type_that_servers_read_differently_is_refused(kind: str) -> None:
    with pytest.raises((RequestNotAllowed, InvalidRequest)):
        form(b"a=b", kind.strip() if kind.strip() == kind else kind)


@pytest.mark.parametrize(
    "kind",
    [
        *("application/json", "application/json; charset=UTF-8", "text/csv", "text/csv; charset=ISO-8859-1", "text/xml", "image/png"),
        *("application/json;", "application/x-ndjson", "application/msword", "message/rfc822"),
        *("application/xml", "application/octet-stream", "application/zip", "zip/csv", "application/merge-patch+json", "text/plain"),
        *('multipart/form-data; boundary="a b"', "application/vnd.ms-excel", 'application/x-www-form-urlencoded;charset="utf-8"'),
    ],
)  # fmt: skip
def test_the_types_of_salesforce_and_of_files_are_taken(kind: str) -> None:
    assert form(b"a=b", kind).body == b"a=b"


def test_a_form_holds_ascii_alone() -> None:
    with pytest.raises(InvalidRequest, match="Percent-encode"):
        form("ä=b".encode())


@given(text=st.text(max_size=60))
def test_what_names_a_method_is_found_between_anything(text: str) -> None:
    for between in "&;?/":
        assert names_method(f"{text}{between}_HttpMethod=x")
        assert names_method(quote(f"{text}{between}_HttpMethod=x", safe=""))


@pytest.mark.parametrize(
    "name", ["X-Evil", "X-Requested-With", "Origin", "Sec-Fetch-Mode", "X-Real-IP", "True-Client-IP", "Referer"]
)
def test_a_header_beyond_the_list_needs_a_line(rest: RestClient, peer: Peer, name: str) -> None:
    peer.answer_with(OK)
    request = RestRequest(method="GET", path=f"{BASE}/limits", headers={name: "x"})
    with pytest.raises(RequestNotAllowed, match=f"HEADER {name}"):
        rest.send(request, allow_list=DEFAULT)
    assert peer.received == []
    rest.send(request, allow_list=AllowList.parse(f"GET {BASE}/limits\nHEADER {name.lower()}"))
    assert peer.received[0].headers[name] == "x"
