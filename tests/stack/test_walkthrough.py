"""docs/runbooks/refused-at-1042.md: what it shows of three refused calls is what an operator sees."""

import pytest

from marked_blocks import filled
from sfmint_local.embedded_stack import EmbeddedStack
from walkthrough_page import CAUSES, PAGE, TOPIC, block, masked, walk


@pytest.mark.parametrize("cause", CAUSES)
def test_an_operator_sees_what_the_page_shows(stack: EmbeddedStack, connection: str, cause: str) -> None:
    page = PAGE.read_text()
    shown = block(walk(stack, cause, connection), connection)
    assert masked(filled(page, TOPIC, {cause: shown})) == masked(page)
