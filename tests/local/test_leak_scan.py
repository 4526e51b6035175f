"""A leak that the scan overlooks would make its silence worthless."""

import base64
import gzip
import io
import json
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_cli.key_pair import KeyPairFiles
from sfmint_local.key_pair import new_key_pair
from sfmint_local.leak_scan import Leak, LeakScan
from sfmint_local.secret_pieces import PIECE, Secrets

TOKEN = "00DgK0000000001EAA!AQEAQH0.abcdefghijklmnopqrstuvwxyz"
PAIR = new_key_pair("leaky")
SECRETS = Secrets.split(tokens=[TOKEN], private_keys=[PAIR.private_key])
# Put together here, so that no file of ours holds what looks like an assertion.
ASSERTION = ".".join(("ey" + "JhbGciOiJSUzI1NiJ9", "ey" + "Jpc3MiOiJzZm1pbnQifQ", "c2lnbmF0dXJlLXNpZ25hdHVyZQ"))


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {TOKEN}",
        quote(f"token={TOKEN}", safe=""),
        json.dumps({"access_token": TOKEN}),
    ],
)
def test_a_token_is_found_however_it_is_quoted(text: str) -> None:
    assert SECRETS.found_in(text.encode()) == {"an access token"}


@pytest.mark.parametrize(
    "text",
    [
        PAIR.private_key,
        json.dumps({"private_key": PAIR.private_key}),
        PAIR.private_key.replace("\n", " "),
        PAIR.private_key.splitlines()[7],
    ],
    ids=["as it is", "in JSON", "on one line", "one of its lines"],
)
def test_a_key_is_found_whole_or_in_part(text: str) -> None:
    assert SECRETS.found_in(text.encode()) == {"a private key"}


@pytest.mark.parametrize("before", range(3))
@pytest.mark.parametrize(
    ("secret", "what"), [(TOKEN, "an access token"), (PAIR.private_key, "a private key")], ids=["token", "key"]
)
def test_a_secret_is_found_in_every_spelling(secret: str, what: str, before: int) -> None:
    text = b"x" * before + secret.encode() + b" and more"
    spelled = (base64.b64encode(text), text.hex().encode(), text.hex().upper().encode(), secret.encode("utf-16-le"))
    assert [SECRETS.found_in(each) for each in spelled] == [{what}] * len(spelled)


@given(start=st.integers(0, 100), length=st.integers(2 * PIECE - 1, 100))
def test_a_part_that_is_twice_as_long_as_a_piece_is_found(start: int, length: int) -> None:
    token = "00DgK0000000001!" + "".join(f"{number:03x}_" for number in range(60))
    secret = token.partition("!")[2]
    part = secret[start : start + length]
    assert Secrets.split(tokens=[token]).found_in(f"cut: {part}...".encode()) == {"an access token"}


@pytest.mark.parametrize("name", ["orders", "orders1", "orders22"])  # where the modulus begins depends on the length
def test_a_certificate_holds_nothing_of_its_key(name: str) -> None:
    pair = new_key_pair(name)
    secrets = Secrets.split(private_keys=[pair.private_key])
    assert secrets.found_in(pair.certificate.encode()) == set()
    assert secrets.found_in(pair.private_key.encode()) == {"a private key"}


@pytest.mark.parametrize("text", ["by night 0123456789abcdef", "a b", "short", "two words, and a comma"])
def test_any_text_can_be_looked_for(text: str) -> None:
    looked_for = Secrets.split(tokens=[text])
    assert looked_for.found_in(json.dumps({"Name": f"it is {text} here"}).encode()) == {"an access token"}
    assert looked_for.found_in(b'{"Name": "it is not here"}') == set()


def test_a_secret_in_an_archive_within_an_archive_is_found() -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", f"TOKEN = {TOKEN!r}")
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("layer.gz", gzip.compress(inner.getvalue()))
    assert SECRETS.found_in(outer.getvalue()) == {"an access token"}


def test_an_assertion_is_found_without_being_known() -> None:
    assert SECRETS.found_in(f"grant_type=jwt&assertion={ASSERTION}".encode()) == {"an assertion"}


def test_what_may_be_seen_is_no_leak() -> None:
    assert SECRETS.found_in(f"token 0123456789abcdef {PAIR.certificate}".encode()) == set()


def test_only_files_written_since_and_outside_the_named_folders_are_read(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    KeyPairFiles.in_folder(keys, "leaky").write(PAIR)
    venvs = tmp_path / "venvs"
    venvs.mkdir()
    (venvs / "METADATA").write_text(f"Bearer {TOKEN}")
    (tmp_path / "a.log").write_text(f"Bearer {TOKEN}")
    (tmp_path / "clean.log").write_text("nothing here")
    scan = LeakScan(SECRETS)

    scan.read_files(tmp_path, since=0, except_in=(keys, venvs))
    later = LeakScan(SECRETS)
    later.read_files(tmp_path, since=(tmp_path / "a.log").stat().st_ctime + 1, except_in=(keys, venvs))

    assert scan.leaks == {Leak(kind="files", place=str(tmp_path / "a.log"), what="an access token")}
    assert scan.read["files"] == 2
    assert later.read["files"] == 0


@dataclass(frozen=True)
class StepFunctions:
    """Two state machines of one execution each, whose history has two pages."""

    operation: str = ""

    def get_paginator(self, operation: str) -> "StepFunctions":
        return replace(self, operation=operation)

    def paginate(self, **of: Any) -> list[dict[str, Any]]:
        if self.operation == "list_state_machines":
            return [{"stateMachines": [{"stateMachineArn": name}]} for name in ("first", "second")]
        if self.operation == "list_executions":
            return [{"executions": [{"executionArn": f"{of['stateMachineArn']}:1"}]}]
        told = {"output": json.dumps({"headers": f"Bearer {TOKEN}"})} if of["executionArn"] == "second:1" else {}
        return [{"events": [{"id": 1}, {"id": 2}]}, {"events": [{"id": 3, "taskSucceededEventDetails": told}]}]


def test_every_page_of_the_history_of_every_state_machine_is_read() -> None:
    aws: Any = SimpleNamespace(state_machines=StepFunctions())
    scan = LeakScan(SECRETS)

    scan.read_histories(aws)

    assert scan.leaks == {Leak(kind="history events", place="second", what="an access token")}
    assert scan.read["history events"] == 6


def test_the_secrets_are_not_shown() -> None:
    assert TOKEN[20:] not in repr(LeakScan(SECRETS))
