"""The templates of docs/calling.md: CloudFormation would take them, and they fill in what a state machine leaves open."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from client.test_calling import ROOT

PAGE = (ROOT / "docs/calling.md").read_text()
TEMPLATES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n\n'


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_of_the_page_passes_lint(tmp_path: Path, template: str) -> None:
    (tmp_path / "function").mkdir()
    (tmp_path / "accounts.asl.json").write_text("{}")
    (tmp_path / "template.yaml").write_text(HEAD + template)

    lint = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [lint, "template.yaml", "--regions", "us-east-1"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_names_parameters_by_type_so_that_a_new_value_is_deployed(template: str) -> None:
    assert "{{resolve:ssm" not in template
    assert "AWS::SSM::Parameter::Value<String>" in template


def test_a_state_machine_leaves_open_only_what_the_template_fills_in() -> None:
    (machine,) = [block for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if '"States"' in block]
    (template,) = [block for block in TEMPLATES if "StateMachine" in block]
    filled_in = re.search(r"DefinitionSubstitutions:\n((?: {8}\w+: .*\n)+)", template)

    assert filled_in
    assert set(re.findall(r"\$\{(\w+)\}", machine)) == set(re.findall(r"(\w+):", filled_in[1]))
    assert "{{resolve" not in machine
