"""One REST request as a command line says it, and its answer as a terminal or a file takes it."""

import json
import os
import sys
import tempfile
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NoReturn

import click

from sfmint_cli import render
from sfmint_cli.result import Failed
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.request import LARGEST_BODY
from sfmint_values.foreign import Foreign

JSON_TYPE = "application/json"


def pairs(texts: Sequence[Foreign], mark: str, option: str) -> dict[str, str]:
    """Return names and values of options such as `q=SELECT Id FROM Account` or `Sforce-Query-Options: batchSize=200`.

    Raises:
        click.UsageError: one has no name, or stands twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, is_there, value = text.partition(mark)
        name = name.strip()
        if not is_there or not name or name in found:
            raise click.UsageError(f"{option} wants a name, {mark!r} and a value, and each name once.")
        found[name] = value.strip() if mark == ":" else value
    return found


def body_of(data: Foreign | None) -> bytes | None:
    """Return the body: text as it is, of a file after @, or of stdin for -.

    Raises:
        Failed: the file cannot be read, or is longer than a body may be.
    """
    if data is None:
        return None
    if data == "-":
        return _bounded(sys.stdin.buffer, "stdin")
    if not data.startswith("@"):
        return data.encode(errors="surrogateescape")
    path = Path(data[1:])
    try:
        with path.open("rb") as file:
            return _bounded(file, str(path))
    except FileNotFoundError:
        raise Failed(f"There is no file {path}.", remedy="Check --data: after @ it is a path.") from None
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}.", remedy="Give a file that you may read.") from None


def _bounded(file: IO[bytes], name: str) -> bytes:
    read = file.read(LARGEST_BODY + 1)
    if len(read) > LARGEST_BODY:
        raise Failed(
            f"{name} holds more than {LARGEST_BODY // 1024**2} MiB, which no request may.",
            remedy="Send it in parts; Bulk API 2.0 takes many a job.",
        )
    return read


def with_type(headers: Mapping[str, str], body: bytes | None) -> dict[str, str]:
    """Return the headers, with JSON as the body's type where they name none."""
    is_named = any(name.lower() == "content-type" for name in headers)
    return {**headers, **({} if body is None or is_named else {"Content-Type": JSON_TYPE})}


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a new file that you alone may read (0600); it takes its place only if the block ends well.

    What a link names stays as it is; the link gives way.

    Raises:
        Failed: it cannot be made, or something that is no file has that name: a device would be replaced for everybody.
    """
    if path.exists() and not path.is_file():
        raise Failed(
            f"{path} is no file.",
            remedy="Give the path of a file with --output, or leave it out: the body goes to stdout then.",
        )
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    except OSError as error:
        _cannot_write(path, error)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException as error:
        with suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            _cannot_write(path, error)
        raise


def _cannot_write(path: Path, error: OSError) -> NoReturn:
    raise Failed(
        f"{path} cannot be written: {error.strerror}.",
        remedy="Give another path with --output; its folder has to be there.",
    ) from None


def content_of(answer: RestAnswer) -> bytes:
    """Return an answer's body as bytes: JSON on one line, text and others as they are."""
    if answer.body_base64 is not None:
        return b64decode(answer.body_base64)
    if answer.body is None:
        return b""
    if isinstance(answer.body, str) and "json" not in answer.headers.get("content-type", JSON_TYPE):
        return answer.body.encode(errors="surrogatepass")
    return json.dumps(answer.body, ensure_ascii=False).encode(errors="surrogatepass") + b"\n"


def show(answer: RestAnswer) -> None:
    """Print an answer's body: for a person with line breaks, and without what steers a terminal; for a program as it is."""
    if not sys.stdout.isatty():
        click.echo(content_of(answer), nl=False)
    elif answer.body_base64 is not None:
        render.say(f"{len(content_of(answer))} bytes that are no text: write them to a file with --output.")
    elif isinstance(answer.body, str):
        render.lines(answer.body.splitlines())
    elif answer.body is not None:
        render.lines(json.dumps(answer.body, indent=2, ensure_ascii=False).splitlines())
    if answer.body is None and answer.body_base64 is None:
        render.say(f"Salesforce answered {answer.status_code}, without a body.")
