"""What AWS may do to a request of the broker's."""

from dataclasses import dataclass
from typing import Literal

from sfmint_local.faults.wire import PASSING, AwsError, Behave, Hang, LostAnswer, always, only

CANARY = "canary-in-the-words-of-aws"  # AWS's own words may quote anything, so nobody may repeat them

type Service = Literal["store", "kms", "secretsmanager"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsFault:
    """A fault of one service.

    Attributes:
        name: as the page has it.
        service: which one; the store is DynamoDB or Parameter Store.
        behave: what becomes of its requests.
        through_ssm: of KMS: what becomes of Parameter Store's, which asks KMS on its own account.
        slow: whoever meets it waits.
    """

    name: str
    service: Service
    behave: Behave
    through_ssm: Behave = PASSING
    slow: bool = False


def _says(code: str, status: int = 400) -> Behave:
    return always(AwsError(code, status=status, message=CANARY))


def _sealing(code: str, status: int = 400) -> Behave:
    return only(AwsError(code, status=status, message=CANARY), "GetParametersByPath", "PutParameter")


AWS_FAULTS = (
    AwsFault(name="store does not answer", service="store", behave=always(Hang()), slow=True),
    AwsFault(name="store answers 500", service="store", behave=_says("InternalServerError", 500)),
    AwsFault(name="store throttles", service="store", behave=_says("ThrottlingException"), slow=True),
    AwsFault(
        name="store loses its answers to writes",
        service="store",
        behave=only(LostAnswer(), "UpdateItem", "PutParameter"),
        slow=True,
    ),
    AwsFault(name="store denies access", service="store", behave=_says("AccessDeniedException")),
    AwsFault(
        name="KMS does not answer",
        service="kms",
        behave=always(Hang()),
        through_ssm=_sealing("InternalServerError", 500),
        slow=True,
    ),
    AwsFault(
        name="KMS throttles",
        service="kms",
        behave=_says("ThrottlingException"),
        through_ssm=_sealing("ThrottlingException"),
        slow=True,
    ),
    AwsFault(
        name="KMS denies access",
        service="kms",
        behave=_says("AccessDeniedException"),
        through_ssm=_sealing("AccessDeniedException"),
    ),
    AwsFault(
        name="KMS key disabled",
        service="kms",
        behave=_says("DisabledException"),
        through_ssm=_sealing("InvalidKeyId"),
    ),
    AwsFault(name="Secrets Manager does not answer", service="secretsmanager", behave=always(Hang()), slow=True),
    AwsFault(name="Secrets Manager throttles", service="secretsmanager", behave=_says("ThrottlingException")),
    AwsFault(name="Secrets Manager denies access", service="secretsmanager", behave=_says("AccessDeniedException")),
)
