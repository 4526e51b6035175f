"""What contributors meet is true: workflows, hooks, forms, decisions, and what CONTRIBUTING.md says of the tests."""

import configparser
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import WITH_PROGRAMS, piece_of, turn_of
from sfmint_local import places

GITHUB = places.ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(set((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) - {GITHUB / "ISSUE_TEMPLATE/config.yml"})
DECISIONS = sorted((places.ROOT / "docs/adr").glob("[0-9]*.md"))
CONTRIBUTING = (places.ROOT / "CONTRIBUTING.md").read_text()

STATUS = re.compile(
    r"^- Status: (proposed|accepted|rejected|superseded by \[(?P<number>\d{4})\]\((?P=number)-.*\.md\))$"
)
DATE = re.compile(r"^- Date: \d{4}-\d{2}-\d{2}$")


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def jobs() -> Iterator[dict[str, Any]]:
    assert WORKFLOWS
    for workflow in WORKFLOWS:
        yield from loaded(workflow)["jobs"].values()


def test_each_action_is_pinned_by_its_commit_and_says_its_version() -> None:
    used = [line.strip() for workflow in WORKFLOWS for line in workflow.read_text().splitlines() if "uses:" in line]
    assert len(used) == sum("uses" in step for job in jobs() for step in job["steps"]) > 0
    for line in used:
        assert re.fullmatch(r"- uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_a_workflow_may_only_read_and_ends_in_time() -> None:
    for workflow in WORKFLOWS:
        assert loaded(workflow)["permissions"] == {"contents": "read"}
        assert "pull_request_target" not in workflow.read_text()  # runs a stranger's code with the repository's rights
    for job in jobs():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 60


def test_the_workflows_run_the_commands_of_a_person() -> None:
    runs = {step["run"] for job in jobs() for step in job["steps"] if "run" in step}
    assert runs == {".ci/run", "make audit", "make coverage"}
    assert os.access(places.ROOT / ".ci/run", os.X_OK)


def test_the_tests_of_a_workflow_have_the_commit_that_an_upgrade_begins_from() -> None:
    for job in (job for job in jobs() if {".ci/run", "make coverage"} & {step.get("run") for step in job["steps"]}):
        [checkout] = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert checkout["with"]["fetch-depth"] == 0


def test_dependabot_looks_wherever_something_is_pinned() -> None:
    looked_at = {
        (update["package-ecosystem"], update["directory"]) for update in loaded(GITHUB / "dependabot.yml")["updates"]
    }
    sources = {f"/{path.parent.relative_to(places.ROOT)}" for path in places.ROOT.glob("[!.]*/**/*.in")}
    assert looked_at == {("github-actions", "/")} | {("pip", source) for source in sources}


def test_each_hook_runs_what_make_check_runs() -> None:
    # Make would hand the flags of the `make` that started this test on to the dry run.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--dry-run", "check"]
    checked = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=places.ROOT, env=environment
    ).stdout
    [repository] = loaded(places.ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        program = hook["entry"].removeprefix("env ")  # a hook has no shell that sets variables
        assert any(f"{line} ".startswith(f"{program} ") for line in checked.splitlines()), program


def test_editors_and_the_formatter_agree() -> None:
    editor = configparser.ConfigParser()
    editor.read_string("[first]\n" + (places.ROOT / ".editorconfig").read_text())
    ruff = tomllib.loads((places.ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    assert editor.getint("*.py", "max_line_length") == ruff["line-length"]
    assert editor["Makefile"]["indent_style"] == "tab"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_an_issue_form_asks_for_something_and_warns_of_secrets(form: Path) -> None:
    content = loaded(form)
    assert {"name", "description", "labels", "body"} == set(content)
    fields = [field for field in content["body"] if field["type"] != "markdown"]
    names = [field["id"] for field in fields]
    assert len(names) == len(set(names))
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
    warning = content["body"][0]["attributes"]["value"]
    assert "Paste no private key, no access token and no assertion" in warning
    assert "[SECURITY.md](../security/policy)" in warning


def test_there_are_three_issue_forms_and_no_other_way_in() -> None:
    assert {form.stem for form in FORMS} == {"bug", "idea", "question"}
    assert loaded(GITHUB / "ISSUE_TEMPLATE/config.yml") == {"blank_issues_enabled": False}


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.stem[:4])
def test_a_decision_says_its_status_and_date_and_stands_in_the_list(decision: Path) -> None:
    title, blank, status, date, *_ = decision.read_text().splitlines()
    found = STATUS.match(status)
    assert (blank, bool(found), bool(DATE.match(date))) == ("", True, True)
    if found and found["number"]:
        [_] = [other for other in DECISIONS if other.name.startswith(found["number"])]
    number, words = title.removeprefix("# ").split(": ", 1)
    assert f"| [{number}]({decision.name}) | {words} |" in (decision.parent / "README.md").read_text().splitlines()


def test_the_map_of_the_tests_has_every_folder() -> None:
    mapped = re.findall(r"^\| `tests/(\w+)` \|", CONTRIBUTING, flags=re.MULTILINE)
    folders = {path.parent.name for path in (places.ROOT / "tests").glob("*/test_*.py")}
    assert sorted(mapped) == sorted(folders)


def test_folders_with_programs_stay_in_their_piece_and_others_are_handed_out_by_file() -> None:
    folders = {path.parent.name for path in (places.ROOT / "tests").glob("*/test_*.py")}
    together = [folder for piece in WITH_PROGRAMS.values() for folder in piece]
    assert len(together) == len(set(together))
    assert set(together) < folders
    pieces = {folder: {piece_of(f"tests/{folder}/test_{at}.py::test_b[c/d::e]") for at in "ab"} for folder in folders}
    for piece, held in WITH_PROGRAMS.items():
        assert {folder for folder, given in pieces.items() if given == {piece}} == set(held)
    assert all(len(pieces[folder]) == 2 for folder in folders - set(together))


def test_the_pieces_are_handed_out_first_and_all_else_as_it_was_found() -> None:
    tests = [f"tests/{folder}/test_a.py::test_b" for folder in ("adapters", "bench", "cli", "races", "stack", "unit")]
    handed = [test.split("/")[1] for test in sorted(tests, key=turn_of)]
    assert handed == ["stack", "bench", "races", "adapters", "cli", "unit"]


def test_a_test_that_contributing_runs_is_there() -> None:
    [(file, name)] = re.findall(r"(tests/\S+\.py)::(\w+)", CONTRIBUTING)
    assert f"\ndef {name}(" in (places.ROOT / file).read_text()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", ".github/pull_request_template.md"])
def test_a_target_that_a_page_names_is_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (places.ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", (places.ROOT / page).read_text(), flags=re.MULTILINE))
    assert named
    assert named <= targets
