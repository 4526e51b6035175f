"""docs/local-stack.md: it lists what the org knows, and what it has a reader type works."""

import argparse
import dataclasses
import re
import shlex

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from sfmint_local import authorities, places
from sfmint_local.org import commands, faults
from sfmint_local.org.announcement import Announcement
from sfmint_local.org.application import Org
from sfmint_local.org.control import CONTROL_PATH
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.records import FIELDS
from sfmint_local.org.store import Store
from sfmint_local.org.values import Settings

PAGE = places.ROOT / "docs/local-stack.md"
TEXT = PAGE.read_text()


def served() -> dict[str, set[str]]:
    """Return the addresses of an org, places in capitals, with their methods."""
    org = Org(
        origin="https://localhost", store=Store(clock=lambda: 0.0, origin=""), control_token="", log=lambda _: None
    )
    names = {"row_id": "ID", "request_id": "ID", "key": "VALUE"}
    addresses: dict[str, set[str]] = {}
    for rule in org._map.iter_rules():
        if rule.rule.startswith(CONTROL_PATH) or "path:" in rule.rule:
            continue
        address = re.sub(r"<(\w+)>", lambda place: names.get(place[1], place[1].upper()), rule.rule)
        methods = (rule.methods or {"POST"}) - {"HEAD", "OPTIONS"}
        addresses.setdefault(address, set()).update(methods)
    return addresses


def test_the_page_lists_every_address_with_its_methods() -> None:
    rows = re.findall(r"^\| `(/services\S*)` \| ([A-Z, ]+) \|", TEXT, re.MULTILINE)
    assert {address: set(methods.split(", ")) for address, methods in rows} == served()


def test_the_page_names_every_fault_setting_field_and_variable() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT))
    kinds = {kind for row in re.findall(r"^\| (`\w+`(?:, `\w+`)+) \|", TEXT, re.MULTILINE) for kind in row.split("`")}
    assert kinds - {", ", ""} == set(faults.kinds())
    assert named >= {field.name for field in dataclasses.fields(Settings)}
    assert named >= set(FIELDS)
    assert named >= set(authorities.VARIABLES)


def test_the_commands_of_the_page_are_those_that_there_are() -> None:
    parser = argparse.ArgumentParser()
    commands.add_to(parser)
    (there,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    first, *others = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    typed = re.findall(r"sfmint_local\.org ([\w-]+)", first)
    listed = re.findall(r"^\| `([\w-]+)(?: \w+)*`.* \|", TEXT[TEXT.index("| command |") :], re.MULTILINE)

    assert sorted(typed) == sorted(there.choices)
    for words in re.findall(r"sfmint_local\.org (.+?)(?:\)\"|$)", "\n".join(others), re.MULTILINE):
        parser.parse_args(shlex.split(words))
    assert set(there.choices) <= set(listed)
    assert all(
        f"`{verb}`" in TEXT or f"user {verb}" in TEXT for verb in ("add", "freeze", "deactivate", "activate", "grant")
    )


def test_the_code_of_the_page_queues_a_fault(
    org: OrgControl, org_announcement: Announcement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMINT_ORG_CA", org_announcement.ca)
    document = Sybil([PythonCodeBlockParser()], path=str(PAGE.parent), pattern=PAGE.name).parse(PAGE)
    for example in document.examples():
        example.evaluate()

    assert org.settings().token_delay_ms == 2000
