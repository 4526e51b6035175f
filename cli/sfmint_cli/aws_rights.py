"""Which rights of AWS each command needs: docs/cli.md shows this table, and a test compares it with what they ask for.

Source: Service Authorization Reference, of CloudFormation, CloudWatch Logs, IAM, Lambda, Secrets Manager, Systems Manager and
KMS.
"""

from dataclasses import dataclass, replace

STACK = "arn:aws:cloudformation:REGION:ACCOUNT:stack/STACK/*"
KEEPER = "arn:aws:lambda:REGION:ACCOUNT:function:STACK-token-keeper:live"
OBSERVER = "arn:aws:lambda:REGION:ACCOUNT:function:STACK-token-keeper:observe"
ROTATION = "arn:aws:lambda:REGION:ACCOUNT:function:STACK-key-rotation:live"
LOGS = "arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/STACK-*:*"
BROKER = "arn:aws:lambda:REGION:ACCOUNT:function:STACK-token-broker:NAME"
REQUEST = "arn:aws:lambda:REGION:ACCOUNT:function:STACK-salesforce-request:NAME"
POLICIES = (
    "arn:aws:iam::ACCOUNT:policy/STACK-get-token-NAME-REGION",
    "arn:aws:iam::ACCOUNT:policy/STACK-request-NAME-REGION",
)
GROUPS = "arn:aws:iam::ACCOUNT:group/*"
SECRET = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:sfmint/STACK/NAME-??????"  # noqa: S105 - an ARN
SECRETS = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:sfmint/STACK/*"
OTHER_SECRET = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:OTHER-??????"  # noqa: S105 - an ARN
ALLOW = "arn:aws:ssm:REGION:ACCOUNT:parameter/sfmint/STACK/connections/NAME/allow"
ALIAS = "arn:aws:ssm:REGION:ACCOUNT:parameter/sfmint/STACK/connections/NAME/broker"
REQUEST_ALIAS = "arn:aws:ssm:REGION:ACCOUNT:parameter/sfmint/STACK/connections/NAME/request"
FUNCTIONS = tuple(
    f"arn:aws:lambda:REGION:ACCOUNT:function:STACK-{each}" for each in ("token-broker", "salesforce-request")
)
KEY = "arn:aws:kms:REGION:ACCOUNT:key/*"
SCHEDULE = "arn:aws:scheduler:REGION:ACCOUNT:schedule/STACK/NAME"
PROBER = "arn:aws:lambda:REGION:ACCOUNT:function:STACK-prober"
PROBES = "arn:aws:scheduler:REGION:ACCOUNT:schedule/STACK/stack_prober"
CALLERS = tuple(f"arn:aws:iam::ACCOUNT:policy/STACK-{kind}-NAME-REGION" for kind in ("get-token", "request"))
ROLE = "arn:aws:iam::ACCOUNT:role/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One action.

    Attributes:
        action: as IAM calls it.
        resource: its ARN; REGION, ACCOUNT, STACK, NAME and OTHER stand for your own.
        only: when it is needed; empty: always.
    """

    action: str
    resource: str
    only: str = ""


_STACK = Right(action="cloudformation:DescribeStacks", resource=STACK)
_KEEPER = Right(action="lambda:InvokeFunction", resource=KEEPER)
_ALIAS = Right(action="ssm:GetParameter", resource=ALIAS)
_BROKER = Right(action="lambda:InvokeFunction", resource=BROKER)
_ROTATION = Right(action="lambda:InvokeFunction", resource=ROTATION)
_OBSERVER = Right(action="lambda:InvokeFunction", resource=OBSERVER)

_OF_CONSUMERS = (
    Right(action="ssm:GetParameter", resource=ALIAS),
    Right(action="lambda:InvokeFunction", resource=BROKER),
)


def _of_secret(name: str, only: str = "") -> Right:
    return Right(action=f"secretsmanager:{name}", resource=SECRET, only=only)


def _of_signing_key(*names: str, only: str) -> tuple[Right, ...]:
    return tuple(Right(action=f"kms:{name}", resource=KEY, only=only) for name in names)


def _who_uses_it(only: str = "") -> tuple[Right, ...]:
    return (
        *(Right(action="iam:ListEntitiesForPolicy", resource=policy, only=only) for policy in POLICIES),
        Right(action="iam:GetGroup", resource=GROUPS, only=only or "for groups that hold one"),
        *(Right(action="lambda:GetPolicy", resource=alias, only=only) for alias in (BROKER, REQUEST)),
    )


_READ_AND_WRITE = tuple(
    _of_secret(name) for name in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
)
_STORED = "unless --no-store is given"
_NAMED = "with options that name an app or an admin connection"
RIGHTS: dict[str, tuple[Right, ...]] = {
    "app create": tuple(
        replace(right, only=right.only or _STORED)
        for right in (
            _STACK,
            *_READ_AND_WRITE,
            _of_secret("CreateSecret", "for the first credentials"),
            _KEEPER,
            _ALIAS,
            _BROKER,
        )
    ),
    "app metadata": (),
    "app show": (
        Right(action=_STACK.action, resource=STACK, only="without --no-stack"),
        _of_secret("GetSecretValue", "without --no-stack"),
    ),
    "connection add": (
        _STACK,
        *_READ_AND_WRITE,
        _of_secret("CreateSecret", "for the first credentials"),
        _of_secret("RestoreSecret", "with --restore"),
        _of_secret("UpdateSecret", "with --kms-key, if the secret is there"),
        *_of_signing_key("GetPublicKey", only="with --kms or --other-kms"),
        _KEEPER,
    ),
    "connection import": (
        _STACK,
        *_READ_AND_WRITE,
        _of_secret("CreateSecret", "for the first credentials"),
        _of_secret("RestoreSecret", "with --restore"),
        _of_secret("UpdateSecret", "with --kms-key, if the secret is there"),
        Right(action="secretsmanager:GetSecretValue", resource=OTHER_SECRET, only="from secret:OTHER"),
        _KEEPER,
    ),
    "connection allow": (
        _STACK,
        Right(action="ssm:GetParameter", resource=ALLOW),
        Right(action="ssm:PutParameter", resource=ALLOW, only="to set rules"),
    ),
    "connection show": (
        _STACK,
        _of_secret("DescribeSecret"),
        _of_secret("GetSecretValue"),
        _OBSERVER,
        Right(action="ssm:GetParameter", resource=ALLOW),
        *_who_uses_it("with --users"),
    ),
    "connection list": (
        _STACK,
        _OBSERVER,
        Right(action="secretsmanager:DescribeSecret", resource=SECRETS),
    ),
    "connection retire": (
        _STACK,
        *_who_uses_it(),
        *(_of_secret(name) for name in ("DescribeSecret", "DeleteSecret")),
        _of_secret("GetSecretValue", "to name the user"),
        _KEEPER,
    ),
    "exec": _OF_CONSUMERS,
    "token": _OF_CONSUMERS,
    "request": _OF_CONSUMERS,
    "assertion": (
        Right(action=_STACK.action, resource=STACK, only="with NAME"),
        _of_secret("GetSecretValue", "with NAME"),
        *_of_signing_key("GetPublicKey", only="with --kms"),
        *_of_signing_key("Sign", only="with --show, of a key in KMS"),
    ),
    "status": (_STACK, _OBSERVER),
    "why": (_STACK, _OBSERVER, Right(action="logs:FilterLogEvents", resource=LOGS)),
    "rotate start": (
        _STACK,
        _ROTATION,
        *(replace(right, only=_NAMED) for right in _READ_AND_WRITE),
    ),
    "rotate status": (_STACK, _ROTATION),
    "rotate finish": (_STACK, _ROTATION),
    "rotate cancel": (_STACK, _ROTATION),
    "rotate schedule": (
        _STACK,
        _ROTATION,
        _of_secret("DescribeSecret"),
        _of_secret("RotateSecret", "with --days"),
        _of_secret("CancelRotateSecret", "with --off"),
        *(_of_secret(name, _NAMED) for name in ("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")),
    ),
    "refresh": (_STACK, _KEEPER, replace(_OBSERVER, only="to say until when a refusal is remembered")),
    "flush": (_STACK, _KEEPER),
    "taint": (_STACK, *_READ_AND_WRITE, _KEEPER),
    "keys new": _of_signing_key("GetPublicKey", "Sign", only="with --kms"),
    "keys check": (),
    "login": _of_signing_key("GetPublicKey", "Sign", only="with --kms"),
    "doctor": (
        _STACK,
        _of_secret("DescribeSecret"),
        _of_secret("GetSecretValue"),
        Right(action="kms:DescribeKey", resource=KEY, only="if the secret is under your own KMS key, or one signs"),
        *_of_signing_key("GetPublicKey", "Sign", only="if a key of KMS signs"),
        _OBSERVER,
        _BROKER,
        *(Right(action="lambda:ListAliases", resource=function) for function in FUNCTIONS),
        *(Right(action="ssm:GetParameter", resource=parameter) for parameter in (ALIAS, REQUEST_ALIAS)),
        *(Right(action="iam:GetPolicy", resource=policy) for policy in CALLERS),
        Right(action="scheduler:GetSchedule", resource=SCHEDULE),
        Right(action="lambda:ListAliases", resource=PROBER, only="if the stack has a prober"),
        Right(action="scheduler:GetSchedule", resource=PROBES, only="if the stack has a prober"),
        Right(action="logs:DescribeLogStreams", resource=LOGS),
        Right(action="iam:SimulatePrincipalPolicy", resource=ROLE, only="with --as-role"),
    ),
    "explain": (),
}
