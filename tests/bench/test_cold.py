"""Cold starts: what a fresh process sees, and the footing that contenders share."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import authority_folder
from sfmint_bench.artefacts import Artefact
from sfmint_bench.cold import start_command
from sfmint_bench.footing import Footing, equal_footing
from sfmint_local.environments import BareStack
from sfmint_local.errors import LocalStackError

LOOKING = """
import importlib.util, sys
import beside
SEEN = [name for name in ("botocore", "sfmint_bench", "gates") if importlib.util.find_spec(name)]
SEEN += [name for name in ("site",) if name in sys.modules]
def handler(event, context):
    return {"source": [context.invoked_function_arn.rpartition(":")[2], beside.WORD, *SEEN]}
"""
READING = """
import json, os, sys
import boto3
answer = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET_ID"])
told = {"fields": sorted(json.loads(answer["SecretString"])), "endpoint": os.environ["AWS_ENDPOINT_URL"]}
open(sys.argv[-1], "w").write(json.dumps(told))
"""

type StartCold = Callable[[Artefact], dict[str, Any]]


@pytest.fixture
def start_cold(tmp_path: Path) -> StartCold:
    def start(artefact: Artefact) -> dict[str, Any]:
        file = tmp_path / "measured.json"
        subprocess.run([*start_command(artefact, "orders"), file], check=True, env={})
        measured: dict[str, Any] = json.loads(file.read_text())
        return measured

    return start


@pytest.fixture
def artefact(tmp_path: Path) -> Artefact:
    function, layer = tmp_path / "function", tmp_path / "layer"
    for folder, name, text in ((function, "app.py", LOOKING), (layer, "beside.py", "WORD = 'layer'\n")):
        folder.mkdir()
        (folder / name).write_text(text)
    return Artefact(name="looking", folders=(function, layer))


@pytest.fixture(scope="module")
def footing() -> Iterator[Footing]:
    with BareStack("test-bench") as stack, equal_footing(stack, "orders") as footing:
        yield footing


def test_a_cold_start_sees_its_function_and_layers_and_nothing_else(start_cold: StartCold, artefact: Artefact) -> None:
    assert start_cold(artefact)["source"] == ["orders", "layer"]


def test_a_cold_start_is_told_phase_by_phase_in_seconds_of_cpu_time(start_cold: StartCold, artefact: Artefact) -> None:
    phases = start_cold(artefact)["phases_s"]
    assert list(phases) == ["interpreter", "import", "first call"]
    assert sum(phases.values()) > 0


def test_byte_code_is_used_unchecked(start_cold: StartCold, artefact: Artefact) -> None:
    artefact.compile()
    (artefact.folders[1] / "beside.py").write_text("WORD = 'changed since'\n")
    assert start_cold(artefact)["source"] == ["orders", "layer"]


def test_a_copy_without_byte_code_is_compiled_anew(start_cold: StartCold, artefact: Artefact, tmp_path: Path) -> None:
    artefact.compile()
    whole = artefact.copied(tmp_path / "whole", "whole")
    bare = artefact.copied(tmp_path / "bare", "bare", byte_code=False)
    for copy in (whole, bare):
        (copy.folders[1] / "beside.py").write_text("WORD = 'changed since'\n")
    assert start_cold(whole)["source"] == ["orders", "layer"]
    assert start_cold(bare)["source"] == ["orders", "changed since"]


def test_an_authority_is_trusted_beside_those_of_the_build(artefact: Artefact, tmp_path: Path) -> None:
    certifi = artefact.folders[1] / "certifi"
    certifi.mkdir()
    for name in ("cacert.pem", "further.pem"):
        trustme.CA().cert_pem.write_to_path(certifi / name)
    authority_folder.write(certifi / "cacert.pem", certifi / "authorities")
    before = set((certifi / "authorities").iterdir())
    artefact.trust(certifi / "further.pem")
    [added] = set((certifi / "authorities").iterdir()) - before
    assert added.read_text().split() == (certifi / "further.pem").read_text().split()


def test_everybody_meets_aws_over_tls_and_rivals_find_their_secret(footing: Footing) -> None:
    told = footing.measured([sys.executable, "-c", READING])
    assert told["endpoint"].startswith("https://")
    assert {"consumer_key", "username", "private_key", "token_host", "audience", "domain"} <= set(told["fields"])


def test_a_process_that_fails_is_an_error_that_quotes_its_end(footing: Footing) -> None:
    with pytest.raises(LocalStackError, match="no such thing"):
        footing.measured([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_a_forgotten_token_has_no_row(footing: Footing) -> None:
    footing.stack.put_row("orders", {"fence": 1})
    footing.forget_token("orders")
    assert footing.stack.row("orders") is None
