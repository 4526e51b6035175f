"""What is scanned: the template by checkov, the pins by pip-audit, the bills of material by CycloneDX's own schema."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import audit
import sbom
import scanned_template
import supply_chain_page
from environments import ENVIRONMENTS
from expanding.expand import Expanded, expanded, read, values_of
from expanding.resolve import Resolver
from expanding.variants import SMALLEST
from sfmint_local import places
from supply_chain.accepted import ACCEPTED
from supply_chain.checkov import Finding, NotScanned, faults, scan
from wsgi_service import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

AUDITS = str(ENVIRONMENTS["audit"].python)
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(path).read()))
"""


def test_a_bill_is_what_cyclonedx_says_that_it_is(tmp_path: Path) -> None:
    files = sbom.write(tmp_path, sbom.instant({"SOURCE_DATE_EPOCH": "0"}))
    wrong = tmp_path / "wrong.json"
    wrong.write_text(files[0].read_text().replace('"library"', '"box"', 1))
    command = [AUDITS, "-c", VALIDATE, *map(str, files), str(wrong)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *said, refused = done.stdout.split("\n", len(files))
    assert said == ["None"] * len(files)
    assert "'box' is not one of" in refused


# --- checkov


@pytest.fixture(scope="module")
def stacks() -> list[Expanded]:
    return expanded(scanned_template.SCANNED)


@pytest.fixture(scope="module")
def known(stacks: Sequence[Expanded]) -> list[Finding]:
    """One finding for each reason, in the stack of the defaults."""
    parts = [stack.concrete["Resources"].items() for stack in stacks]
    resources = sorted({f"{said['Type']}.{name}" for part in parts for name, said in part})
    return [
        Finding(
            stack=0,
            check=each.check,
            name=each.wanted,
            resource=next(resource for resource in resources if each.covers(each.check, resource)),
        )
        for each in ACCEPTED
    ]


def test_each_condition_of_the_template_is_scanned_both_ways() -> None:
    template = read()
    for name in template["Conditions"]:
        held = {
            Resolver(values_of(variant, template), template["Conditions"]).holds(name)
            for variant in scanned_template.SCANNED
        }
        assert held == {True, False}, name


def test_findings_that_have_their_reasons_are_no_faults(stacks: list[Expanded], known: list[Finding]) -> None:
    assert list(faults(known, stacks)) == []


def test_a_finding_without_a_reason_is_a_fault(stacks: list[Expanded], known: list[Finding]) -> None:
    new = Finding(stack=0, check="CKV_AWS_28", name="Ensure backups", resource="AWS::DynamoDB::Table.Table")
    [said] = faults([*known, new], stacks)
    assert said.startswith(
        "CKV_AWS_28 (Ensure backups) does not hold for AWS::DynamoDB::Table.Table. In: 1 connections"
    )


@pytest.mark.parametrize("number", [number for number, each in enumerate(ACCEPTED) if each.unless])
def test_a_finding_that_stays_though_its_parameter_is_set_is_a_fault(
    stacks: list[Expanded], known: list[Finding], number: int
) -> None:
    kept = replace(known[number], stack=len(stacks) - 1)
    [said] = faults([*known, kept], stacks)
    assert f", though {ACCEPTED[number].unless} is set. In: " in said


@pytest.mark.parametrize("number", range(len(ACCEPTED)))
def test_a_reason_that_nothing_needs_is_a_fault(stacks: list[Expanded], known: list[Finding], number: int) -> None:
    [said] = faults(known[:number] + known[number + 1 :], stacks)
    assert said.startswith(f"{ACCEPTED[number].check} is found in no resource ")


def test_checkov_finds_what_is_spoiled(stacks: list[Expanded]) -> None:
    good = next(stack.concrete for stack in stacks if stack.variant == SMALLEST)
    spoiled = json.loads(json.dumps(good))
    del spoiled["Resources"]["Key"]["Properties"]["EnableKeyRotation"]
    [trust] = spoiled["Resources"]["BrokerRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    trust["Principal"] = {"AWS": "*"}
    findings = scan([good, spoiled])
    found = [{(each.check, each.resource) for each in findings if each.stack == number} for number in (0, 1)]
    assert found[0]
    assert found[1] - found[0] == {("CKV_AWS_7", "AWS::KMS::Key.Key"), ("CKV_AWS_60", "AWS::IAM::Role.BrokerRole")}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", r"checkov failed: it says nothing\. Run `make setup`"),
        ("[]", r"checkov failed: it says nothing\. Run `make setup`"),
        ('{"passed": 0, "failed": 0}', r"checkov failed: it says nothing\. Run `make setup`"),
        ('{"summary": {"parsing_errors": 1, "resource_count": 1}, "results": {"failed_checks": []}}', "read 1 of 1"),
        ('{"summary": {"parsing_errors": 0, "resource_count": 0}, "results": {"failed_checks": []}}', "read 0 of 1"),
    ],
)
def test_a_scan_that_is_not_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, fault: str
) -> None:
    put_in_checkovs_place(f"print({said!r})", tmp_path, monkeypatch)
    with pytest.raises(NotScanned, match=fault):
        scan([KEY])


SETTINGS_SEEN = """
import json, os, pathlib
files = [folder / ".checkov.yaml" for folder in (pathlib.Path.home(), pathlib.Path.cwd())]
names = [name for name in os.environ if name.startswith(("CKV_", "BC_"))]
seen = len(names) + sum(file.exists() for file in files)
print(json.dumps({"summary": {"parsing_errors": seen, "resource_count": 1}, "results": {"failed_checks": []}}))
"""


def test_a_persons_settings_leave_no_check_out_and_send_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_checkovs_place(SETTINGS_SEEN, tmp_path, monkeypatch)
    for name, value in {"CKV_SKIP_CHECK": "CKV_AWS_7", "BC_API_KEY": "made-up", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".checkov.yaml").write_text("skip-check: CKV_AWS_7\n")
    monkeypatch.chdir(tmp_path)
    assert scan([KEY]) == []


KEY = {"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}


def put_in_checkovs_place(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = folder / "bin"
    programs.mkdir()
    (programs / "python").symlink_to(sys.executable)
    (programs / "checkov").write_text(program)
    monkeypatch.setitem(ENVIRONMENTS, "audit", replace(ENVIRONMENTS["audit"], folder=folder))


def test_the_page_has_the_reason_of_each_finding() -> None:
    assert supply_chain_page.page() == supply_chain_page.PAGE.read_text(), "run: make docs"


# --- pip-audit

PINS = "made-up==1 --hash=sha256:" + "0" * 64 + "\nother==2 --hash=sha256:" + "1" * 64 + "\n"
WEAKNESS = {"id": "OSV-2026-1", "modified": "2026-11-01T00:00:00Z", "summary": "It leaks.", "affected": []}


class Osv:
    """A service that speaks OSV's protocol, and knows weaknesses of some packages."""

    def __init__(self, weak: Iterable[str] = ()) -> None:
        self.weak = set(weak)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        body: dict[str, Any] = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        name = body["package"]["name"]
        self.asked.append((name, body["version"]))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"vulns": [WEAKNESS]} if name in self.weak else {}).encode()]


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    path = tmp_path / "pins.txt"
    path.write_text(PINS)
    return path


def test_packages_of_which_nothing_is_known_pass(pins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = Osv()
    with serving(service) as url:
        assert audit.main(["--osv", url, str(pins)]) == 0
    assert sorted(service.asked) == [("made-up", "1"), ("other", "2")]
    assert capsys.readouterr().out == f"{pins}: nothing known\n"


def test_a_known_weakness_fails_and_is_named(pins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Osv(["other"])) as url:
        assert audit.main(["--osv", url, str(pins)]) == 1
    said = capsys.readouterr().out
    assert f"{pins}: known weaknesses. Raise these pins" in said
    assert "OSV-2026-1" in said
    assert "made-up" not in said


def test_an_index_that_nobody_answers_for_is_a_failure_in_one_line(
    pins: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the port of a service that nobody runs
    assert audit.main([str(pins)]) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert said.startswith(f"error: {pins}: ")
    assert said.endswith("Run it where the public index answers, not a mirror; or name a service: make audit OSV=URL.")


def test_a_persons_settings_do_not_decide_who_is_asked(pins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Osv()
    with serving(service) as url:
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", url)
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the port of a service that nobody runs
        assert audit.main([str(pins)]) == 1
    assert service.asked == []


def test_a_package_that_the_index_does_not_know_is_told_in_one_line() -> None:
    unknown = "Dependency not found on PyPI and could not be audited: made-up (1)"
    assert audit.reason(f"ERROR:pip_audit._cli:made-up: {unknown}\n").startswith(f"made-up: {unknown}. Run it where ")


def test_every_file_of_pins_is_audited() -> None:
    assert set(audit.sets()) == {
        *places.ROOT.glob("requirements/*.txt"),
        *places.ROOT.glob("layers/*/requirements.txt"),
    }
