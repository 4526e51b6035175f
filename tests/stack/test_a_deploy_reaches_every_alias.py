"""Whatever a deploy changes, every connection's alias runs it afterwards. A second stack shows it, in a copy of the tree."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest

from deploying import commands
from deploying.artefact import SAM
from deploying.commands import Job
from deploying.console import Console
from lean import make_lean
from samconfig import Environment
from sfmint_local import artefact, places
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.functions import Functions
from stack.trees import copy_tree

pytestmark = pytest.mark.stack

CONNECTIONS = ("my-org", "other")
PARAMETERS = {
    "Connections": ",".join(CONNECTIONS),
    "Architecture": artefact.ARCHITECTURE,
}
# A plain deploy has no build id to answer; the changed layer makes one up.
CHANGE = '\nimport os\n\nos.environ["SFMINT_BUILD"] = os.environ["SFMINT_BUILD"] or "the changed layer"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A copy of the working tree that is deployed as a stack of its own."""

    root: Path
    stack: str
    environment: Mapping[str, str]
    functions: Functions
    said: StringIO = field(default_factory=StringIO)

    def sam(self, *words: str) -> None:
        command = [str(SAM), *words, "--config-env", "local"]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def deploy_plainly(self) -> None:
        overrides = [f"{name}={value}" for name, value in PARAMETERS.items()]
        self.sam("build", "--parameter-overrides", *overrides)
        make_lean(self.root / ".aws-sam/build")  # quicker to upload and to start; it publishes nothing
        self.sam("deploy", "--stack-name", self.stack, "--parameter-overrides", *overrides, 'BuildId=""')

    def job(self, parameters: Mapping[str, str] | None = None, *removed: str, plan: bool = False) -> Job:
        return Job(
            target=Environment.read(self.root / "samconfig.toml", "local").named(self.stack),
            env="local",
            console=Console(out=self.said, agreed=True),
            parameters=parameters or {},
            removed=removed,
            plan=plan,
            root=self.root,
            variables=self.environment,
        )

    def deploy(self, parameters: Mapping[str, str] | None = None, *removed: str) -> str:
        return commands.deploy(self.job(parameters, *removed))

    def builds(self) -> list[str]:
        return [self.functions.broker(name, action="status")["build"] for name in CONNECTIONS]

    def variables(self, name: str) -> list[str]:
        client = self.functions.aws.functions
        arns = [self.functions.broker_arn(connection) for connection in CONNECTIONS]
        answers = [client.get_function_configuration(FunctionName=arn) for arn in arns]
        return [answer["Environment"]["Variables"][name] for answer in answers]


@pytest.fixture
def tree(stack: EmbeddedStack, tmp_path: Path) -> Iterator[Tree]:
    root, name = tmp_path / "tree", "sfmint-again"
    copy_tree(root)
    path = f"{places.ROOT / '.venv/bin'}:{os.environ['PATH']}"
    environment = {**os.environ, **stack.aws.environment(), **artefact.SAM_SETTINGS, "PATH": path}
    tree = Tree(root=root, stack=name, environment=environment, functions=Functions(stack.aws, name))
    try:
        yield tree
    finally:
        stack.aws.cloudformation.delete_stack(StackName=name)


def test_a_changed_layer_by_a_plain_deploy_and_a_changed_parameter_by_ours(tree: Tree) -> None:
    tree.deploy_plainly()
    assert tree.builds() == ["", ""]

    with (tree.root / "layers/core/sfmint/__init__.py").open("a") as core:
        core.write(CHANGE)
    tree.deploy_plainly()
    assert tree.builds() == ["the changed layer", "the changed layer"]

    before = tree.variables("SFMINT_MEMORY_TRUST_SECONDS")
    build = tree.deploy({"MemoryTrustSeconds": "7"})
    assert (before, tree.variables("SFMINT_MEMORY_TRUST_SECONDS")) == (["30", "30"], ["7", "7"])
    assert tree.builds() == [build, build]
