"""The stack's function that rotates keys, as an operator asks it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sfmint_cli.keeper import ask
from sfmint_cli.result import Failed
from sfmint_cli.rotation.standing import Standing

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from sfmint_cli.deployed import Deployed


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationFunction:
    """What the function does for one connection; each method raises `Failed` if Lambda or the function refuses.

    Attributes:
        client: of Lambda, which waits for as long as the function may run.
        arn: of the function's alias.
        connection: its name.
    """

    client: "LambdaClient"
    arn: str
    connection: str

    @classmethod
    def of(cls, deployed: "Deployed") -> Self:
        """Return the function of a connection's stack.

        Raises:
            Failed: the stack has none.
        """
        if not deployed.stack.rotation:
            raise Failed(
                f"The stack {deployed.stack.name!r} has no function that rotates keys: it is older than this program.",
                remedy="Deploy it anew (make deploy).",
                name="StackTooOld",
            )
        client = deployed.account.long_running_functions()
        return cls(client=client, arn=deployed.stack.rotation, connection=deployed.name)

    def ask(self, action: str) -> Standing:
        """Return how the rotation stands after an action: start, status, advance, finish or cancel."""
        return Standing.read(self._answer(action))

    def check(self) -> Standing:
        """Return how it stands, if a rotation could begin."""
        return Standing.read(self._answer("check"))

    def _answer(self, action: str) -> dict[str, Any]:
        return ask(self.client, self.arn, {"action": action, "connection": self.connection}, whose="rotation")
