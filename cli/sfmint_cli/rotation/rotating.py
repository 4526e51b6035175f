"""What the commands of `sfmint rotate` share: the connection, the function, and what a person has to upload."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import click
from botocore.exceptions import ClientError

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint_cli import render
from sfmint_cli.apps.named_app import app_of
from sfmint_cli.aws_account import asking
from sfmint_cli.broker_code import SystemClock, key_id_of
from sfmint_cli.deployed import Deployed
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.rotation.course import Course
from sfmint_cli.rotation.function import RotationFunction
from sfmint_cli.rotation.standing import CANCELLING, Standing
from sfmint_values.aws_codes import code_of
from sfmint_values.foreign import Foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """A connection whose key is rotated.

    Attributes:
        deployed: the connection, in its stack.
        function: the stack's.
        course: follows the rotation.
    """

    deployed: Deployed
    function: RotationFunction
    course: Course

    @classmethod
    def find(cls, context: click.Context, name: str) -> Self:
        """Return a connection of the stack that the global options name.

        Raises:
            Failed: there is no such stack or connection, or the stack rotates no keys.
        """
        deployed = Deployed.find(context, name)
        function = RotationFunction.of(deployed)
        course = Course(function=function, clock=context.obj or SystemClock(), tell=render.say)
        return cls(deployed=deployed, function=function, course=course)

    def waits_for_upload(self, standing: Standing) -> bool:
        """Return whether a person has to upload a certificate: the new one, or when cancelling the old one again."""
        is_refused = standing.phase == CANCELLING and standing.refusals > 0
        return (standing.waits or is_refused) and not self.needs_nobody()

    def needs_nobody(self) -> bool:
        """Return whether the secret names an admin connection; who may not read it is taken to have somebody."""
        with suppress(Failed, CredentialFault):
            text = self.deployed.secret().read()
            return text is not None and parse_rotation(self.deployed.name, text).admin_connection is not None
        return False

    def published_certificate(self) -> str:
        """Return the certificate that is to be uploaded, PEM.

        Raises:
            Failed: none is, the parameter holds something else, or AWS does not tell.
        """
        name = f"{self.deployed.stack.parameter_prefix}{self.deployed.name}/next-certificate"
        client = self.deployed.account.parameter_store()
        with asking(f"read the parameter {name}"):
            try:
                return _certificate_in(client.get_parameter(Name=name)["Parameter"]["Value"], name)
            except ClientError as error:
                if code_of(error) != "ParameterNotFound":
                    raise
        raise Failed(
            f"No certificate of {self.deployed.name} waits to be uploaded.",
            remedy=f"See how its rotation stands: {sfmint('rotate', 'status', self.deployed.name)}",
            name="NoCertificate",
        )

    def app(self, standing: Standing) -> str:
        """Return the API name of the app that the published certificate belongs to; what cannot be read is taken as usual."""
        text = None
        with suppress(Failed):  # who may not read the secret
            secret = self.deployed.secret()
            text = secret.read() if standing.phase == CANCELLING else secret.read_version(standing.version)
        return app_of(self.deployed.name, text)


def _certificate_in(text: Foreign, parameter: str) -> str:
    """Return the certificate that a parameter holds; a person is to hand it to an administrator, so it is looked at."""
    try:
        key_id_of(text)
    except CredentialFault:
        raise Failed(
            f"The parameter {parameter} holds no certificate: somebody has written something else there.",
            remedy="Have the rotation publish it anew: delete the parameter, wait a minute, then run this again.",
            name="NoCertificate",
        ) from None
    return text.strip() + "\n"
