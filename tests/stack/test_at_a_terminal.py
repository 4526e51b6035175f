"""`sfmint app create` at a pseudo-terminal, as docs/app-create.md shows it."""

import re
from pathlib import Path

from app_create_page import PAGE, create_at_a_terminal, page, transcript
from sfmint_local.embedded_stack import EmbeddedStack


def test_a_person_sees_what_the_page_shows_and_a_token_is_served(
    stack: EmbeddedStack, unset_connection: str, tmp_path: Path
) -> None:
    run = create_at_a_terminal(stack, unset_connection, tmp_path)

    assert run.code == 0, run.shown
    assert page(transcript(run, unset_connection, tmp_path)) == PAGE.read_text()
    assert stack.functions.broker(unset_connection)["fingerprint"] in run.shown
    assert not re.search(r"00D\w{12,15}!|PRIVATE KEY", run.shown)
