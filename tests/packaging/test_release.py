"""tools/release.py in a small repository, with a build that takes no time: what it refuses, does and leaves behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import release
from git_repository import ALONE, SOMEBODY, GitRepository
from releasing import dist
from releasing.building import Builder
from releasing.errors import Failed, Refused
from releasing.git import Git
from releasing.made import Made
from releasing.record import Record, Tools
from releasing.repository import Repository
from releasing.version import Version
from sfmint_local import places

NOW = datetime(2026, 11, 29, 10, 42, tzinfo=UTC)
FIRST = Version(0, 1, 0)
FILES = {
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n- All is new.\n",
    "pyproject.toml": '[project]\nname = "sfmint"\nversion = "0.0.0"\n',
    "layers/client/pyproject.toml": '[project]\nname = "sfmint-client"\nversion = "0.0.0"\n',
    ".gitignore": "/dist/\n/.dist-*/\n",
}


PERSONAL = {
    "color.ui": "always",
    "column.ui": "always",
    "core.autocrlf": "true",
    "core.commentChar": "p",
    "core.eol": "crlf",
    "core.safecrlf": "true",
    "log.showSignature": "true",
    "merge.ff": "false",
    "merge.verifySignatures": "true",
    "tar.umask": "0777",
}


class Builds:
    """In place of the real build: what was built is the commit's files, and `broken` says what goes wrong."""

    def __init__(self) -> None:
        self.broken: Callable[[], Any] = lambda: None
        self.trees: list[Path] = []

    def __call__(self, builder: Builder, commit: str, folder: Path) -> None:
        self.trees.append(builder.tree)
        self.broken()
        for path in sorted(builder.tree.rglob("*")):
            if path.is_file():
                (folder / path.name).write_bytes(path.read_bytes())
        (folder / "build.json").write_text(f"{commit} {builder.epoch}")
        (folder / dist.CHECKSUMS).write_text(dist.checksums(folder))


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    for name, value in {**SOMEBODY, **ALONE}.items():
        monkeypatch.setenv(name, value)
    builds = Builds()
    monkeypatch.setattr(dist, "make", builds)
    return builds


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    kept = GitRepository(tmp_path / "tree")
    for name, text in FILES.items():
        (kept.root / name).parent.mkdir(parents=True, exist_ok=True)
        (kept.root / name).write_text(text)
    kept.commit_all()
    monkeypatch.setattr(release, "ROOT", kept.root)
    return kept


def state(kept: GitRepository) -> tuple[str, ...]:
    """Return all that a release may change."""
    asked = ("rev-parse HEAD", "-c core.fsmonitor=false status --porcelain", "show-ref", "worktree list")
    seen = [kept.git(*words.split()) for words in asked]
    files = [path.read_text() for path in sorted(kept.root.glob("dist/*"))]
    return (*seen, *files, *sorted(path.name for path in kept.root.iterdir()))


def test_a_release_is_a_commit_with_its_version_built_and_tagged(kept: GitRepository, builds: Builds) -> None:
    before = kept.git("rev-parse", "HEAD")
    release.release(Repository(kept.root), FIRST, NOW)
    assert kept.git("rev-parse", "v0.1.0^{commit}", "HEAD").split() == [kept.git("rev-parse", "HEAD").strip()] * 2
    assert kept.git("rev-parse", "HEAD^") == before
    assert kept.git("log", "-1", "--format=%s") == "Release 0.1.0\n"
    assert kept.git("cat-file", "-t", "v0.1.0") == "tag\n"
    assert kept.git("status", "--porcelain") == ""
    assert "\n## [Unreleased]\n\n## [0.1.0] - 2026-11-29\n\n- All is new.\n" in (kept.root / "CHANGELOG.md").read_text()
    assert (kept.root / "dist/pyproject.toml").read_text().count('version = "0.1.0"') == 1
    assert (kept.root / "dist/build.json").read_text() == f"{kept.git('rev-parse', 'HEAD').strip()} 1790000000"
    assert not any(tree.is_relative_to(kept.root) or tree.exists() for tree in builds.trees)


def test_a_rebuild_says_whether_it_is_the_release(
    kept: GitRepository, builds: Builds, capsys: pytest.CaptureFixture[str]
) -> None:
    release.rebuild(Repository(kept.root))
    assert "has no tag v0.0.0, so this is nobody's release" in capsys.readouterr().out
    release.release(Repository(kept.root), FIRST, NOW)
    before = state(kept)
    release.rebuild(Repository(kept.root))
    assert state(kept) == before
    assert capsys.readouterr().out.endswith("This is v0.1.0, byte for byte.\n")


def test_a_rebuild_with_other_tools_builds_nothing(kept: GitRepository, builds: Builds) -> None:
    record = Record(Tools("3.13.99", "1.2"), "0" * 64)
    kept.git("tag", "--annotate", "v0.0.0", "--message", f"sfmint 0.0.0\n\n{record}")
    with pytest.raises(Refused, match=r"built with Python 3\.13\.99 and zlib 1\.2, and here are Python"):
        release.rebuild(Repository(kept.root))
    assert builds.trees == []


def test_a_rebuild_that_comes_out_otherwise_fails_and_does_not_replace_what_is_there(
    kept: GitRepository, builds: Builds
) -> None:
    kept.git("tag", "--annotate", "v0.0.0", "--message", f"sfmint 0.0.0\n\n{Record.of('another')}")
    (kept.root / "dist").mkdir()
    (kept.root / "dist/good").touch()
    with pytest.raises(Failed, match=r"differs from the release.* It is in \.dist-otherwise"):
        release.rebuild(Repository(kept.root))
    assert [path.name for path in (kept.root / "dist").iterdir()] == ["good"]
    assert (kept.root / ".dist-otherwise" / dist.CHECKSUMS).is_file()


@pytest.mark.parametrize("step", range(8))
def test_wherever_it_is_interrupted_there_is_a_whole_release_or_nothing_is_changed(
    kept: GitRepository, builds: Builds, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    release.rebuild(Repository(kept.root))
    before, steps = state(kept), iter(range(step + 1))
    asked, put = Git.octets, Made.put

    def interrupt() -> None:
        if next(steps, None) == step:
            os.kill(os.getpid(), signal.SIGINT)

    def octets(git: Git, *words: str, given: bytes | None = None) -> bytes:
        said = asked(git, *words, given=given)
        if builds.trees[1:]:  # at the end, when all is built
            interrupt()
        return said

    def put_away(made: Made, place: Path) -> None:
        interrupt()
        put(made, place)
        interrupt()

    monkeypatch.setattr(Git, "octets", octets)
    monkeypatch.setattr(Made, "put", put_away)
    code = release.main(["release", "0.1.0"])
    monkeypatch.undo()
    if code == release.INTERRUPTED:
        assert state(kept) == before
    else:
        assert code == release.DONE
        assert kept.git("rev-parse", "v0.1.0^{commit}") == kept.git("rev-parse", "HEAD")
        assert (kept.root / "dist/build.json").read_text().startswith(kept.git("rev-parse", "HEAD").strip())
        assert kept.git("status", "--porcelain") == ""


def test_files_that_cannot_be_put_in_place_end_the_release_and_nothing_is_changed(
    kept: GitRepository, builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    release.rebuild(Repository(kept.root))
    before, rename = state(kept), Path.rename

    def fail(path: Path, to: Path) -> Path:
        if path.name == "dist" and to == kept.root / "dist":
            raise OSError
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail)
    assert release.main(["release", "0.1.0"]) == release.FAILED
    monkeypatch.setattr(Path, "rename", rename)
    assert state(kept) == before


def change_a_file(kept: GitRepository) -> None:
    (kept.root / "pyproject.toml").write_text("changed")


def stage_a_file(kept: GitRepository) -> None:
    (kept.root / "new.py").write_text("")
    kept.git("add", "new.py")


def leave_a_file(kept: GitRepository) -> None:
    kept.git("config", "status.showUntrackedFiles", "no")
    (kept.root / "new.py").write_text("")


def remove_a_file(kept: GitRepository) -> None:
    (kept.root / "pyproject.toml").unlink()


def change_what_git_shall_overlook(kept: GitRepository, how: str) -> None:
    kept.git("update-index", how, "pyproject.toml")
    change_a_file(kept)


def assume_it_unchanged(kept: GitRepository) -> None:
    change_what_git_shall_overlook(kept, "--assume-unchanged")


def skip_it(kept: GitRepository) -> None:
    change_what_git_shall_overlook(kept, "--skip-worktree")


def let_a_monitor_see_nothing(kept: GitRepository) -> None:
    monitor = kept.root / ".git/monitor"
    monitor.write_text("#!/bin/sh\nprintf 'token\\0'\n")
    monitor.chmod(0o700)
    kept.git("config", "core.fsmonitor", str(monitor))
    kept.git("status")
    change_a_file(kept)


def tag_another_case(kept: GitRepository) -> None:
    kept.git("tag", "V0.1.0")


def call_a_branch_so(kept: GitRepository) -> None:
    kept.git("branch", "v0.1.0")


def leave_the_branch(kept: GitRepository) -> None:
    kept.git("checkout", "--quiet", "--detach")


def commit_a_link(kept: GitRepository) -> None:
    (kept.root / "linked").symlink_to("/etc/hostname")
    kept.commit_all()


def leave_a_commit_without_its_tag(kept: GitRepository) -> None:
    kept.git("commit", "--quiet", "--allow-empty", "--message", "Release 0.1.0")


def tag_it(kept: GitRepository) -> None:
    kept.git("tag", "v0.1.0")


def say_nothing(kept: GitRepository) -> None:
    (kept.root / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n")
    kept.commit_all()


def release_a_higher_one(kept: GitRepository) -> None:
    with (kept.root / "CHANGELOG.md").open("a") as changelog:
        changelog.write("\n## [0.1.1] - 2026-01-01\n\n- Before.\n")
    kept.commit_all()


DIRTY = [
    change_a_file,
    stage_a_file,
    leave_a_file,
    remove_a_file,
    assume_it_unchanged,
    skip_it,
    let_a_monitor_see_nothing,
]


@pytest.mark.parametrize(
    ("arrange", "cause"),
    [
        *((arrange, "The tree is not clean: ") for arrange in DIRTY),
        (tag_it, "The tag v0.1.0 is there already"),
        (tag_another_case, "The tag V0.1.0 is there already"),
        (call_a_branch_so, "A branch is called v0.1.0, as the tag would be."),
        (leave_the_branch, "No branch is checked out"),
        (commit_a_link, "'linked' is a link or a repository of its own."),
        (say_nothing, "CHANGELOG.md says nothing under [Unreleased]."),
        (release_a_higher_one, "0.1.0 is not above 0.1.1"),
    ],
)
def test_what_stands_against_a_release_is_said_in_one_line_and_nothing_is_changed(
    kept: GitRepository,
    builds: Builds,
    capsys: pytest.CaptureFixture[str],
    arrange: Callable[[GitRepository], None],
    cause: str,
) -> None:
    arrange(kept)
    before = state(kept)
    assert release.main(["release", "0.1.0"]) == release.REFUSED
    said = capsys.readouterr().err
    assert said.startswith(f"error: {cause}")
    assert said.count("\n") == 1
    assert state(kept) == before
    assert builds.trees == []


@pytest.mark.parametrize("arrange", DIRTY)
def test_a_tree_that_is_not_clean_is_not_rebuilt(
    kept: GitRepository, builds: Builds, arrange: Callable[[GitRepository], None]
) -> None:
    arrange(kept)
    assert release.main(["dist"]) == release.REFUSED
    assert builds.trees == []


@pytest.mark.parametrize("text", ["", "0.1", "latest", "v0.1.0", "0.1.0-rc.1", "0.1.0\n", "9" * 5000])
def test_a_version_that_is_none_is_refused(
    kept: GitRepository, builds: Builds, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    before = state(kept)
    assert release.main(["release", text]) == release.REFUSED
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert len(said) < 200
    assert state(kept) == before


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path, builds: Builds) -> None:
    with pytest.raises(Refused, match="is no clone of git"):
        release.rebuild(Repository(tmp_path))


def test_a_folder_in_another_clone_is_refused(kept: GitRepository, builds: Builds) -> None:
    with pytest.raises(Refused, match="is no clone of git, but a folder of another"):
        release.rebuild(Repository(kept.root / "layers"))


def test_an_author_is_not_guessed(kept: GitRepository, builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SOMEBODY:
        monkeypatch.delenv(name)
    before = state(kept)
    assert release.main(["release", "0.1.0"]) == release.FAILED
    assert state(kept) == before
    assert builds.trees == []


def test_the_commit_of_a_run_that_was_killed_is_taken_back_as_it_is_said(
    kept: GitRepository, builds: Builds, capsys: pytest.CaptureFixture[str]
) -> None:
    release.release(Repository(kept.root), FIRST, NOW)
    kept.git("tag", "--delete", "v0.1.0")
    assert release.main(["release", "0.1.0"]) == release.REFUSED
    [command] = re.findall(r"git (reset [^.]+)\.", capsys.readouterr().err)
    kept.git(*command.split())
    assert release.main(["release", "0.1.0"]) == release.DONE


def interrupted() -> None:
    raise KeyboardInterrupt


def failed() -> None:
    raise Failed("It does not compile. Correct it.")


@pytest.mark.parametrize(("broken", "code"), [(failed, release.FAILED), (interrupted, release.INTERRUPTED)])
def test_a_build_that_fails_leaves_the_repository_and_dist_as_they_were(
    kept: GitRepository, builds: Builds, broken: Callable[[], None], code: int
) -> None:
    release.rebuild(Repository(kept.root))
    before = state(kept)
    builds.broken = broken
    assert release.main(["release", "0.1.0"]) == code
    assert state(kept) == before


def test_somebody_who_commits_meanwhile_is_not_overrun(kept: GitRepository, builds: Builds) -> None:
    builds.broken = lambda: kept.git("commit", "--allow-empty", "--message", "Meanwhile")
    assert release.main(["release", "0.1.0"]) == release.FAILED
    assert kept.git("log", "-1", "--format=%s") == "Meanwhile\n"
    assert kept.git("tag") == ""


def nobody_can_sign(kept: GitRepository) -> None:
    kept.git("config", "tag.gpgSign", "true")
    kept.git("config", "gpg.program", "false")


@pytest.mark.parametrize("arrange", [tag_it, nobody_can_sign])
def test_a_tag_that_cannot_be_set_leaves_the_branch_and_dist_as_they_were(
    kept: GitRepository, builds: Builds, arrange: Callable[[GitRepository], None]
) -> None:
    builds.broken = lambda: arrange(kept)
    files = [kept.git(*words) for words in (("rev-parse", "HEAD"), ("status", "--porcelain"))]
    assert release.main(["release", "0.1.0"]) == release.FAILED
    assert [kept.git(*words) for words in (("rev-parse", "HEAD"), ("status", "--porcelain"))] == files
    assert not (kept.root / "dist").exists()


def test_no_hook_of_a_person_runs(kept: GitRepository, builds: Builds) -> None:
    for name in ("pre-commit", "commit-msg", "post-checkout", "post-merge", "reference-transaction"):
        hook = kept.root / ".git/hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o700)
    release.release(Repository(kept.root), FIRST, NOW)


def test_a_persons_settings_do_not_reach_what_is_exported(kept: GitRepository, builds: Builds) -> None:
    for name, value in PERSONAL.items():
        kept.git("config", name, value)
    release.rebuild(Repository(kept.root))
    assert (kept.root / "dist/CHANGELOG.md").read_bytes() == FILES["CHANGELOG.md"].encode()


def test_what_a_clone_has_beside_its_commits_does_not_reach_what_is_exported(
    kept: GitRepository, builds: Builds
) -> None:
    commit = kept.git("rev-parse", "HEAD").strip()
    kept.git("commit", "--quiet", "--allow-empty", "--message", "Another")
    (kept.root / "CHANGELOG.md").write_text("Another.")
    kept.commit_all()
    kept.git("replace", commit, "HEAD")
    kept.git("--no-replace-objects", "reset", "--quiet", "--hard", commit)
    (kept.root / ".git/info/attributes").write_text("pyproject.toml export-ignore\n*.md ident eol=crlf\n")
    release.rebuild(Repository(kept.root))
    assert (kept.root / "dist/CHANGELOG.md").read_bytes() == FILES["CHANGELOG.md"].encode()
    assert (kept.root / "dist/pyproject.toml").is_file()


def test_a_persons_variables_do_not_reach_what_is_built_but_the_way_to_an_index_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nenv > "$2/variables"\n')
    python.chmod(0o700)
    own = {
        "HATCH_BUILD_NO_HOOKS": "1",
        "LANG": "tr_TR.ISO-8859-9",
        "LC_ALL": "tr_TR.ISO-8859-9",
        "MAKEFLAGS": "n",
        "PIP_INDEX_URL": "https://index.example",
        "PYTHONHASHSEED": "7",
        "SAM_CLI_BETA_BUILD_PERFORMANCE": "1",
        "SOURCE_DATE_EPOCH": "7",
        "TZ": "Asia/Tokyo",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    Builder(tree=tmp_path, sam=python, tested=python, epoch=1790000000).bills(tmp_path)
    given = dict(line.split("=", 1) for line in (tmp_path / "variables").read_text().splitlines())
    kept = {name: given.get(name) for name in own if given.get(name) == own[name]}
    assert kept == {"PIP_INDEX_URL": "https://index.example"}
    assert given["SOURCE_DATE_EPOCH"] == "1790000000"


@pytest.mark.parametrize("text", ["$(shell touch made)`touch made`", "';touch made;\"", "--help", "0.1.0\n0.2.0"])
def test_make_carries_out_nothing_of_a_version(tmp_path: Path, text: str) -> None:
    shown = f"shown: ; @{sys.executable} -c \"import os, sys; sys.stdout.write(os.environ['VERSION'])\""
    makefile = str(places.ROOT / "Makefile")
    command = ["make", "--no-print-directory", "--file", makefile, "--eval", shown, "shown", f"VERSION={text}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here, so nothing can be signed")
def test_a_persons_settings_and_signatures_disturb_neither_a_release_nor_its_rebuild(
    kept: GitRepository, builds: Builds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "signing"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)  # noqa: S607
    signing = {"gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true", "tag.gpgSign": "true"}
    for name, value in {**PERSONAL, **signing}.items():
        kept.git("config", name, value)
    release.release(Repository(kept.root), FIRST, NOW)
    assert "BEGIN SSH SIGNATURE" in kept.git("cat-file", "tag", "v0.1.0")
    release.rebuild(Repository(kept.root))
    assert capsys.readouterr().out.endswith("This is v0.1.0, byte for byte.\n")
