"""`sfmint connection retire`: take a connection out of use, in a way that can be taken back."""

import click

from sfmint_cli.options import Command, Target, connection_argument
from sfmint_cli.result import Report


@click.command("retire", cls=Command)
@connection_argument
@click.option("--yes", is_flag=True, help="Retire it without asking.")
@click.pass_context
def command(context: click.Context, *, name: str, yes: bool) -> Report:
    """Take a connection out of use.

    It refuses while somebody holds a policy of it, or stands in the policy of one of its aliases, and says who and how to
    change that. Then the secret is scheduled for deletion in 30 days, and the token dropped. The allow-list stays, and
    Salesforce is not touched: what is left to do there is said, and how to take all back. It may be run again at any time.
    """
    from sfmint_cli.aws_account import Account
    from sfmint_cli.connections.retirement import Retirement
    from sfmint_cli.consent import agree, tell
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.stack import Stack

    target = Target.read(context)
    account = Account(target)
    deployed = Deployed(name=name, account=account, stack=Stack.deployed(account, target.stack))
    retirement = Retirement.prepared(deployed)
    tell(*retirement.questions())
    agree("Retire it?", yes=yes, what="retire it")
    return Report(facts=retirement.carry_out(), next_step=retirement.next_step())
