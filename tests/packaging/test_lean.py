"""tools/lean.py on builds small enough to see through."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lean

FILES = {
    "template.yaml": "Resources: {}\n",
    "TokenBroker/app.py": "import core\n\n\ndef handler(event, context):\n    return core.NAMES\n",
    "CoreLayer/python/core/__init__.py": "NAMES = frozenset({'a', 'b', 'c'})\n",
    "CoreLayer/python/core/tests/test_core.py": "",
    "DependenciesLayer/python/requirements.txt": "requests==1\n",
    "DependenciesLayer/python/requests/__init__.py": "'''Words.'''\nTEXT = 'kept'\n",
    "DependenciesLayer/python/requests/api.pyi": "",
    "DependenciesLayer/python/requests-1.dist-info/RECORD": "",
    "DependenciesLayer/python/botocore/data/endpoints.json": "{}",
    "DependenciesLayer/python/botocore/data/kms/2014-11-01/service-2.json.gz": "",
    "DependenciesLayer/python/botocore/data/ec2/2016-11-15/service-2.json.gz": "",
    "DependenciesLayer/python/botocore/tests.py": "A_MODULE = 'kept'\n",
}


def make_build(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / "build" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
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
        "DependenciesLayer/python/botocore/data/kms/2014-11-01/service-2.json.gz",
        "DependenciesLayer/python/botocore/tests.py",
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


def test_the_sizes_before_and_after_are_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lean.main([str(make_build(tmp_path))]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


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
