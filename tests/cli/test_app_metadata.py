"""`sfmint app metadata`: an app as files for the sf CLI, and as clicks, without a session."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests

from cli.command_line import CommandLine, Ended, options
from cli.conftest import WriteFile
from local.org_administrator import hire
from sfmint_cli.apps.admin_session import TOKEN, URL
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup.components import Component
from sfmint_setup.component import PLACES
from sfmint_setup.xml_text import elements_of

if TYPE_CHECKING:
    from conftest import KeyPair

type Write = Callable[..., Ended]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "app"


@pytest.fixture
def write(sfmint: CommandLine, out: Path) -> Write:
    def run(*flags: str, **given: Any) -> Ended:
        name = given.pop("name", "my-org")
        values = {"out": out, "username": "int@acme.com"} | given
        return sfmint("app", "metadata", name, *options(values), *flags)

    return run


def written(out: Path) -> dict[str, Any]:
    """Return the elements of all files of the project by type."""
    return {
        kind: value
        for path in (out / "force-app/main/default").rglob("*-meta.xml")
        for kind, value in elements_of(path.read_bytes()).items()
    }


def test_a_project_a_pair_and_clicks_are_written_without_a_session(
    sfmint: CommandLine, write: Write, out: Path
) -> None:
    ended = write("--json", token_lifetime=1800, label="Orders & co")
    assert ended.code == 0, ended.stderr
    facts = ended.document
    key = out / "my-org.key"
    sfmint.keys.add(key.read_text())
    assert facts["private_key"] == str(key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert out.stat().st_mode & 0o777 == 0o700
    assert json.loads((out / "sfdx-project.json").read_text())["sourceApiVersion"] == "67.0"
    assert "*.key" in (out / ".gitignore").read_text()
    parts = written(out)
    assert len(parts) == 6
    assert parts["ExternalClientApplication"]["label"] == "Orders & co"
    assert parts["ExternalClientApplication"]["contactEmail"] == "int@acme.com"
    assert parts["ExtlClntAppGlobalOauthSettings"]["certificate"] == (out / "my-org.crt").read_text()
    assert parts["ExtlClntAppOauthConfigurablePolicies"]["sessionTimeoutInMinutes"] == "30"
    assert all(Path(path).is_file() for path in facts["files"])
    assert [click.partition(".")[0] for click in facts["clicks"]] == [str(at + 1) for at in range(len(facts["clicks"]))]
    said = " ".join(facts["clicks"])
    for word in ("30 minutes", "my_org_access", "int@acme.com", str(out / "my-org.crt"), "pre-authorized"):
        assert word in said


def test_every_file_lies_where_the_sf_cli_looks_for_its_type(write: Write, out: Path) -> None:
    write()
    for path in (out / "force-app").rglob("*-meta.xml"):
        [kind] = elements_of(path.read_bytes())
        assert path.parent.name == PLACES[kind].folder
        assert path.name.endswith(f".{PLACES[kind].suffix}-meta.xml")


def test_the_next_step_can_be_pasted(write: Write, out: Path) -> None:
    ended = write()
    [line] = [line for line in ended.stderr.splitlines() if line.startswith("next: ")]
    words = shlex.split(line.rpartition(": ")[2])
    assert words[:2] == ["cd", str(out)]
    assert "my_org_access" in words
    assert "int@acme.com" in words
    assert "sfmint connection add my-org --key" in ended.stdout


def test_nothing_that_is_there_is_written_over(write: Write, out: Path) -> None:
    assert write().code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    ended = write("--json")
    assert ended.document["error"]["name"] == "FileExists"
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "there", ["sfdx-project.json", "force-app/main/default/externalClientApps/my_org.eca-meta.xml"]
)
def test_one_file_that_is_there_leaves_everything_as_it_was(write: Write, out: Path, there: str) -> None:
    (out / there).parent.mkdir(parents=True)
    (out / there).write_text("mine")
    ended = write("--json")
    assert ended.document["error"]["name"] == "FileExists"
    assert [path for path in out.rglob("*") if path.is_file()] == [out / there]
    assert (out / there).read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told(write: Write, out: Path) -> None:
    out.mkdir()
    (out / "force-app").write_text("a file")
    assert "cannot be written" in write().cause
    assert [path.name for path in out.iterdir()] == ["force-app"]


def test_a_certificate_that_is_there_is_taken(
    write: Write, out: Path, certificate_file: Path, key_pair: "KeyPair"
) -> None:
    facts = write("--json", certificate=certificate_file).document
    assert written(out)["ExtlClntAppGlobalOauthSettings"]["certificate"].split() == key_pair.certificate.split()
    assert "private_key" not in facts
    assert not list(out.glob("*.key"))


def test_what_salesforce_would_refuse_as_a_certificate_is_refused_here(
    write: Write, write_file: WriteFile, out: Path, key_pair: "KeyPair", key_file: Path
) -> None:
    chain = write_file("chain.crt", key_pair.certificate * 2)
    for path in (chain, key_file, write_file("none.crt", "nothing"), Path("/nowhere.crt")):
        assert write(certificate=path).code == 1
    assert not (out / "sfdx-project.json").exists()


@pytest.mark.parametrize("label", ["<&>\"'", "ünï", "a" * 200])
def test_any_label_is_written_as_it_is(write: Write, out: Path, label: str) -> None:
    assert write(label=label).code == 0
    assert written(out)["ExternalClientApplication"]["label"] == label


def test_a_text_that_xml_cannot_say_is_refused(write: Write, out: Path) -> None:
    ended = write(label="a\x0bb")
    assert ended.code == 1
    assert "XML" in ended.cause
    assert not (out / "my-org.key").exists()


def test_a_contact_that_nobody_gave_is_told(write: Write, out: Path) -> None:
    ended = write(username=None)
    assert "--contact-email" in ended.stderr
    assert written(out)["ExternalClientApplication"]["contactEmail"] == "ops@example.com"


def test_an_old_app_is_written_bare_without_a_session_and_warned_of(write: Write, out: Path) -> None:
    ended = write("--connected-app")
    assert ended.code == 0
    assert "replaces them" in ended.stderr
    app = written(out)["ConnectedApp"]
    assert "\n" not in app["oauthConfig"]["certificate"]
    assert app["oauthConfig"]["isAdminApproved"] == "true"
    assert app["permissionSetName"] == "my_org_access"
    assert "App Manager" in ended.stdout


def test_an_old_app_is_read_with_a_session_and_stated_again(
    write: Write, out: Path, org: OrgControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"old-{uuid4().hex[:8]}"
    elements: dict[str, str | tuple[str, ...]] = {
        "label": "Theirs",
        "contactEmail": "them@example.com",
        "oauthConfig.callbackUrl": "https://theirs.example/cb",
        "oauthConfig.scopes": ("Web", "Api"),
        "oauthConfig.consumerSecret": "their consumer secret",
    }
    org.put_component(Component(type="ConnectedApp", full_name=name.replace("-", "_"), elements=elements))
    with requests.Session() as http:
        http.verify = org.ca
        monkeypatch.setenv(TOKEN, hire(org, http).token)
    monkeypatch.setenv(URL, org.url)
    host = org.url.removeprefix("https://")
    ended = write("--connected-app", name=name, ca_bundle=org.ca, allow_host=host)
    assert ended.code == 0, ended.stderr
    app = written(out)["ConnectedApp"]
    assert app["label"] == "Theirs"
    assert app["oauthConfig"]["callbackUrl"] == "https://theirs.example/cb"
    assert app["oauthConfig"]["scopes"] == ("Web", "Api", "RefreshToken")
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"their consumer secret" not in everything
