"""key_rotation in front of the real broker and keeper: Lambda's own wire between them, moto's Secrets Manager and Parameter Store."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest

from functions.stack import CONNECTION, OTHER, Context, Environment, Stack, arn_of
from key_rotation import wiring
from lambda_service import LambdaService
from org_fixture import Customer, MakeCustomer
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.app_parts import app_parts
from sfmint_local.org.values import User
from sfmint_setup.component import GLOBAL_OAUTH
from sfmint_testing.fakes import FakeClock
from sfmint_values.system import SystemClock

ADMIN = "admin-org"
SECRET_ARN = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:sfmint/acme/{CONNECTION}-AbC123"
REMAINING_S = 900.0


@dataclass(frozen=True)
class LongContext(Context):
    """What Lambda tells key_rotation: it has fifteen minutes."""

    def get_remaining_time_in_millis(self) -> int:
        return int(REMAINING_S * 1000)


@dataclass
class RotationStack:
    """A stack whose keys are rotated.

    Attributes:
        stack: the broker's side of it.
        service: Lambda.
        clock: of key_rotation, whose pauses pass at once.
    """

    stack: Stack
    service: LambdaService
    clock: FakeClock
    make_customer: MakeCustomer
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables["SFMINT_CONNECTIONS"] = f"{CONNECTION},{OTHER},{ADMIN}"
        self.broker = self.stack.environment(**self.variables)
        self.keeper = self.stack.environment("token_keeper", **self.variables)
        self.service.broker = self._invoked

    def _invoked(self, function: str, event: Any) -> dict[str, Any]:
        arn = unquote(function)
        name = arn.split(":")[6]
        environment = {self.broker.name: self.broker, self.keeper.name: self.keeper}[name]
        return environment.invoke_as(event, Context(name, arn))

    def environment(self, **variables: str) -> Environment:
        """Start a new execution environment of key_rotation."""
        return self.stack.environment("key_rotation", **(self.variables | variables))

    def invoke(self, event: object, qualifier: str | None = "live", environment: Environment | None = None) -> Any:
        """Return the answer of key_rotation."""
        function = environment or self.environment()
        answer = function.invoke_as(event, LongContext(function.name, arn_of(function.name, qualifier)))
        self._note_keys()
        return answer

    def order(self, action: str) -> Any:
        """Return the answer to an operator's order."""
        return self.invoke({"action": action, "connection": CONNECTION})

    def step(self, step: str, version: str) -> Any:
        """Return the answer to a step of Secrets Manager's."""
        return self.invoke({"Step": step, "SecretId": SECRET_ARN, "ClientRequestToken": version})

    def secret(self, stage: str = "AWSCURRENT") -> dict[str, Any]:
        """Return what a version of the secret says."""
        name = f"sfmint/acme/{CONNECTION}"
        found: Any = self.stack.cloud.secrets.get_secret_value(SecretId=name, VersionStage=stage)
        said: dict[str, Any] = json.loads(found["SecretString"])
        return said

    def stages(self) -> dict[str, set[str]]:
        """Return the labels of the secret's versions."""
        described = self.stack.cloud.secrets.describe_secret(SecretId=f"sfmint/acme/{CONNECTION}")
        return {version: set(labels) for version, labels in described["VersionIdsToStages"].items()}

    def parameters(self) -> dict[str, str]:
        """Return what Parameter Store holds."""
        found = self.stack.cloud.ssm.get_parameters_by_path(Path="/sfmint/acme", Recursive=True)
        return {each["Name"]: each["Value"] for each in found["Parameters"]}

    def published(self) -> str | None:
        """Return the certificate that is published."""
        return self.parameters().get(f"/sfmint/acme/connections/{CONNECTION}/next-certificate")

    def upload(self, certificate: str) -> None:
        """Put a certificate into the customer's app, as a person does in Setup."""
        self.stack.customer.control.set_certificate(self.stack.customer.app.consumer_key, certificate)

    def has_admin(self, **fields: Any) -> str:
        """Have an admin connection, and an app in Setup that it may change; return the app's consumer key.

        Args:
            fields: of the secret, beside those that each has; its certificate is the app's, if it has one.
        """
        control = self.stack.customer.control
        username = control.put_user(User(username=f"{uuid4().hex}@example.com")).username
        certificate = fields.get("certificate") or self.stack.customer.key_pair.certificate
        app, consumer_key = self.make_app(certificate, username)
        admin = self.make_customer()
        control.grant(admin.username, rights.ADMINISTRATOR)
        self.stack.store(admin.secret(), ADMIN)
        own = Customer.secret(self.stack.customer, consumer_key=consumer_key, username=username)
        said = own | {"admin_connection": ADMIN, "app": app} | fields
        self.stack.store({name: value for name, value in said.items() if value is not None})
        return consumer_key

    def make_app(self, certificate: str, username: str) -> tuple[str, str]:
        """Make an app in Setup that a user may use; return its name and its consumer key."""
        control, app = self.stack.customer.control, f"orders_{uuid4().hex[:8]}"
        settings = {"label": app, "callbackUrl": "https://localhost/unused"}
        parts = app_parts(app, certificate=certificate, **settings)
        for part in parts.values():
            control.put_component(part)
        consumer_key = parts[GLOBAL_OAUTH].text("consumerKey")
        control.approve(consumer_key, username)
        return app, consumer_key

    def app_certificate(self, app: str = "") -> str:
        """Return the certificate that an app in Setup holds: the connection's, if none is named."""
        control, name = self.stack.customer.control, app or self.secret()["app"]
        (component,) = [each for each in control.components(name) if each.type == GLOBAL_OAUTH]
        return component.text("certificate")

    def tick(self, times: int = 1) -> list[Any]:
        """Return how the rotations stand after ticks of the schedule."""
        answers = [self.invoke({"action": "tick"}) for _ in range(times)]
        rotations: list[Any] = answers[-1]["rotations"]
        return rotations

    def _note_keys(self) -> None:
        """Have the test look for the keys that were made, too."""
        try:
            stages = self.stages()
        except self.stack.cloud.secrets.exceptions.ResourceNotFoundException:
            return  # the test has deleted the secret
        for labels in stages.values():
            for stage in labels & {"AWSPENDING", "AWSCURRENT"}:
                self.stack.keys.add(str(self.secret(stage).get("private_key", "")))


@pytest.fixture
def rotation_stack(
    stack: Stack, lambda_service: LambdaService, make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch
) -> RotationStack:
    monkeypatch.delenv("AWS_ENDPOINT_URL_SSM")  # moto's, beside its Secrets Manager
    clock = FakeClock(SystemClock().now())
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)
    return RotationStack(stack, lambda_service, clock, make_customer)
