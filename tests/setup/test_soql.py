"""A value in a query is a value, whatever it is."""

from hypothesis import given
from hypothesis import strategies as st

from sfmint_local.org.soql import Query
from sfmint_setup.soql import quoted, select

_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def meant(literal: str) -> str:
    """Read a literal as the SOQL reference says."""
    assert literal[0] == literal[-1] == "'"
    read, escaped = [], False
    for char in literal[1:-1]:
        assert escaped or char != "'", literal
        if escaped:
            read.append(_SIGNS.get(char, char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            read.append(char)
    assert not escaped, literal
    return "".join(read)


@given(value=st.text(st.sampled_from("'\\\"\n\r\t ab%_()=")) | st.text())
def test_a_literal_means_the_value_and_ends_where_it_ends(value: str) -> None:
    assert meant(quoted(value)) == value


@given(
    first=st.text(st.sampled_from("'\\\" OR=%{}ab01")),
    second=st.text(st.sampled_from("'\\\" AND{}ab0")),
)
def test_a_parser_of_soql_reads_two_conditions_and_no_more(first: str, second: str) -> None:
    query = Query.parse(select("Id", "User", "Username = {} AND Alias = {}", first, second, rest="LIMIT 1"))
    assert [(each.path, each.values) for each in query.conditions] == [("Username", (first,)), ("Alias", (second,))]
    assert query.limit == 1
    assert not query.any_of_them
