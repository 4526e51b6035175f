"""tools/lean.py on builds small enough to see through."""

import gzip
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import lean

ENDPOINTS = {
    "version": 3,
    "partitions": [{"partition": "aws", "services": {"ec2": {"endpoints": {}}, "ssm": {"endpoints": {}}}}],
}
MODEL = {
    "documentation": "<p>Words.</p>",
    "operations": {"GetParameter": {"output": {"shape": "Document"}}, "SendCommand": {"input": {"shape": "Command"}}},
    "shapes": {
        "Command": {"type": "string"},
        "String": {"type": "string"},
        "Document": {
            "type": "structure",
            "members": {"documentation": {"shape": "String", "documentation": "<p>More.</p>"}},
        },
    },
}
FILES = {
    "template.yaml": "Resources: {}\n",
    "TokenBroker/app.py": "import core\n\n\ndef handler(event, context):\n    return core.NAMES\n",
    "CoreLayer/python/core/__init__.py": "NAMES = frozenset({'a', 'b', 'c'})\n",
    "CoreLayer/python/core/tests/test_core.py": "",
    "DependenciesLayer/python/requirements.txt": "requests==1\n",
    "DependenciesLayer/python/requests/__init__.py": "'''Words.'''\nTEXT = 'kept'\n",
    "DependenciesLayer/python/requests/api.pyi": "",
    "DependenciesLayer/python/requests-1.dist-info/RECORD": "",
    "DependenciesLayer/python/botocore/data/endpoints.json": json.dumps(ENDPOINTS),
    "DependenciesLayer/python/botocore/data/ssm/2014-11-06/examples-1.json": "{}",
    "DependenciesLayer/python/botocore/data/ec2/2016-11-15/paginators-1.json": "{}",
    "DependenciesLayer/python/botocore/tests.py": "A_MODULE = 'kept'\n",
    "DependenciesLayer/python/aws_lambda_powertools/logging/__init__.py": "",
    "DependenciesLayer/python/aws_lambda_powertools/event_handler/__init__.py": "",
    "DependenciesLayer/python/aws_lambda_powertools/utilities/__init__.py": "",
    "DependenciesLayer/python/aws_lambda_powertools/utilities/jmespath_utils/__init__.py": "",
    "DependenciesLayer/python/aws_lambda_powertools/utilities/parser/__init__.py": "",
    "DependenciesLayer/python/pycparser/__init__.py": "",
    "DependenciesLayer/python/botocore/cacert.pem": "",
    "DependenciesLayer/python/dateutil/zoneinfo/dateutil-zoneinfo.tar.gz": "",
}
SSM = "DependenciesLayer/python/botocore/data/ssm/2014-11-06/service-2.json"


def make_build(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / "build" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "build" / f"{SSM}.gz").write_bytes(gzip.compress(json.dumps(MODEL).encode()))
    (folder / "build.toml").write_text("")
    return folder / "build"


def contents(build: Path) -> dict[str, bytes]:
    return {path.relative_to(build).as_posix(): path.read_bytes() for path in build.rglob("*") if path.is_file()}


def test_what_nothing_reads_is_gone_and_the_rest_is_there(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    lean.make_lean(build)
    assert {name for name in contents(build) if not name.endswith(".pyc")} == {
        "template.yaml",
        "TokenBroker/app.py",
        "CoreLayer/python/core/__init__.py",
        "DependenciesLayer/python/requests/__init__.py",
        "DependenciesLayer/python/botocore/data/endpoints.json",
        SSM,
        "DependenciesLayer/python/botocore/tests.py",
        "DependenciesLayer/python/aws_lambda_powertools/logging/__init__.py",
        "DependenciesLayer/python/aws_lambda_powertools/utilities/__init__.py",
        "DependenciesLayer/python/aws_lambda_powertools/utilities/jmespath_utils/__init__.py",
    }


@pytest.mark.parametrize("tag", ["cpython-312", "cpython-314", "pypy313", None])
def test_another_python_than_lambdas_touches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tag: str | None
) -> None:
    build = make_build(tmp_path)
    before = contents(build)
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name="other", cache_tag=tag))
    assert lean.main([str(build)]) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"error: Lambda runs CPython 3\.13, and .* is .*\. Use make, which finds the right one, .*", said
    )
    assert contents(build) == before


def test_botocores_data_is_what_clients_are_made_from_and_no_more(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    lean.make_lean(build)
    kept = contents(build)
    endpoints = json.loads(kept["DependenciesLayer/python/botocore/data/endpoints.json"])
    assert endpoints == {"version": 3, "partitions": [{"partition": "aws", "services": {"ssm": {"endpoints": {}}}}]}
    member = {"documentation": {"shape": "String"}}  # by that name, and not what describes it
    assert json.loads(kept[SSM]) == {
        "operations": {"GetParameter": {"output": {"shape": "Document"}}},
        "shapes": {"String": {"type": "string"}, "Document": {"type": "structure", "members": member}},
    }


def test_two_builds_in_two_folders_are_equal(tmp_path: Path) -> None:
    one, other = make_build(tmp_path / "one"), make_build(tmp_path / "another/folder")
    lean.make_lean(one)
    lean.make_lean(other)
    assert contents(one) == contents(other)


def test_doing_it_twice_changes_nothing(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    lean.make_lean(build)
    once = contents(build)
    lean.make_lean(build)
    assert contents(build) == once


def test_every_module_has_byte_code_that_no_date_can_spoil(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    lean.make_lean(build)
    for source in build.rglob("*.py"):
        code = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert int.from_bytes(code[4:8], "little") == 0b01, source  # PEP 552: by hash, and unchecked


def test_the_byte_code_names_lambdas_folders_and_not_the_builders(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    lean.make_lean(build)
    codes = {name: code for name, code in contents(build).items() if name.endswith(".pyc")}
    assert not [name for name, code in codes.items() if str(tmp_path).encode() in code]
    [core] = [code for name, code in codes.items() if "/core/" in name]
    [app] = [code for name, code in codes.items() if "/app." in name]
    assert b"/opt/python/core/__init__.py" in core
    assert b"/var/task/app.py" in app


def test_a_source_tree_is_refused_and_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = make_build(tmp_path)
    (tmp_path / "build.toml").unlink()
    before = contents(build)
    assert lean.main([str(build)]) == 1
    assert contents(build) == before
    assert "Run `make build`" in capsys.readouterr().err


def test_a_module_that_does_not_compile_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = make_build(tmp_path)
    (build / "TokenBroker/app.py").write_text("def handler(:\n")
    assert lean.main([str(build)]) == 1
    assert "app.py" in capsys.readouterr().err


def test_what_each_artefact_weighs_is_told_and_equal_builds_tell_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lean.main([str(make_build(tmp_path / "one"))]) == 0
    head, *lines = (one := capsys.readouterr().out).splitlines()
    assert head.split() == ["files", "unzipped", "zipped", "sha256"]
    assert [line.split()[0] for line in lines] == ["CoreLayer", "DependenciesLayer", "TokenBroker"]
    assert lean.main([str(make_build(tmp_path / "other"))]) == 0
    assert capsys.readouterr().out == one
    (tmp_path / "other/build/TokenBroker/app.py").write_text("HANDLER = None\n")
    assert lean.main([str(tmp_path / "other/build")]) == 0
    assert [a == b for a, b in zip(capsys.readouterr().out.splitlines(), one.splitlines(), strict=True)] == [
        True,
        True,
        True,
        False,
    ]


def test_a_lean_function_runs_from_its_byte_code_alone(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    lean.make_lean(build)
    moved = shutil.move(build, tmp_path / "elsewhere")
    for source in Path(moved).rglob("*.py"):
        source.write_text("raise SystemExit('the source was read')\n")
    code = "import sys; sys.path[:0] = sys.argv[1:]; import app; print(sorted(app.handler({}, None)))"
    paths = [f"{moved}/TokenBroker", f"{moved}/CoreLayer/python"]
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, *paths], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("['a', 'b', 'c']", "")
