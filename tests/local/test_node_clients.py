"""Programs of Node against the embedded org: jsforce, and the sf CLI where there is one.

They are strangers to this project, so what they can do shows that the org answers as Salesforce does.
"""

import base64
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import node_packages
from local.deploying import manifest
from local.org_administrator import Administrator
from local.org_visitor import Visitor
from sfmint_local import places
from sfmint_local.child import bare_environment
from sfmint_local.org.setup.components import TYPES, Component
from sfmint_local.org.values import App

OLDEST_NODE = 18
LONGEST_S = 60


def node_version() -> int:
    """Return the version of Node, 0 where there is none."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").partition(".")[0])


def run(*words: str | Path, folder: Path, given: str = "", **variables: str) -> str:
    done = subprocess.run(
        words,
        cwd=folder,
        env=bare_environment(**variables),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def jsforce() -> Path:
    """The library with its pins, installed once into ``.local``."""
    if node_version() < OLDEST_NODE:
        pytest.skip(f"Node {OLDEST_NODE} or newer with npm is not here")
    return node_packages.installed("node") / "@jsforce/jsforce-node"


@pytest.fixture
def name() -> str:
    return f"orders{uuid4().hex[:8]}"


@pytest.fixture
def project(name: str, visitor: Visitor, tmp_path: Path) -> Path:
    """What `sfmint app metadata` writes."""
    folder = tmp_path / "project"
    words = ["app", "metadata", name, "--out", str(folder), "--username", visitor.user.username]
    run(Path(sys.executable).with_name("sfmint"), *words, folder=tmp_path)
    return folder


def packed(project: Path) -> bytes:
    """Pack a project's files as the sf CLI does: in the folders of the Metadata API, without -meta.xml."""
    source = project / "force-app/main/default"
    files = {
        str(path.relative_to(source)).removesuffix("-meta.xml"): path.read_bytes() for path in source.rglob("*.xml")
    }
    kinds = {kind.folder: kind for kind in TYPES.values()}
    parts = [
        Component(type=kinds[Path(file).parent.name].name, full_name=Path(file).stem, elements={}) for file in files
    ]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for file, data in {"package.xml": manifest(*parts).encode(), **files}.items():
            writer.writestr(file, data)
    return archive.getvalue()


def logs_in(visitor: Visitor, project: Path, name: str, consumer_key: str) -> bool:
    """Tell whether the visitor's user logs in with the app that was made of a project."""
    key = load_pem_private_key((project / f"{name}.key").read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return replace(visitor, key=key, app=App(consumer_key=consumer_key)).exchange().status_code == 200


@pytest.mark.parametrize("folder", ["mermaid", "node"])
def test_the_pins_name_hashes_and_no_address(folder: str) -> None:
    packages = json.loads((places.ROOT / f"requirements/{folder}/pins.json").read_text())["packages"]

    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_jsforce_makes_an_app_of_its_files(
    administrator: Administrator, visitor: Visitor, jsforce: Path, project: Path, name: str
) -> None:
    given = {
        "url": administrator.control.url,
        "token": administrator.token,
        "zip": base64.b64encode(packed(project)).decode(),
        "username": visitor.user.username,
        "app": name,
        "permissionSet": f"{name}_access",
    }

    script = Path(__file__).with_name("jsforce_client.js")
    ca = administrator.control.ca
    said = run("node", script, folder=project, given=json.dumps(given), JSFORCE=str(jsforce), NODE_EXTRA_CA_CERTS=ca)

    done: dict[str, Any] = json.loads(said)
    assert (done["checked"]["status"], done["checked"]["checkOnly"]) == ("Succeeded", True)
    assert (done["result"]["status"], done["result"]["numberComponentsDeployed"]) == ("Succeeded", 6)
    assert done["assigned"]["success"] is True
    assert name in done["listed"]
    assert set(done["folders"]) == {kind.folder for kind in TYPES.values()}
    own = {done["result"]["id"]: "Succeeded", done["checked"]["id"]: "Succeeded"}
    assert {request: status for request, status in done["requests"] if request in own} == own
    files = zipfile.ZipFile(io.BytesIO(base64.b64decode(done["retrieved"]))).namelist()
    assert f"unpackaged/externalClientApps/{name}.eca" in files
    assert logs_in(visitor, project, name, done["consumerKey"])


@pytest.mark.skipif(shutil.which("sf") is None, reason="the sf CLI is not here")
def test_the_sf_cli_makes_an_app_of_its_files(
    administrator: Administrator, visitor: Visitor, project: Path, name: str, tmp_path: Path
) -> None:
    variables = {
        "HOME": str(tmp_path),
        "NODE_EXTRA_CA_CERTS": administrator.control.ca,
        "SF_AUTOUPDATE_DISABLE": "true",
        "SF_DISABLE_LOG_FILE": "true",
        "SF_DISABLE_TELEMETRY": "true",
        "SF_ORG_METADATA_REST_DEPLOY": "true",
        "SF_SKIP_NEW_VERSION_CHECK": "true",
        "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    }

    def sf(words: str, **more: str) -> Any:
        """Type words, and return the result that the CLI tells."""
        return json.loads(run("sf", *shlex.split(words), "--json", folder=project, **variables, **more))["result"]

    url, username = administrator.control.url, visitor.user.username
    text = f"SELECT Assignee.Username FROM PermissionSetAssignment WHERE PermissionSet.Name = '{name}_access'"  # noqa: S608
    sf(f"org login access-token --instance-url {url} --no-prompt --alias local", SF_ACCESS_TOKEN=administrator.token)
    deployed = sf("project deploy start --target-org local")
    sf(f"org assign permset --name {name}_access --target-org local --on-behalf-of {username}")
    held = sf(f'data query --target-org local --query "{text}"')
    retrieved = sf("project retrieve start --target-org local --metadata ExtlClntAppGlobalOauthSettings")
    (settings,) = [file for file in retrieved["files"] if file["fullName"] == f"{name}_global"]
    (key,) = re.findall(r"<consumerKey>(.+?)</consumerKey>", Path(settings["filePath"]).read_text())
    words = f"org login jwt --client-id {key} --jwt-key-file {name}.key --username {username} --instance-url {url}"
    logged_in = sf(words, SF_AUDIENCE_URL=url)

    assert (deployed["status"], deployed["numberComponentErrors"]) == ("Succeeded", 0)
    assert [row["Assignee"]["Username"] for row in held["records"]] == [username]
    assert logged_in["username"] == username
