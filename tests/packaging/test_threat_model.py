"""docs/threat-model.md: each threat has an answer and tests that are there, and each promise of SECURITY.md its threats."""

import re

import pytest

from sfmint_local import places

PAGE = (places.ROOT / "docs/threat-model.md").read_text()
SECURITY = (places.ROOT / "SECURITY.md").read_text()
KINDS = {
    "S": "Spoofing",
    "T": "Tampering",
    "R": "Repudiation",
    "I": "Information disclosure",
    "D": "Denial of service",
    "E": "Elevation of privilege",
}
THREATS = re.findall(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
TESTS = re.findall(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)", PAGE)
PROMISES = dict(re.findall(r"^\| ([A-Z][^|]+) \| ((?:[A-Z]\d+(?:, )?)+) \|$", PAGE, re.MULTILINE))
OWN = [name for name, *_ in THREATS]


def test_the_threats_of_each_kind_are_counted_up_in_its_section() -> None:
    for letter, kind in KINDS.items():
        section = PAGE.split(f"\n## {kind}", 1)[1].split("\n## ", 1)[0]
        found = re.findall(r"^\| ([A-Z]\d+) \|", section, re.MULTILINE)
        assert found == [f"{letter}{number}" for number in range(1, len(found) + 1)]
        assert found


@pytest.mark.parametrize(("name", "threat", "answer", "shown"), THREATS, ids=OWN)
def test_a_threat_has_an_answer_and_tests(name: str, threat: str, answer: str, shown: str) -> None:
    assert threat.endswith(".")
    assert answer.endswith(".")
    assert re.fullmatch(r"\[test_\w+\]\([^)]+\)(, \[test_\w+\]\([^)]+\))*", shown), name


@pytest.mark.parametrize(("name", "file"), sorted(set(TESTS)))
def test_a_test_that_it_names_is_there(name: str, file: str) -> None:
    assert re.search(rf"^def {name}\(", (places.ROOT / file).read_text(), re.MULTILINE)


def test_each_promise_and_each_limit_of_security_md_has_its_threats() -> None:
    leads = re.findall(r"^- \*\*([^*]+?)[.,]?\*\*", SECURITY, re.MULTILINE)
    assert list(PROMISES) == leads
    named = {threat for threats in PROMISES.values() for threat in threats.split(", ")}
    assert named <= set(OWN)
