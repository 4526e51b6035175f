"""What a class of error says: one sentence, one remedy, and whether the same call may succeed later."""

import re

import pytest

import sfmint_client.errors
from sfmint import errors
from sfmint_cli.error_classes import BY_NAME, OF_THE_BROKER, OF_THE_CLIENT, again, sentence_of


def test_every_class_of_core_and_client_is_known_by_its_name() -> None:
    kinds = [*errors.SfmintError.__subclasses__(), *sfmint_client.errors.SfmintError.__subclasses__()]
    assert {kind.__name__ for kind in kinds} == BY_NAME.keys()
    assert len(kinds) == 2 * len(OF_THE_BROKER) + len(OF_THE_CLIENT)  # the client has a twin of each of the broker's


@pytest.mark.parametrize("name", BY_NAME)
def test_it_has_a_sentence_a_remedy_and_a_retry_class(name: str) -> None:
    kind = BY_NAME[name]
    for text in (sentence_of(kind), kind.usual_remedy):
        assert re.fullmatch(r"[A-Z].*[^.\s]\.", text)
        assert "  " not in text
    assert again(kind) in {"no", "yes", "after a pause"}
    assert (again(kind) != "no") is kind.retryable


def test_no_remedy_is_written_down_twice() -> None:
    twins = [vars(sfmint_client.errors)[name] for name in OF_THE_BROKER]
    assert {twin.usual_remedy for twin in twins} == {""}
    remedies = [kind.usual_remedy for kind in BY_NAME.values()]
    assert len(set(remedies)) == len(remedies)


@pytest.mark.parametrize("name", OF_THE_BROKER)
def test_the_clients_twin_may_be_called_again_just_as_the_brokers(name: str) -> None:
    assert vars(sfmint_client.errors)[name].retryable is OF_THE_BROKER[name].retryable
