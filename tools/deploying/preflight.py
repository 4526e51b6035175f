"""All that can be known before anything is built: what is asked for, and the account that it is asked of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploying import stack as stacks
from deploying.aws import Account, told
from deploying.connections import LISTS, check_connections, check_none_vanishes, without
from deploying.errors import Refused
from deploying.orphans import check_no_orphans
from deploying.parameters import Values, check, check_known, merged
from deploying.policies import check_unheld, going, held
from deploying.stack import Resource, Stack
from deploying.template import Template
from deploying.topics import check_topics
from samconfig import Environment
from sfmint_values.hosts import listed_hosts, origin_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A deploy that nothing known stands against.

    Attributes:
        account: where the stack is.
        present: the stack, or None before the first deploy.
        values: of all parameters but BuildId.
    """

    account: Account
    present: Stack | None
    values: dict[str, str]


def check_deploy(
    target: Environment,
    template: Template,
    given: Values,
    removed: Sequence[str],
    variables: Mapping[str, str],
) -> Checked:
    """Check a deploy; nothing is built or changed.

    Args:
        target: what samconfig.toml says.
        template: that is to be deployed.
        given: parameters on the command line.
        removed: connections that may go.
        variables: those of the AWS SDKs.

    Raises:
        Refused: something stands against it.
    """
    stacks.check_name(target.stack)
    check_known(template, given)
    check_values(template, given)  # what is wrong in itself is told without an account
    account, present = find_stack(target, variables)
    deployed = present.values if present else None
    wanted = merged(
        template,
        given={**(without(deployed, removed) if deployed else {}), **given},
        deployed=deployed,
        configured=target.parameters,
    )
    check_values(template, wanted)
    check_none_vanishes(deployed or dict.fromkeys(LISTS, ""), wanted, removed)
    check_topics(account, wanted)
    check_names_in_account(account, present, template, wanted, target.stack)
    return Checked(account=account, present=present, values=wanted)


def find_stack(target: Environment, variables: Mapping[str, str]) -> tuple[Account, Stack | None]:
    """Return the account, and the stack if it is there and can be changed now.

    Raises:
        Refused: it cannot, it is not one of ours, or the account cannot be asked.
    """
    stacks.check_name(target.stack)
    account = Account(target, variables)
    account.number()
    with told(Refused):
        present = stacks.find(account.client("cloudformation"), target.stack)
    if present:
        stacks.check_ours(present)
        stacks.check_can_be_updated(present, account)
    return account, present


def check_values(template: Template, values: Values) -> None:
    """Check the values of parameters, of all or some, which needs no account.

    Raises:
        Refused: one cannot be used.
    """
    check_connections(template, values)
    check(template, values)
    for host in sorted(listed_hosts(values.get("TokenHosts", ""))):
        try:
            origin_of(f"https://{host}")
        except ValueError as error:
            raise Refused(f"TokenHosts names {host}, which {error}. Correct it.") from None


def check_names_in_account(
    account: Account, present: Stack | None, template: Template, values: Values, stack: str
) -> None:
    """Check that what a deploy deletes is not held, and that what it makes is not there.

    Raises:
        Refused: it is.
    """
    pseudo = {"AWS::StackName": stack, "AWS::Region": account.region, "AWS::Partition": account.partition}
    needed = template.named(values, pseudo)
    with told(Refused):
        there: list[Resource] = stacks.resources(account.client("cloudformation"), present) if present else []
        own_roles = [resource.physical for resource in there if resource.kind == "AWS::IAM::Role"]
        check_unheld(held(account.client("iam"), going(there, needed), own_roles))
        check_no_orphans(account, needed, there)
