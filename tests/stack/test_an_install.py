"""A release, installed as docs/install.md says: files in a bucket, a change set of plain CloudFormation, and no clone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive import packed
from build_size import artefacts
from deploying.template import Template
from releasing import dist
from releasing.building import Builder
from sfmint_local import artefact, places
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.functions import Functions
from sfmint_local.org.values import App, User

STACK, BUCKET, PREFIX = "installed", "releases", "sfmint-release/"


class BuiltAlready(Builder):
    """Packs what the session's stack runs: tests/packaging/test_build.py builds in earnest."""

    def archives(self, architecture: str) -> dict[str, bytes]:
        native = b"" if architecture == artefact.ARCHITECTURE else architecture.encode()
        built = {folder.name: packed(folder) for folder in artefacts(places.ARTEFACT)}
        return built | {"DependenciesLayer": built["DependenciesLayer"] + native}

    def wheels(self, folder: Path) -> None:
        pass

    def bills(self, folder: Path) -> None:
        pass


@pytest.fixture(scope="module")
def files(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a release, in a folder and in a bucket."""
    folder = tmp_path_factory.mktemp("dist")
    with artefact.held():
        dist.make(BuiltAlready(tree=places.ROOT, sam=Path(), tested=Path(), epoch=0), "0" * 40, folder)
    stack.aws.s3.create_bucket(Bucket=BUCKET)
    for path in folder.iterdir():
        stack.aws.s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}{path.name}", Body=path.read_bytes())
    return folder


class Installed:
    """A stack that plain CloudFormation has made of the files."""

    def __init__(self, stack: EmbeddedStack, files: Path) -> None:
        self.aws, self.org = stack.aws, stack.org
        [template] = [path.name for path in files.glob("sfmint-*.yaml") if "-sar" not in path.name]
        self._url = f"{stack.aws.endpoint_url}/{BUCKET}/{PREFIX}{template}"
        self.functions = Functions(stack.aws, STACK, stack.functions.tokens, stack.functions.said)

    def change(self, kind: str, **parameters: str) -> None:
        """Change the stack by a change set, as the page has it typed."""
        name = f"build-{parameters['BuildId']}"
        given: Any = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        cloudformation: Any = self.aws.cloudformation
        cloudformation.create_change_set(
            StackName=STACK,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateURL=self._url,
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=given,
        )
        named = {"StackName": STACK, "ChangeSetName": name}
        cloudformation.get_waiter("change_set_create_complete").wait(**named, WaiterConfig={"Delay": 1})
        cloudformation.execute_change_set(**named)
        cloudformation.get_waiter(f"stack_{kind.lower()}_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})

    def connect(self, stack: EmbeddedStack, connection: str) -> None:
        """Give a connection its app, its user and its secret."""
        given = stack.credentials(connection)
        app = self.org.put_app(App(certificate=str(given["certificate"])))
        user = self.org.put_user(User(username=f"{connection}@{STACK}.example"))
        self.org.approve(app.consumer_key, user.username)
        fields = {**given, "consumer_key": app.consumer_key, "username": user.username}
        self.aws.secrets.create_secret(Name=f"sfmint/{STACK}/{connection}", SecretString=json.dumps(fields))

    def code(self, function: str) -> dict[str, Any]:
        return dict(self.aws.functions.get_function(FunctionName=f"{STACK}-{function}:live")["Configuration"])


@pytest.fixture
def installed(stack: EmbeddedStack, files: Path) -> Iterator[Installed]:
    yield Installed(stack, files)
    stack.aws.cloudformation.delete_stack(StackName=STACK)


def test_a_release_is_installed_serves_and_is_changed_by_cloudformation_alone(
    stack: EmbeddedStack, installed: Installed, connection: str
) -> None:
    host = stack.org.url.removeprefix("https://")
    given = {
        "CodeBucket": BUCKET,
        "Connections": connection,
        "Architecture": artefact.ARCHITECTURE,
        "TokenHosts": host,
        "RefreshRate": "rate(1 hour)",
        "BuildId": "00",
    }
    installed.change("CREATE", **given)
    installed.connect(stack, connection)
    assert installed.functions.broker(connection)["source"] == "minted"
    assert installed.functions.broker(connection)["source"] != "minted"
    assert installed.functions.broker(connection, action="status")["build"] == "00"

    before = installed.code("token-broker")
    installed.change("UPDATE", **given | {"BuildId": "01", "LogLevel": "DEBUG"})
    assert installed.functions.broker(connection, action="status")["build"] == "01"
    after = installed.code("token-broker")
    assert (after["CodeSha256"], after["Layers"]) == (before["CodeSha256"], before["Layers"])


def test_the_sam_cli_packages_the_template_of_the_application_repository(
    stack: EmbeddedStack, files: Path, tmp_path: Path
) -> None:
    [template] = files.glob("sfmint-*-sar.yaml")
    packaged = tmp_path / "packaged.yaml"
    words = ["--s3-bucket", BUCKET, "--s3-prefix", "sar", "--output-template-file", str(packaged)]
    command: list[str | Path] = [places.SAM, "package", "--language-extensions", "--template-file", template, *words]
    artefact.sam_deploy(command, environment=stack.aws.environment(), log=tmp_path / "log", folder=tmp_path)
    content = Template.parse(packaged.read_text()).content
    application = content["Metadata"]["AWS::ServerlessRepo::Application"]
    kept = {application["LicenseUrl"]: (files / "LICENSE").read_bytes()}
    for name, said in content["Resources"].items():
        code = said.get("Properties", {}) if isinstance(said, dict) else {}
        for uri in (code.get("CodeUri"), code.get("ContentUri")):
            if uri:
                [local] = [path for path in files.glob(f"{name}-*.zip") if "x86_64" not in path.name]
                kept[uri] = local.read_bytes()
    assert len(kept) == 1 + len(artefacts(places.ARTEFACT))
    for uri, octets in kept.items():
        key = uri.removeprefix(f"s3://{BUCKET}/")
        assert stack.aws.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == octets
