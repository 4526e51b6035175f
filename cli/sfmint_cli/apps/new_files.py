"""Files that are written all together or not at all, and never over what is there."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sfmint_cli.key_pair import PUBLIC
from sfmint_cli.result import Failed

_MOST_NAMED = 3


@contextmanager
def written(folder: Path, files: Mapping[str, bytes]) -> Iterator[None]:
    """Write files, and remove them again if what follows fails.

    Args:
        folder: where they are to lie.
        files: by their paths in it.

    Raises:
        Failed: one is there already, or cannot be written.
    """
    if there := [str(folder / name) for name in sorted(files) if os.path.lexists(folder / name)]:
        raise _occupied(there)
    made: list[Path] = []
    try:
        for name in sorted(files):
            _write(folder / name, files[name], made)
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise


def _write(path: Path, content: bytes, made: list[Path]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: a file or link that came to lie there meanwhile is not written through.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PUBLIC)
        made.append(path)
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
    except FileExistsError:
        raise _occupied([str(path)]) from None
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror}.", remedy="Give a folder of your own with --out."
        ) from None


def _occupied(there: list[str]) -> Failed:
    more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
    are = "are there already, and existing files are" if len(there) > 1 else "is there already, and an existing file is"
    return Failed(
        f"{', '.join(there[:_MOST_NAMED])}{more} {are} never overwritten.",
        remedy="Give an empty folder with --out; a key pair that is there already with --certificate.",
        name="FileExists",
    )
