"""What Lambda answers where a function failed: the name and message of the error, fit to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sfmint_values.aws_codes import NO_CODE, shown_code
from sfmint_values.redaction import redacted
from sfmint_values.vocabulary import REST

LONGEST_MESSAGE = 1000  # characters; sfmint's own have some 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionError:
    """How a function's run ended.

    Attributes:
        name: the `errorType`: letters, digits and dots; empty where there is none such.
        message: the `errorMessage`, one line without anything that looks like a secret.
    """

    name: str
    message: str

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Return the error of an answer that has `FunctionError`.

        Source: AWS Lambda Developer Guide, "Understanding retry behavior in Lambda" (errorType, errorMessage).
        """
        name, message = shown_code(said.get("errorType")), said.get("errorMessage")
        return cls(
            name="" if name == NO_CODE else name,
            message=redacted(message, LONGEST_MESSAGE, vocabulary=REST) if isinstance(message, str) else "",
        )

    @property
    def is_lambdas_own(self) -> bool:
        """Whether the function did not get to answer: such names have a dot, and a time-out has no name."""
        return not self.name.isalnum()
