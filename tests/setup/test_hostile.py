"""An org that answers whatever it likes: it ends as an error in words, and nothing of it becomes a path or is repeated."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests import Session

from setup.conftest import MemoryNotes
from sfmint_setup.app_files import AppPlan, components_of
from sfmint_setup.consumer_key import MEMBER
from sfmint_setup.errors import SetupError, UnusableAnswer
from sfmint_setup.org import Org
from sfmint_setup.package import files_of
from sfmint_setup.records import App
from sfmint_setup.wire import Answer, Wire
from sfmint_testing.fakes import FakeClock
from sfmint_values.secret import Secret

TOKEN = "00D5g000004aBcd!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0tU"
PLAN = AppPlan(name="orders", label="orders", contact_email="a@b.example", certificate="PEM", token_lifetime_s=900)
APP = App(id="0xI", name="orders", kind="external", components={}, consumer_key=None, certificate=None)
NAMES = (
    *("records", "done", "nextRecordsUrl", "id", "Id", "Name", "IsSandbox", "organization_id", "user_id", "IsActive"),
    *("DeveloperName", "consumers", "key", "deployResult", "status", "details", "componentFailures", "fullName"),
    *("Username", "PermissionSet", "Assignee", "CheckOnly", "numberComponentsTotal", "success", "errors"),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["0Af000000000001CAA", "00D000000000001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


class Saying(Wire):
    """A wire whose other end says one thing after the other, and again from the beginning."""

    def __init__(self, *contents: bytes) -> None:
        session = Session()  # nothing is sent
        super().__init__(
            session=session, origin="https://acme.my.salesforce.com", token=Secret(TOKEN), clock=FakeClock()
        )
        self._contents, self._number = contents, 0

    def send(self, *_: Any, **__: Any) -> Answer:
        content = self._contents[self._number % len(self._contents)]
        self._number += 1
        return Answer(status_code=200, content=content, is_json=True)


def org(*contents: bytes, notes: MemoryNotes | None = None) -> Org:
    return Org(wire=Saying(*contents), clock=FakeClock(), notes=notes or MemoryNotes())


IDENTITY = {
    "records": [{"Id": "00D000000000001EAA", "Name": "Acme"}],
    "done": True,
    "organization_id": "00D000000000001EAA",
}
SOAP = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><readMetadataResponse>'
    "<result><records>{}</records></result></readMetadataResponse></soapenv:Body></soapenv:Envelope>"
)


shapes = st.builds(lambda name, value: {name: value}, st.sampled_from(NAMES), values) | values


@given(said=st.lists(shapes, min_size=1, max_size=4))
@example(said=[{"records": True}])
@example(said=[{"consumers": 1.5}])
@example(said=[{"records": [{"PermissionSet": 1}]}])
def test_json_of_any_shape_is_no_fault_of_the_program(said: list[Any]) -> None:
    answers = [json.dumps(each).encode() for each in said]
    known = json.dumps(IDENTITY).encode()
    asks: tuple[Any, ...] = (
        lambda found: found.identity(),
        lambda found: found.user("u"),
        lambda found: found.near_users("u"),
        lambda found: found.permission_set("p"),
        lambda found: found.app("orders"),
        lambda found: found.assign("005", "0PS"),
        lambda found: found.deploy(files_of(components_of(PLAN)), check_only=True, observe=lambda _: None),
        lambda found: found.consumer_key_by_rest(APP, observe=lambda _: None),
    )
    for ask in asks:
        found = org(known, known, *answers)
        found.identity()
        with suppress(SetupError):
            ask(found)


@pytest.mark.parametrize(
    "org_id", ["../../../../tmp/x", "00D/../../x", "/etc", "00D000000000001EAA/..", ".", "00D00000000000\n"]
)
def test_an_orgs_id_is_one_or_it_is_no_org(org_id: str) -> None:
    said = {"records": [{"Id": org_id, "Name": "x"}], "done": True, "organization_id": org_id}
    with pytest.raises(UnusableAnswer):
        org(json.dumps(said).encode()).identity()


@pytest.mark.parametrize("place", ["records", "fullName", "consumerSecret", MEMBER])
def test_a_document_type_or_a_cut_envelope_is_no_component(place: str) -> None:
    soap = SOAP.format(f"<{place}>x</{place}>").encode()
    for content in (soap[: len(soap) // 2], b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + soap, b"<html>", b"", b"\x00"):
        with pytest.raises(SetupError):
            org(
                json.dumps(IDENTITY).encode(), json.dumps(IDENTITY).encode(), b'{"records": [], "done": true}', content
            ).app("x")


@pytest.mark.parametrize("text", ["x" * 256, "x" * 100_000])
def test_a_name_that_is_none_is_not_told(text: str) -> None:
    said = {**IDENTITY, "records": [{"Id": "00D000000000001EAA", "Name": text}], "preferred_username": text}
    identity = org(json.dumps(said).encode()).identity()
    assert (identity.name, identity.username) == ("", "")


@pytest.mark.parametrize("status", ["", "x" * 41, "\x1b[2J", TOKEN, "Succeeded\n", 1, None, ["Succeeded"]])
def test_a_status_that_is_none_is_not_told(status: Any) -> None:
    said = {"records": [], "id": "0Af000000000001CAA", "deployResult": {"done": True, "status": status}}
    told: list[str] = []
    found = org(json.dumps(IDENTITY).encode(), json.dumps(IDENTITY).encode(), *([json.dumps(said).encode()] * 3))
    done = found.deploy(
        files_of(components_of(PLAN)), check_only=True, observe=lambda progress: told.append(progress.status)
    )
    assert (done.status, told, done.is_success) == ("Unknown", ["Unknown"], False)
