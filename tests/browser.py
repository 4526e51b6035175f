"""A headless Chromium, driven over WebDriver (https://www.w3.org/TR/webdriver2/), that reaches this machine only."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from sfmint_local.server_thread import in_a_thread

ENTER = "\ue007"  # WebDriver's name for the key
_FLAGS = (
    "--headless",
    "--no-sandbox",  # for root, as in most containers
    "--disable-gpu",
    "--disable-dev-shm-usage",  # which is small in containers
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
LONGEST_S = 30


def missing_programs() -> list[str]:
    """Return which programs of a browser are not on this machine."""
    return [name for name in ("chromium", "chromedriver") if not shutil.which(name)]


class Browser:
    """One window.

    Args:
        session: over which the driver is asked.
        url: of the window's session at the driver.
    """

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session = session
        self._url = url

    def open(self, address: str) -> None:
        """Load a page to its end, and forget what was requested and complained of before."""
        self.ask("url", url="about:blank")
        self.requested()
        self.complaints()
        self.ask("url", url=address)

    def run(self, script: str, *arguments: object) -> Any:
        """Run JavaScript in the page, and return what it returns."""
        return self.ask("execute/sync", script=script, args=arguments)

    def until(self, script: str, *arguments: object) -> Any:
        """Run JavaScript again and again until what it returns is true, and return that."""
        wait = f"""
            const [done, ...given] = [arguments[arguments.length - 1], ...arguments];
            const look = () => {{ const seen = (function() {{ {script} }}).apply(null, given);
                                  if (seen) done(seen); else setTimeout(look, 20); }};
            look();"""
        return self.ask("execute/async", script=wait, args=arguments)

    def type(self, text: str) -> None:
        """Type where the cursor is."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.ask("actions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def requested(self) -> list[str]:
        """Return the addresses that the window has asked since the page was opened, or the last look; those of workers too."""
        entries = [json.loads(entry["message"])["message"] for entry in self.ask("se/log", type="performance")]
        return [
            entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Return what the browser has complained of since the page was opened, or the last look."""
        return [entry["message"] for entry in self.ask("se/log", type="browser") if entry["level"] == "SEVERE"]

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Give every node of the page, those behind closed shadow roots too."""
        found = self.ask("goog/cdp/execute", cmd="DOM.getDocument", params={"depth": -1, "pierce": True})
        waiting = [found["root"]]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += [*node.get("children", []), *node.get("shadowRoots", [])]

    def ask(self, command: str, **parameters: object) -> Any:
        """Send a command of WebDriver, and return its value."""
        answer = self._session.post(f"{self._url}/{command}", json=parameters, timeout=LONGEST_S)
        assert answer.ok, f"{command}: {answer.json()['value']['message']}"
        return answer.json()["value"]


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile, and end it."""
    with _driver() as driver, requests.Session() as session:
        session.trust_env = False  # the driver is on this machine, whatever proxy there is
        options = {"binary": shutil.which("chromium"), "args": [*_FLAGS, f"--user-data-dir={profile}"]}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
            "timeouts": {"script": LONGEST_S * 1000, "pageLoad": LONGEST_S * 1000},
        }
        answer = session.post(f"{driver}/session", json={"capabilities": {"alwaysMatch": wanted}}, timeout=LONGEST_S)
        assert answer.ok, answer.json()["value"]["message"]
        url = f"{driver}/session/{answer.json()['value']['sessionId']}"
        try:
            yield Browser(session, url)
        finally:
            session.delete(url, timeout=LONGEST_S)


@contextmanager
def _driver() -> Iterator[str]:
    """Start the browser's driver on a free port, and give its address."""
    command = ["chromedriver", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        try:
            started = next(found for line in process.stdout if (found := re.search(r"on port (\d+)\.", line)))
            yield f"http://127.0.0.1:{started[1]}"
        finally:
            process.terminate()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the files of a folder on this machine, and give their address."""

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server, in_a_thread(server):
        yield f"http://127.0.0.1:{server.server_port}"
