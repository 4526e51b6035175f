import inspect
import re

import pytest

from sfmint import errors
from sfmint.errors import CacheUnavailable, SfmintError

RETRYABLE = {
    "InvalidRequest": False,
    "ConnectionNotFound": False,
    "ConnectionForbidden": False,
    "InvalidCredentials": False,
    "AssertionRejected": False,
    "LoginRateExceeded": True,
    "RejectionLimited": True,
    "SalesforceUnavailable": True,
    "RefreshInProgress": True,
    "CacheUnavailable": True,
    "InternalError": False,
}


def subclasses() -> dict[str, type[SfmintError]]:
    return {kind.__name__: kind for kind in SfmintError.__subclasses__()}


def test_the_names_are_the_promised_ones_for_callers_match_them() -> None:
    assert set(subclasses()) == set(RETRYABLE)


def test_no_error_hides_behind_another() -> None:
    assert not [kind for kind in subclasses().values() if kind.__subclasses__()]


def test_the_docstring_shows_the_whole_tree_in_its_order() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    defined = [name for name, kind in vars(errors).items() if inspect.isclass(kind) and kind in subclasses().values()]
    assert drawn == defined == list(RETRYABLE)


@pytest.mark.parametrize(("name", "retryable"), RETRYABLE.items())
def test_each_class_says_whether_the_same_call_may_succeed_later(name: str, *, retryable: bool) -> None:
    assert subclasses()[name].retryable is retryable


@pytest.mark.parametrize("name", RETRYABLE)
def test_the_message_is_the_cause_and_the_remedy(name: str) -> None:
    error = subclasses()[name]("It broke.", remedy="Mend it.")
    assert (error.cause, error.remedy, str(error)) == ("It broke.", "Mend it.", "It broke. Mend it.")


def test_an_answer_of_aws_is_a_decision_only_where_it_is_said() -> None:
    assert CacheUnavailable("It broke.", remedy="Mend it.").denied is False
    assert CacheUnavailable("It broke.", remedy="Mend it.", denied=True).denied is True
