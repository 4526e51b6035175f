"""Each reader keeps what its docstring says, for the same few hundred inputs in every run; `make fuzz` goes further."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fuzz.target import Target, is_fit_to_show, read
from fuzz.targets import TARGETS

FEW = settings(max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


def each(*targets: Target) -> list[Any]:
    return [pytest.param(one, id=one.name) for one in targets]


@pytest.mark.parametrize("target", each(*TARGETS))
def test_a_reader_keeps_its_word(target: Target) -> None:
    FEW(given(target.inputs)(target.check))()


@pytest.mark.parametrize("target", each(*(target for target in TARGETS if target.found())))
def test_what_was_found_once_is_found_no_more(target: Target) -> None:
    for found in target.found():
        target.check(found)


def test_no_two_targets_share_a_name() -> None:
    assert len({target.name for target in TARGETS}) == len(TARGETS) >= 27


def test_whatever_gets_out_is_a_finding_even_a_panic() -> None:
    class Panic(BaseException):
        """As a library of Rust raises it."""

    def panics() -> None:
        raise Panic("byte 4 of the key")

    with pytest.raises(AssertionError, match=r"Panic got out"):
        read(panics, ValueError)


def test_what_is_named_has_to_be_fit_to_show() -> None:
    def breaks_the_line() -> None:
        raise ValueError("two\nlines")

    with pytest.raises(AssertionError):
        read(breaks_the_line, ValueError)
    with pytest.raises(UnicodeEncodeError):
        "\ud800".encode()
    with pytest.raises(AssertionError):
        is_fit_to_show("\ud800")
