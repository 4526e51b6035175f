"""The client alone: its wheel, which holds the shared values, botocore, and for REST requests; nothing else of ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree, ignore_patterns
from zipfile import ZipFile

import pytest

from client.answers import an_answer
from client.rest_server import RestServer, running_rest_server
from lambda_service import LambdaService, alias_arn

LAYERS = Path(__file__).parents[2] / "layers"
CLIENT, VALUES = LAYERS / "client", LAYERS / "values"
BOTOCORE = ("botocore", "dateutil", "jmespath", "six", "urllib3")
REQUESTS = ("certifi", "charset_normalizer", "idna", "requests")
FIRST, SECOND = "00D000000000001!CANARY1", "00D000000000001!CANARY2"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the distribution from a copy, so that nothing is left in the tree."""
    folder = tmp_path_factory.mktemp("client")
    for part in (CLIENT, VALUES):
        copytree(part, folder / part.name, ignore=ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=folder / CLIENT.name, check=True, capture_output=True, timeout=60)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def host() -> Iterator[RestServer]:
    with running_rest_server() as server:
        yield server


class Alone:
    """A Python that finds the wheel and the named libraries, and nothing else but its own."""

    def __init__(self, wheel: Path, folder: Path, libraries: tuple[str, ...]) -> None:
        for name in libraries:
            spec = find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            origin = Path(spec.origin)
            found = origin.parent if origin.name == "__init__.py" else origin
            (folder / found.name).symlink_to(found)
        self._path = [str(wheel), str(folder)]

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        script = f"import sys; sys.path += {self._path!r}\n{script}"
        command = [sys.executable, "-I", "-S", "-W", "error", "-c", script]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.fixture
def alone(wheel: Path, tmp_path: Path) -> Alone:
    return Alone(wheel, tmp_path, BOTOCORE)


@pytest.fixture
def alone_with_requests(wheel: Path, tmp_path: Path) -> Alone:
    return Alone(wheel, tmp_path, BOTOCORE + REQUESTS)


def test_the_wheel_holds_the_typed_package_and_needs_botocore_only(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()

    assert {"sfmint_client/py.typed", "sfmint_values/py.typed"} <= set(names)
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"sfmint_client", "sfmint_values"}
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra" not in line]
    assert [line.split()[1].partition(">")[0] for line in needs] == ["botocore"]


def test_with_botocore_alone_it_gets_a_token(alone: Alone, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(an_answer(FIRST))

    done = alone.run(f"""
from sfmint_client import TokenClient
print(TokenClient("my-org", alias_arn={alias_arn()!r}).get_token().fingerprint)
""")

    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.strip() == an_answer(FIRST)["fingerprint"]


def test_importing_it_loads_neither_requests_nor_boto3_nor_the_core() -> None:
    script = """
import sys
import sfmint_client, sfmint_client.token_client, sfmint_client.errors, sfmint_client.rest.allow_list
print({name.partition(".")[0] for name in sys.modules} & {"requests", "boto3", "sfmint", "aws_lambda_powertools"})
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() == "set()"


def test_the_layer_is_the_packages_as_they_stand(tmp_path: Path) -> None:
    subprocess.run(
        ["make", "--directory", str(LAYERS), "build-ClientLayer", f"ARTIFACTS_DIR={tmp_path}"],  # noqa: S607 - as SAM does
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"]},
    )

    built = {path.relative_to(tmp_path / "python") for path in tmp_path.rglob("*") if path.is_file()}
    packages = (CLIENT / "sfmint_client", VALUES / "sfmint_values")
    source = {path.relative_to(each.parent) for each in packages for path in each.rglob("*") if path.is_file()}
    assert built == {path for path in source if "__pycache__" not in path.parts}


def test_at_the_root_loggers_debug_no_library_prints_a_token(
    alone_with_requests: Alone, lambda_service: LambdaService, host: RestServer
) -> None:
    host.alive = {SECOND}
    lambda_service.answer_with(
        an_answer(FIRST, instance_url=host.url),
        an_answer(SECOND, instance_url=host.url),
        {"errorType": "Newer", "errorMessage": "No."},
    )

    done = alone_with_requests.run(f"""
import logging
logging.basicConfig(level=logging.DEBUG)
import requests
from sfmint_client import TokenClient
from sfmint_client.auth import SalesforceAuth
tokens = TokenClient("my-org", alias_arn={alias_arn()!r})
with requests.Session() as http:
    http.auth = SalesforceAuth(tokens)
    assert http.get({f"{host.url}/services/data"!r}, timeout=5).status_code == 200
try:
    tokens.get_token(rejected=tokens.get_token().fingerprint)
except Exception:
    logging.exception("as a careless handler does")
""")

    assert done.returncode == 0, done.stderr
    assert len(host.heard) == 2
    for speaker in ("botocore.parsers", "botocore.endpoint", "urllib3.connectionpool", "as a careless handler does"):
        assert speaker in done.stderr
    assert "CANARY" not in done.stdout + done.stderr
