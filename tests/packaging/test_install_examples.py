"""examples/terraform and examples/cdk, as far as they can run without an account: each names only what a release has."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from release_archives import archives
from releasing import packaged
from sfmint_local import places

TERRAFORM, NODE = shutil.which("terraform"), shutil.which("node")
EXAMPLES = places.ROOT / "examples"
GIVEN = {"CodeBucket": "acme-releases", "Connections": "orders,billing"}

# In place of aws-cdk-lib: it prints what the app would have the CDK deploy, while a pipe still takes all of it.
CDK = """
export class App {}
export class Stack { constructor(scope, name) { this.name = name; } }
export class CfnElement {
  constructor(stack) {
    process.once("beforeExit", () => console.log(JSON.stringify([stack.name, this._toCloudFormation()])));
  }
}
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a release that the examples read, beside copies of the examples."""
    root = tmp_path_factory.mktemp("release")
    text = (places.ROOT / "template.yaml").read_text()
    (root / "dist").mkdir()
    named = archives(text)
    for name in named.values():
        (root / "dist" / name).write_text(name)
    (root / "dist/sfmint-0.1.0.json").write_text(packaged.as_json(packaged.by_bucket(text, named)))
    for example in ("cdk", "terraform"):
        shutil.copytree(EXAMPLES / example, root / "examples" / example)
    return root


def template(release: Path) -> Any:
    return json.loads((release / "dist/sfmint-0.1.0.json").read_text())


@pytest.mark.skipif(NODE is None, reason="node is not here, so nothing can run the CDK's example")
def test_the_cdk_gets_the_template_as_it_is_with_values_and_a_new_build(release: Path) -> None:
    library = release / "examples/cdk/node_modules/aws-cdk-lib"
    library.mkdir(parents=True)
    (library / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (library / "index.js").write_text(CDK)
    done = subprocess.run(
        [str(NODE), "app.mjs"], cwd=release / "examples/cdk", capture_output=True, text=True, check=True
    )
    name, made = json.loads(done.stdout)
    assert name == "sfmint"
    values = {parameter: made["Parameters"][parameter].pop("Default") for parameter in (*GIVEN, "BuildId")}
    expected = template(release)
    for parameter in values:
        expected["Parameters"][parameter].pop("Default", None)
    assert made == expected
    assert re.fullmatch("[0-9a-f]{12}", values.pop("BuildId"))
    assert values == GIVEN


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not here, so nothing can read its example")
def test_terraform_formats_its_example_as_it_stands(release: Path) -> None:
    command = [str(TERRAFORM), "fmt", "-check", "-diff"]
    done = subprocess.run(command, cwd=release / "examples/terraform", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not here, so nothing can read its example")
def test_terraform_plans_every_file_and_a_stack_whose_parameters_the_template_has(release: Path) -> None:
    planned = plan(release / "examples/terraform", Connections="orders,billing", RefreshRate="off")
    files = {key: said for key, said in planned.items() if key.startswith("code[")}
    names = {path.name for path in (release / "dist").glob("*.zip")}
    assert {said["key"] for said in files.values()} == {f"sfmint-release/{name}" for name in names}
    assert {said["bucket"] for said in files.values()} == {"acme-releases"}
    stack = planned["sfmint"]
    key = planned["template"]["key"]
    assert stack["template_url"] == f"https://acme-releases.s3.eu-central-1.amazonaws.com/{key}"
    assert stack["parameters"].keys() == {"BuildId", "CodeBucket", "Connections", "RefreshRate"}
    assert stack["parameters"].keys() <= template(release)["Parameters"].keys()
    assert re.fullmatch("[0-9a-f]{12}", stack["parameters"]["BuildId"])
    other = plan(release / "examples/terraform", Connections="orders,billing", RefreshRate="rate(1 hour)")
    assert other["sfmint"]["parameters"]["BuildId"] != stack["parameters"]["BuildId"]


def plan(folder: Path, **parameters: str) -> dict[str, Any]:
    """Return what terraform plans, with its own `terraform_data` in place of the provider that only its registry has."""
    text = (folder / "main.tf").read_text()
    text = re.sub(r"  required_providers \{.*?\n  \}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^data .*\n", "", text, flags=re.MULTILINE).replace("data.aws_region.here.id", '"eu-central-1"')
    text = re.sub(r"^output .*?^\}\n", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r'^resource "aws_\w+" "(\w+)" \{\n(.*?)^\}\n', stand_in, text, flags=re.MULTILINE | re.DOTALL)
    alone = folder / "alone"
    alone.mkdir(exist_ok=True)
    (alone / "main.tf").write_text(re.sub(r"\baws_\w+\.(\w+)\.key", r"terraform_data.\1.input.key", text))
    given = ["-var=bucket=acme-releases", f"-var=parameters={json.dumps(parameters)}", "-var=release=../../../dist"]
    for words in (["init", "-input=false"], ["plan", "-input=false", "-out=plan", *given]):
        done = subprocess.run([str(TERRAFORM), *words], cwd=alone, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    command = [str(TERRAFORM), "show", "-json", "plan"]
    shown = json.loads(subprocess.run(command, cwd=alone, capture_output=True, text=True, check=True).stdout)
    resources = shown["planned_values"]["root_module"]["resources"]
    return {said["address"].partition(".")[2]: said["values"]["input"] for said in resources}


def stand_in(resource: re.Match[str]) -> str:
    lines = resource[2].splitlines(keepends=True)
    about = [line for line in lines if line.split()[0] in {"for_each", "depends_on"}]
    own = [line for line in lines if line not in about]
    each = "".join(about).replace("aws_s3_object", "terraform_data")
    return f'resource "terraform_data" "{resource[1]}" {{\n{each}  input = {{\n{"".join(own)}  }}\n}}\n'
