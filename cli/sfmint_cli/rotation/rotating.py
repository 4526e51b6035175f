"""What the commands of `sfmint rotate` share: the connection, the function, and how a rotation is followed."""

from dataclasses import dataclass
from typing import Self

import click

from sfmint_cli import render
from sfmint_cli.broker_code import SystemClock
from sfmint_cli.deployed import Deployed
from sfmint_cli.rotation.course import Course
from sfmint_cli.rotation.function import RotationFunction


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
