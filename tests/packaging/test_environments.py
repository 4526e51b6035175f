"""tools/environments.py in a tree of its own, with pins of one small wheel and an index on this machine."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.peers import authority
from installers import Environment
from sfmint_local import places
from sfmint_local.child import bare_environment
from wheel_index import NAME, WheelIndex, serving

UNREACHABLE = "http://127.0.0.1:9/simple"  # the port of a service that nobody runs
FELL_BACK = re.compile(r"uv does not work here \((.*)\); pip goes on, which takes minutes\n")


@pytest.fixture(scope="module")
def installers() -> Path:
    """The environment of uv and pip that this tree has, or has from now on."""
    code = "import environments, installers\nwith environments._alone(): installers.Installers()"
    subprocess.run([sys.executable, "-c", code], cwd=places.ROOT / "tools", check=True)
    return places.LOCAL / "venvs" / "uv"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WheelIndex]:
    context, _ = authority(tmp_path)
    with serving(context) as index:
        yield index


class Tree:
    """A tree that has nothing but tools and pins."""

    def __init__(self, root: Path, index: WheelIndex) -> None:
        self.root = root
        shutil.copytree(places.ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "requirements").mkdir()
        for name in ("lambda", "ministack", "sam"):
            self.pin(name, index.pins)
        self.pin("uv", (places.ROOT / "requirements/uv.txt").read_text())
        # As on the machine of a person who has told pip of an index, and uv of nothing.
        self.variables = bare_environment(
            PIP_CERT=str(root.parent / "authority.pem"),
            PIP_CONFIG_FILE=os.devnull,
            PIP_INDEX_URL=index.url,
            PIP_NO_CACHE_DIR="1",
            UV_CACHE_DIR=str(root / "cache"),
            UV_HTTP_CONNECT_TIMEOUT="60",  # this machine may be busy with other tests
            UV_HTTP_TIMEOUT="60",
        )

    def pin(self, name: str, pins: str) -> None:
        (self.root / "requirements" / f"{name}.txt").write_text(pins)

    def use(self, installers: Path) -> None:
        (self.root / ".local/venvs").mkdir(parents=True)
        (self.root / ".local/venvs/uv").symlink_to(installers)
        pins = self.root / "requirements/uv.txt"
        os.utime(pins, (0, 0))  # older than what it has made

    def start(self, *names: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, self.root / "tools/environments.py", *names],
            env={**self.variables, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def make(self, *names: str, **variables: str) -> tuple[int, str]:
        with self.start(*names, **variables) as process:
            said, _ = process.communicate(timeout=60)
        return process.returncode, said

    def answer_in(self, name: str) -> str:
        """Returns what the wheel's module says in an environment."""
        python = self.root / ".local/venvs" / name / "bin/python"
        return subprocess.run(
            [python, "-B", "-c", f"import {NAME}; print({NAME}.ANSWER)"], capture_output=True, text=True, check=False
        ).stdout

    def byte_code_in(self, name: str) -> list[str]:
        return [path.name for path in (self.root / ".local/venvs" / name).rglob(f"{NAME}*.pyc")]


@pytest.fixture
def tree(tmp_path: Path, index: WheelIndex, installers: Path) -> Tree:
    tree = Tree(tmp_path / "tree", index)
    tree.use(installers)
    return tree


def test_uv_asks_the_index_that_pip_is_set_to(tree: Tree, index: WheelIndex) -> None:
    status, said = tree.make("sam", "lambda")

    assert status == 0
    assert re.fullmatch(
        r"making \.local/venvs/sam \(the SAM CLI\) \.* \d+\.\d s\n"
        r"making \.local/venvs/lambda \(the Lambda functions\) \.* \d+\.\d s\n",
        said,
    )
    assert set(index.visitors) == {"uv"}
    assert (tree.answer_in("sam"), tree.answer_in("lambda")) == ("42\n", "42\n")
    assert (tree.byte_code_in("sam"), tree.byte_code_in("lambda")) == ([], [f"{NAME}.cpython-313.pyc"])


def test_uv_goes_through_the_proxy_that_pip_is_set_to(tree: Tree) -> None:
    with serving() as proxy:
        status, said = tree.make("sam", PIP_PROXY=proxy.url, PIP_INDEX_URL="http://index.invalid/simple")

    assert status == 0, said
    assert set(proxy.visitors) == {"uv"}


def test_what_is_ready_is_left_alone_until_its_pins_change(tree: Tree, index: WheelIndex) -> None:
    tree.make("sam")
    assert tree.make("sam") == (0, "")

    tree.pin("sam", f"# anew\n{index.pins}")

    assert tree.make("sam")[1].startswith("making .local/venvs/sam")


def test_an_environment_that_holds_the_project_is_ready_until_another_package_of_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("installers.ROOT", tmp_path)
    project, pins = tmp_path / "pyproject.toml", tmp_path / "pins.txt"
    pins.touch()
    said = '[build-system]\n[project]\n[tool.hatch.build]\ndev-mode-dirs = ["cli"]\n'
    project.write_text(said)
    environment = Environment(folder=tmp_path / "env", pins=pins, purpose="a test", project=True)
    with environment.made_anew("--without-pip"):
        pass

    project.write_text(f"{said}[tool.ruff]\n")
    assert environment.is_ready
    project.write_text(said.replace('"cli"', '"cli", "layers"'))
    assert not environment.is_ready


def test_an_environment_whose_python_is_gone_is_made_anew(tree: Tree) -> None:
    tree.make("sam")
    (tree.root / ".local/venvs/sam/bin/python").unlink()

    assert tree.make("sam")[1].startswith("making .local/venvs/sam")
    assert tree.answer_in("sam") == "42\n"


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"UV_DEFAULT_INDEX": UNREACHABLE}, r"Connection refused.*"),
        ({"UV_PYTHON_PREFERENCE": "made-up"}, "For more information, try '--help'."),
        ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "WHEELS"}, "pip may ask no index"),
    ],
)
def test_where_uv_fails_pip_goes_on_and_uv_is_not_asked_again(
    tree: Tree, index: WheelIndex, variables: Mapping[str, str], reason: str
) -> None:
    wheels = tree.root / "wheels"
    wheels.mkdir()
    (wheels / "made_up-1-py3-none-any.whl").write_bytes(index.wheel)
    began = time.monotonic()

    status, said = tree.make("sam", "lambda", **{k: v.replace("WHEELS", str(wheels)) for k, v in variables.items()})

    assert status == 0
    [seen] = FELL_BACK.findall(said)
    assert re.fullmatch(reason, seen)
    assert set(index.visitors) <= {"pip"}
    assert (tree.answer_in("sam"), tree.answer_in("lambda")) == ("42\n", "42\n")
    assert time.monotonic() - began < 30
    assert tree.make("sam", "lambda") == (0, "")


def test_where_uv_cannot_be_installed_pip_goes_on(tmp_path: Path, index: WheelIndex) -> None:
    tree = Tree(tmp_path / "tree", index)

    status, said = tree.make("sam")

    assert status == 0
    assert re.search(r"No matching distribution found for uv==", said)
    assert len(FELL_BACK.findall(said)) == 1
    assert tree.answer_in("sam") == "42\n"


def test_a_wheel_with_another_hash_makes_no_environment(tree: Tree, index: WheelIndex) -> None:
    tree.pin("sam", f"{NAME}==1 --hash=sha256:{'0' * 64}\n")

    for _ in range(2):
        status, said = tree.make("sam")
        assert status == 1
        assert "error: .local/venvs/sam (the SAM CLI) could not be made. Correct what pip says" in said
        assert "Traceback" not in said

    tree.pin("sam", index.pins)
    assert tree.make("sam")[0] == 0
    assert tree.answer_in("sam") == "42\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_environment_is_not_ready(
    tree: Tree, index: WheelIndex, number: signal.Signals, status: int
) -> None:
    tree.make("sam")
    tree.pin("sam", f"# anew\n{index.pins}")
    tree.variables["UV_CACHE_DIR"] += "-empty"
    index.visitors.clear()
    index.hold.clear()
    with tree.start("sam") as process:
        while not index.visitors:
            time.sleep(0.02)
        process.send_signal(number)
        said, _ = process.communicate(timeout=10)
    index.hold.set()

    assert process.returncode == status
    assert "Traceback" not in said
    assert tree.make("sam")[1].startswith("making .local/venvs/sam")
    assert tree.answer_in("sam") == "42\n"


def test_two_at_once_make_an_environment_once(tree: Tree, index: WheelIndex) -> None:
    index.hold.clear()
    with tree.start("sam") as first:
        while not index.visitors:
            time.sleep(0.02)
        with tree.start("sam") as second:
            assert second.stdout
            assert second.stdout.readline() == "waiting for another make that makes environments here\n"
            index.hold.set()
            assert second.communicate(timeout=30)[0] == ""
        assert first.wait(30) == second.returncode == 0
    assert tree.answer_in("sam") == "42\n"


def test_the_demo_makes_no_environment_that_it_does_not_run() -> None:
    [made] = re.findall(r"tools/environments\.py (.*)", make(f"PYTHON={sys.executable}", "--dry-run", "demo")[1])

    assert made.split() == ["local", "sam", "ministack", "lambda"]


def test_another_python_is_refused_before_anything_is_made() -> None:
    status, said = make("PYTHON=no-such-python", "setup")

    assert status == 2
    assert "error: Python 3.13 is needed and 'no-such-python' is not it. Install it, or name it" in said


def test_a_python_that_is_another_one_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "python3.13"  # by its name it is the right one
    pretend = (
        "import sys, types, runpy; sys.implementation = types.SimpleNamespace(cache_tag='pypy313'); sys.argv.pop(0)"
    )
    run = "exec(sys.argv[1]) if sys.argv[0] == '-c' else runpy.run_path(sys.argv[0], run_name='__main__')"
    other.write_text(f'#!/bin/sh\nexec {sys.executable} -P -c "{pretend}; {run}" "$@"\n')
    other.chmod(0o755)

    status, said = make(f"PYTHON={other}", "build")
    direct = subprocess.run(
        [other, "tools/environments.py", "sam"], cwd=places.ROOT, capture_output=True, text=True, check=False
    )

    assert status == 2
    assert f"error: Python 3.13 is needed and '{other}' is not it. Install it, or name it" in said
    assert direct.returncode == 1
    assert direct.stderr.startswith("error: Lambda runs CPython 3.13, and ")
    assert direct.stderr.count("\n") == 1


def make(*words: str) -> tuple[int, str]:
    # A make above us has flags of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", *words]
    done = subprocess.run(command, cwd=places.ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
