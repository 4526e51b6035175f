"""docs/calling.md and the client's README: every Python block, against the real broker on moto and the embedded org."""

from pathlib import Path
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from client.real_broker import cloud, orders, stack
from functions.stack import Stack

__all__ = ["cloud", "orders", "stack"]

ROOT = Path(__file__).parents[2]


def run(page: str) -> dict[str, Any]:
    """Run the page's Python blocks in order and return what they leave behind."""
    document = Sybil([PythonCodeBlockParser()], path=str(ROOT), pattern=page).parse(ROOT / page)
    for example in document.examples():
        example.evaluate()
    return dict(document.namespace)


def test_every_block_of_the_page_does_what_it_says(orders: Stack) -> None:
    said = run("docs/calling.md")

    url = orders.customer.control.url
    assert said["handler"]({}, None)["where"] == url
    assert said["names"] == sorted(said["names"])
    assert len(said["names"]) == 3
    assert len(said["energy"]) == 12
    assert said["answer"]["access_token"] == said["token"].access_token
    assert said["token"].expires_in >= 400
    assert len(said["records"]) == 1
    assert said["auth"]
    assert orders.customer.logins == 1


def test_what_the_page_makes_heals_when_the_session_ends(orders: Stack) -> None:
    said = run("docs/calling.md")
    orders.customer.control.end_sessions(username=orders.customer.username)

    assert len(said["sf"].query("SELECT Name FROM Account LIMIT 2")["records"]) == 2
    assert len(said["accounts"](2)) == 2
    assert orders.customer.logins == 2


def test_the_clients_readme_does_what_it_says(orders: Stack) -> None:
    said = run("layers/client/README.md")

    assert said["token"].instance_url == orders.customer.control.url
    assert said["headers"]["Authorization"].startswith("Bearer 00D")
