"""A package index on this machine with one small wheel in it, which remembers who asked for what."""

import hashlib
import io
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zipfile import ZipFile

NAME = "made_up"
FILE = f"{NAME}-1-py3-none-any.whl"


def _wheel() -> bytes:
    text = io.BytesIO()
    with ZipFile(text, "w") as wheel:
        wheel.writestr(f"{NAME}.py", "ANSWER = 42\n")
        wheel.writestr(f"{NAME}-1.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1\n")
        wheel.writestr(f"{NAME}-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{NAME}-1.dist-info/RECORD", "")
    return text.getvalue()


class WheelIndex:
    """The index while it answers.

    Attributes:
        url: for pip and uv.
        pins: a requirements file that asks for the wheel.
        hold: while it is clear, nobody gets the wheel.
        visitors: who has come for the wheel: pip, uv.
    """

    def __init__(self, host: str) -> None:
        self.url = f"{host}/simple"
        self.wheel = _wheel()
        self.pins = f"{NAME}==1 --hash=sha256:{hashlib.sha256(self.wheel).hexdigest()}\n"
        self.hold = threading.Event()
        self.hold.set()
        self.visitors: list[str] = []

    def note(self, agent: str) -> None:
        self.visitors.append(agent.partition("/")[0])


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[WheelIndex]:
    """Serve until the block ends: as localhost over TLS, or else in plain text, also as a proxy for any host."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".whl"):
                index.note(self.headers["User-Agent"])
                index.hold.wait()
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = index.wheel if self.path.endswith(".whl") else f'<a href="/{FILE}">{FILE}</a>'.encode()
            self.send_response(200 if NAME in self.path.replace("-", "_") else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        index = WheelIndex(f"{'https' if tls else 'http'}://localhost:{server.server_port}")
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever).start()
        try:
            yield index
        finally:
            index.hold.set()
            server.shutdown()
