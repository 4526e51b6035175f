import pytest

from marked_blocks import NoMarkers, filled


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    page = "a\n<!-- errors: one -->\nold\n<!-- /errors: one -->\nb\n<!-- errors: two -->\n<!-- /errors: two -->\nc\n"
    assert filled(page, "errors", {"one": r"\1 new" + "\n"}) == page.replace("old", r"\1 new")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("nothing\n", id="none"),
        pytest.param("<!-- errors: one -->\n<!-- /errors: one -->\n" * 2, id="twice"),
        pytest.param("<!-- /errors: one -->\n<!-- errors: one -->\n", id="the wrong way round"),
    ],
)
def test_a_page_without_one_pair_of_markers_is_refused(page: str) -> None:
    with pytest.raises(NoMarkers, match="'one'"):
        filled(page, "errors", {"one": "new\n"})
