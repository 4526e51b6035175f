"""tools/release.py in a small repository, with a build that takes no time: what it refuses, does and leaves behind."""

import shutil
import subprocess
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
from releasing.record import Record, Tools
from releasing.repository import Repository
from releasing.version import Version

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
    "core.eol": "crlf",
    "log.showSignature": "true",
    "merge.ff": "false",
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
    seen = [kept.git(*words.split()) for words in ("rev-parse HEAD", "status --porcelain", "show-ref", "worktree list")]
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


def test_a_rebuild_that_comes_out_otherwise_fails(kept: GitRepository, builds: Builds) -> None:
    kept.git("tag", "--annotate", "v0.0.0", "--message", f"sfmint 0.0.0\n\n{Record.of('another')}")
    with pytest.raises(Failed, match="differs from the release"):
        release.rebuild(Repository(kept.root))


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


def tag_it(kept: GitRepository) -> None:
    kept.git("tag", "v0.1.0")


def say_nothing(kept: GitRepository) -> None:
    (kept.root / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n")
    kept.commit_all()


def release_a_higher_one(kept: GitRepository) -> None:
    with (kept.root / "CHANGELOG.md").open("a") as changelog:
        changelog.write("\n## [0.1.1] - 2026-01-01\n\n- Before.\n")
    kept.commit_all()


DIRTY = [change_a_file, stage_a_file, leave_a_file, remove_a_file]


@pytest.mark.parametrize(
    ("arrange", "cause"),
    [
        *((arrange, "The tree is not clean: ") for arrange in DIRTY),
        (tag_it, "The tag v0.1.0 is there already"),
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


@pytest.mark.parametrize("text", ["", "0.1", "latest", "v0.1.0", "0.1.0-rc.1"])
def test_a_version_that_is_none_is_refused(kept: GitRepository, builds: Builds, text: str) -> None:
    before = state(kept)
    assert release.main(["release", text]) == release.REFUSED
    assert state(kept) == before


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path, builds: Builds) -> None:
    with pytest.raises(Refused, match="is no clone of git"):
        release.rebuild(Repository(tmp_path))


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
