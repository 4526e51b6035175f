"""A fault of a field is data: a stack tells it of its secret, a command line of its options and files."""

import re
from pathlib import Path
from string import Formatter

import pytest

from sfmint.errors import InvalidCredentials
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import OF_THE_STACK, Field, Vocabulary
from sfmint_cli.options import KeyPaths
from sfmint_cli.vocabulary import OF_OPTIONS, failure_of

PATHS = KeyPaths(key=Path("my/orders.key"), certificate=Path("my/orders.crt"))
WORDS = {field.name for field in Vocabulary.__dataclass_fields__.values()} | {"Store", "field"} | set(Field)


def a_fault(kind: Fault, field: Field | None = Field.PRIVATE_KEY) -> CredentialFault:
    """Return a fault with something for each of its details."""
    places = {name for sentence in kind.value for _, name, _, _ in Formatter().parse(sentence) if name}
    return CredentialFault(kind, field, **dict.fromkeys(places - WORDS, "this"))


def test_a_stack_speaks_of_its_secret_and_a_command_line_of_its_files() -> None:
    fault = CredentialFault(Fault.DAMAGED, Field.PRIVATE_KEY)
    error = fault.to_error("orders")
    assert type(error) is InvalidCredentials
    assert str(error) == (
        "In the secret of connection 'orders', private_key is damaged. Store the whole file as it was made."
    )
    failed = failure_of(fault, PATHS)
    assert str(failed) == "my/orders.key is damaged. Give the whole file as it was made."
    assert failed.name == "InvalidCredentials"


def test_a_field_of_another_field_is_named_by_each_in_its_own_way() -> None:
    fault = CredentialFault(Fault.OF_ANOTHER_KEY, Field.CERTIFICATE)
    assert "certificate is of another key than private_key." in fault.to_error("orders").cause
    assert failure_of(fault, PATHS).cause == "my/orders.crt is of another key than my/orders.key."


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        (Field.TOKEN_HOST, "--token-host is empty, or not a text."),
        (Field.PRIVATE_KEY_PASSPHRASE, "The passphrase is empty, or not a text."),
        (None, "What was given is empty, or not a text."),
    ],
)
def test_what_is_no_file_is_an_option(field: Field | None, cause: str) -> None:
    assert failure_of(CredentialFault(Fault.NO_TEXT, field), PATHS).cause == cause


def test_the_whole_secret_is_told_without_a_field() -> None:
    error = CredentialFault(Fault.MISSING_FIELDS, names="username").to_error("orders")
    assert str(error) == "The secret of connection 'orders' lacks username. Add what is missing."


OF_A_FIELD = [(kind, field) for kind in Fault for field in Field]
OF_THE_WHOLE = [(kind, None) for kind in Fault if not any("{field}" in sentence for sentence in kind.value)]


@pytest.mark.parametrize(("kind", "field"), [*OF_A_FIELD, *OF_THE_WHOLE])
def test_every_kind_is_told_in_whole_sentences_by_both(kind: Fault, field: Field | None) -> None:
    fault = a_fault(kind, field)
    error, failed = fault.to_error("orders"), failure_of(fault, PATHS)
    for text in (error.cause, error.remedy, failed.cause, failed.remedy):
        assert re.fullmatch(r"\S.*[^.\s]\.", text)
        assert not set("{}") & set(text)
        assert "  " not in text
    assert not re.search(r"\b[Ss]tore\b|of connection 'orders'|[a-z]_[a-z]", f"{failed}")


def test_no_two_kinds_are_one() -> None:
    assert len(Fault.__members__) == len(Fault)


def test_a_detail_is_never_read_for_places() -> None:
    error = CredentialFault(Fault.UNKNOWN_FIELDS, names="{private_key}", known="{x}").to_error("orders")
    assert "has unknown fields: {private_key}." in error.cause


@pytest.mark.parametrize("vocabulary", [OF_THE_STACK, OF_OPTIONS], ids=["stack", "options"])
def test_a_vocabulary_has_a_word_for_every_field(vocabulary: Vocabulary) -> None:
    assert vocabulary.fields.keys() == set(Field)
    assert all(vocabulary.fields.values())


def test_a_place_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(KeyError):
        OF_THE_STACK.fill("Look at {nothing}.")
