"""``examples/nightly-accounts``, deployed beside the stack as its README says, with parameters of ours."""

from sfmint_local import places
from sfmint_local.artefact import sam_deploy
from sfmint_local.embedded_stack import STACK, EmbeddedStack
from sfmint_local.state_machine import StateMachine

EXAMPLE = places.EXAMPLES / "nightly-accounts"
RULES = ("GET /services/data/v67.0/query", "PATCH /services/data/v67.0/sobjects/Account/External_Id__c/")


def deploy_nightly_accounts(stack: EmbeddedStack, connection: str) -> StateMachine:
    """Let a connection's requests do what the example needs, and deploy it for that connection.

    Raises:
        LocalStackError: the deploy failed.
    """
    stack.allow(connection, *RULES)
    words = [f"Stack={STACK}", f"Connection={connection}", f"Request=/sfmint/{STACK}/connections/{connection}/request"]
    sam_deploy(
        [places.SAM, "deploy", "--template-file", "template.yaml", "--parameter-overrides", *words],
        environment=stack.aws.environment(),
        log=stack.folder / f"{EXAMPLE.name}.log",
        folder=EXAMPLE,
    )
    return StateMachine.of_stack(stack.aws, EXAMPLE.name)
