"""Hosts of Salesforce's beside the instance that take the same token, as the connection lists them."""

import pytest
import requests

from adapters.peers import listening
from client.answers import a_token, an_answer
from client.rest_peer import OK, MakeRest, Peer, Tokens
from sfmint_client.access_token import AccessToken
from sfmint_client.auth import SalesforceAuth
from sfmint_client.errors import InvalidRequest, RequestNotAllowed, WrongHost
from sfmint_client.rest.allow_list import DEFAULT, AllowList
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest

PATH = "/einstein/platform/v1/models"
INSTANCE = "https://acme.my.salesforce.com"


class Listing:
    """Hands out a token of an instance, with further hosts."""

    def __init__(self, *hosts: str) -> None:
        self.token = a_token(instance_url=INSTANCE, hosts=list(hosts))

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        return self.token


def prepared(url: str, *hosts: str) -> requests.PreparedRequest:
    return requests.Session().prepare_request(requests.Request("GET", url, auth=SalesforceAuth(Listing(*hosts))))


def test_an_answer_of_the_broker_without_hosts_has_none() -> None:
    assert a_token().hosts == ()
    assert a_token(hosts=["api.salesforce.com", "pi.pardot.com:8443"]).hosts == (
        "api.salesforce.com",
        "pi.pardot.com:8443",
    )


@pytest.mark.parametrize("hosts", ["api.salesforce.com", [1], {"a": 1}, 7, [None]])
def test_hosts_of_another_type_are_no_answer(hosts: object) -> None:
    with pytest.raises(ValueError, match="not an answer to get_token"):
        AccessToken.from_answer(an_answer(hosts=hosts))


def test_what_else_the_broker_tells_is_handed_on() -> None:
    told = {"api_instance_url": "https://api.salesforce.com", "token_format": "jwt"}
    token = a_token(**told, sfdc_community_url="https://acme.my.site.com/portal", sfdc_community_id="0DB000000000001")
    assert (token.api_instance_url, token.token_format) == ("https://api.salesforce.com", "jwt")
    assert (token.sfdc_community_url, token.sfdc_community_id) == ("https://acme.my.site.com/portal", "0DB000000000001")
    assert a_token().token_format == ""


@pytest.mark.parametrize(
    "url", [INSTANCE, "https://api.salesforce.com/x", "https://pi.pardot.com:8443/", "https://API.salesforce.com:443/"]
)
def test_a_listed_host_gets_the_token(url: str) -> None:
    assert prepared(url, "api.salesforce.com", "pi.pardot.com:8443").headers["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://api.salesforce.com",
            "https://api.salesforce.com:8443",
            "https://pi.pardot.com",
            "https://evil.example",
        ),
        *("https://api.salesforce.com.evil.example", "https://api.salesforce.com@evil.example"),
    ],
)
def test_no_other_host_does(url: str) -> None:
    with pytest.raises(WrongHost, match=r"api\.salesforce\.com, pi\.pardot\.com:8443, which its connection lists"):
        prepared(url, "api.salesforce.com", "pi.pardot.com:8443")


def test_a_request_goes_to_a_listed_host(rest: RestClient, peer: Peer, tokens: Tokens, make_rest: MakeRest) -> None:
    host = peer.url.removeprefix("https://")
    peer.answer_with(OK)
    with listening(lambda _: None) as port:
        tokens.instance_url = f"https://localhost:{port}"
        tokens.hosts = (host,)
        allowed = AllowList.parse("GET /services/data/")
        request = RestRequest(method="GET", path=PATH, host=host)
        with pytest.raises(RequestNotAllowed):
            make_rest().send(request, allow_list=allowed)
        assert make_rest().send(request).body == {"ok": True}
    assert peer.sent == [f"GET {PATH}"]
    assert peer.received[0].headers["Authorization"] == f"Bearer {tokens.texts[0]}"


def test_a_host_that_the_connection_does_not_list_gets_nothing(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    tokens.hosts = ("api.salesforce.com",)
    with pytest.raises(WrongHost, match="does not list the host"):
        rest.send(RestRequest(method="GET", path=PATH, host=peer.url.removeprefix("https://")))
    assert peer.received == []


@pytest.mark.parametrize(
    "host", ["https://a.example", "a.example/", "A.example", "a.example:443", "127.0.0.1", "a b", "u@a.example", "é"]
)
def test_an_unusable_host_is_refused(host: str) -> None:
    with pytest.raises(InvalidRequest, match="The host is unusable"):
        RestRequest(method="GET", path=PATH, host=host)


def test_rules_without_a_host_are_for_the_instance_alone() -> None:
    assert not DEFAULT.allows("GET", "/services/data/v67.0", "api.salesforce.com")
    allowed = AllowList.parse("GET https://api.salesforce.com/einstein/")
    assert allowed.allows("GET", PATH, "api.salesforce.com")
    assert not allowed.allows("GET", PATH)


def test_nothing_is_known_of_what_another_host_did() -> None:
    upsert = "/services/data/v67.0/sobjects/Account/External_Id__c/1"
    request = RestRequest(method="PATCH", path=upsert, host="api.salesforce.com")
    assert not request.is_repeatable
    assert not request.is_whole
