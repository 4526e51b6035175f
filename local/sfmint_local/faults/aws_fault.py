"""What fails at AWS: the store, KMS or Secrets Manager, each as its callers meet it."""

import json
from dataclasses import dataclass, replace
from typing import Literal, Self

from sfmint_local.faults.behaviours import (
    Asked,
    AwsError,
    Behave,
    Behaviour,
    Drip,
    EarlyHints,
    Endless,
    Hang,
    LostAnswer,
    Pass,
    Twice,
    always,
    once,
    only,
)

type Service = Literal["store", "kms", "secretsmanager", "any"]

LOST_PUBLISH = "store loses the answer to a publish"
CANARY = "the-canary-of-a-request"  # AWS may quote a request in its messages: nobody may hand them on


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsFault:
    """One service's fault.

    Attributes:
        name: what a person calls it.
        service: whose; the store is DynamoDB or Parameter Store; any: all three.
        behave: what becomes of requests to that service.
        once: only of the first request of each operation.
        slow: whoever meets it may wait for seconds.
    """

    name: str
    service: Service
    behave: Behave
    once: bool = False
    slow: bool = False

    def begun(self) -> Self:
        """Return the fault as it strikes one connection: what it has met so far is its own."""
        if not self.once:
            return self
        return replace(self, behave=once(self.behave))


def _says(code: str, status: int = 400) -> Behave:
    return always(AwsError(code, status, CANARY))


def _drip(name: str, service: Service, *, headers: bool) -> AwsFault:
    what = "headers" if headers else "answers"
    return AwsFault(name=f"{name} drips its {what}", service=service, behave=always(Drip(headers=headers)), slow=True)


def _publish(behaviour: Behaviour) -> Behave:
    """Strike what puts a token on a row: it sets the sealed copy in an item, or overwrites the parameter of a date."""

    def behave(asked: Asked) -> Behaviour:
        request = json.loads(asked.body)
        sets_copy = "#sealed = " in request.get("UpdateExpression", "")
        overwrites = request.get("Overwrite", False) and request["Name"].rpartition("/")[2].isdigit()
        return behaviour if sets_copy or overwrites else Pass()

    return behave


def _once(name: str, service: Service, behave: Behave, *, slow: bool = False) -> AwsFault:
    return AwsFault(name=name, service=service, behave=behave, once=True, slow=slow)


_LASTING = (
    AwsFault(name="store does not answer", service="store", behave=always(Hang()), slow=True),
    AwsFault(name="store answers 500", service="store", behave=_says("InternalServerError", 500), slow=True),
    AwsFault(name="store throttles", service="store", behave=_says("ThrottlingException"), slow=True),
    AwsFault(
        name="store loses its answers to writes",
        service="store",
        behave=only(LostAnswer(), "UpdateItem", "PutParameter", "DeleteParameters"),
        slow=True,
    ),
    AwsFault(name=LOST_PUBLISH, service="store", behave=_publish(LostAnswer())),
    AwsFault(
        name="store cannot publish a token",
        service="store",
        behave=_publish(AwsError("InternalServerError", 500, CANARY)),
    ),
    AwsFault(name="store denies access", service="store", behave=_says("AccessDeniedException")),
    AwsFault(
        name="KMS does not answer",
        service="kms",
        behave=always(Hang()),
        slow=True,
    ),
    AwsFault(
        name="KMS throttles",
        service="kms",
        behave=_says("ThrottlingException"),
        slow=True,
    ),
    AwsFault(
        name="KMS denies access",
        service="kms",
        behave=_says("AccessDeniedException"),
    ),
    AwsFault(
        name="KMS key disabled",
        service="kms",
        behave=_says("DisabledException"),
    ),
    AwsFault(name="Secrets Manager does not answer", service="secretsmanager", behave=always(Hang()), slow=True),
    AwsFault(
        name="Secrets Manager throttles", service="secretsmanager", behave=_says("ThrottlingException"), slow=True
    ),
    AwsFault(name="Secrets Manager denies access", service="secretsmanager", behave=_says("AccessDeniedException")),
)

_PASSING_BY = (
    _once("store answers 500 once", "store", _says("InternalServerError", 500)),
    _once("store throttles once", "store", _says("ThrottlingException"), slow=True),
    _once("store loses one answer", "store", always(LostAnswer())),
    _once("KMS throttles once", "kms", _says("ThrottlingException"), slow=True),
    _once("KMS loses one answer", "kms", always(LostAnswer())),
    _once("Secrets Manager answers 500 once", "secretsmanager", _says("InternalServiceError", 500)),
    _once("Secrets Manager throttles once", "secretsmanager", _says("ThrottlingException"), slow=True),
)

_MISFRAMED = (
    *(_drip("store", "store", headers=headers) for headers in (True, False)),
    _drip("KMS", "kms", headers=True),
    _drip("Secrets Manager", "secretsmanager", headers=True),
    AwsFault(name="AWS is slow", service="any", behave=always(Pass(after_s=1.2)), slow=True),
    AwsFault(name="AWS hints early", service="any", behave=always(EarlyHints())),
    AwsFault(name="AWS answers twice", service="any", behave=always(Twice())),
    AwsFault(name="AWS answers without end", service="any", behave=always(Endless()), slow=True),
)

AWS_FAULTS = (*_LASTING, *_MISFRAMED, *_PASSING_BY)
