"""What `sfmint explain` says of key_rotation's errors is what their classes say."""

import inspect

import pytest

from cli.command_line import CommandLine
from key_rotation.errors import RotationError
from sfmint_cli.rotation_words import ROTATION_WORDS

KINDS = {kind.__name__: kind for kind in RotationError.__subclasses__()}


def test_each_error_of_the_function_is_explained() -> None:
    assert {row.means.name for row in ROTATION_WORDS} == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_an_error_is_explained_in_the_words_of_its_class(sfmint: CommandLine, name: str) -> None:
    kind = KINDS[name]
    found = sfmint("explain", f'{{"errorType": "{name}", "errorMessage": "Something. Do it."}}', "--json").document
    assert found["name"] == name
    assert found["cause"] == (inspect.getdoc(kind) or "").partition("\n\n")[0]
    assert found["again"] == ("yes" if kind.retryable else "no")
