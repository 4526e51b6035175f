"""The commands: deploy, preflight, rollback, prune and remove, each from its checks to its last line."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploying import artefact, previous_build, pruning
from deploying import stack as stacks
from deploying.aws import Account, told
from deploying.change_set import carry_out, proposed
from deploying.changes import table, warnings
from deploying.connections import check_none_vanishes, names_in
from deploying.console import Console
from deploying.errors import Failed, Refused
from deploying.grants import grants
from deploying.parameters import BUILD_ID, Values, unheeded
from deploying.policies import check_unheld
from deploying.preflight import Checked, check_deploy, check_names_in_account, check_values, find_stack
from deploying.progress import Progress
from deploying.proof import prove
from deploying.removal import Holdings, leftovers
from deploying.stack import Stack
from deploying.template import Template
from samconfig import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a person asks for, and where.

    Attributes:
        target: what samconfig.toml says of the environment.
        env: its name.
        console: where the person reads and answers.
        parameters: given on the command line.
        removed: connections that may go.
        plan: whether to show only what would change.
        root: the tree; its build is in ``.aws-sam/build``.
        sam: the SAM CLI.
        variables: all variables of the SAM CLI, those of the AWS SDKs among them.
    """

    target: Environment
    env: str
    console: Console
    parameters: Values = field(default_factory=dict)
    removed: Sequence[str] = ()
    plan: bool = False
    root: Path = artefact.ROOT
    sam: Path = artefact.SAM
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)


def preflight(job: Job) -> Checked:
    """Check a deploy and say what it is about.

    Raises:
        Refused: something stands against it.
    """
    artefact.check_sam(job.sam)
    if job.parameters.get(BUILD_ID):
        raise Refused("BuildId is made up by each deploy. Leave it out.")
    given = {name: value for name, value in job.parameters.items() if name != BUILD_ID}
    template = Template.read(job.root / "template.yaml")
    checked = check_deploy(job.target, template, given, job.removed, job.variables)
    if checked.present:
        kept = {"given": given, "deployed": checked.present.values, "configured": job.target.parameters}
        for sentence in unheeded(**kept):
            job.console.say(f"note: {sentence}")
        _say_who_loses(job, checked.account, checked.present)
    return checked


def deploy(job: Job, *, builds: bool = False) -> str:
    """Deploy the tree and prove that every alias runs it, or show what would change.

    Args:
        job: what is asked for.
        builds: whether to build first.

    Returns:
        The digest that every alias answers.

    Raises:
        Refused: a check or the person has stopped it.
        Failed: it was begun, and has not come out as asked.
    """
    if not job.plan:
        job.console.check_can_ask()
    checked = preflight(job)
    _say_where(job, checked.account, "first deploy" if checked.present is None else "update")
    architecture = checked.values["Architecture"]
    if builds:
        artefact.build(job.root, job.env, architecture)
    artefact.check_built(job.root, architecture)
    build = artefact.build_id(job.root / ".aws-sam/build", checked.values)
    template = artefact.package(job.sam, job.root, job.env, job.target, checked.account.region, job.variables)
    return _change(job, checked.account, checked.present, template, {**checked.values, BUILD_ID: build})


def rollback(job: Job) -> str:
    """Put back the build before the present one; done twice, it is there again.

    Returns:
        The digest that every alias answers, empty for a build that a plain ``sam deploy`` has put there.

    Raises:
        Refused: there is none to put back, its artefacts are gone, or a check or the person has stopped it.
        Failed: it was begun, and has not come out as asked.
    """
    if not job.plan:
        job.console.check_can_ask()
    account, present = _deployed(job)
    with told(Refused):
        cloudformation, s3 = account.client("cloudformation"), account.client("s3")
        now = previous_build.Build.of(cloudformation, present)
        former = previous_build.before(s3, now, job.target.prefix, present.made_at)
    template = Template.parse(former.template)
    values = {name: value for name, value in former.parameters.items() if name != BUILD_ID}
    check_values(template, values)
    check_none_vanishes(present.values, values, job.removed)
    check_names_in_account(account, present, template, values, job.target.stack)
    _say_where(job, account, f"back to build {former.parameters[BUILD_ID] or 'of sam deploy'} of {former.deployed_at}")
    return _change(job, account, present, former.template, former.parameters)


def prune(job: Job) -> int:
    """Delete old versions of the functions and of the client layer, and return how many.

    Raises:
        Refused: there is no stack, or the person has stopped it.
        Failed: AWS has refused a deletion.
    """
    if not job.plan:
        job.console.check_can_ask()
    account, present = _deployed(job)
    functions = account.client("lambda")
    with told(Refused):
        old = pruning.old_versions(functions, present.functions)
        old += pruning.old_layers(functions, present.name, present.outputs["ClientLayerArn"])
    _say_where(job, account, f"{len(old)} old versions")
    job.console.say("\n".join(f"  {one.what}" for one in old) or "  nothing to delete")
    if job.plan or not old:
        return 0
    job.console.ask(
        f"Delete them? Of the client layer the newest {pruning.KEPT_LAYERS} stay, and those of functions in this region of "
        "the account. Functions elsewhere with an older one run on, but cannot be updated with it."
    )
    with told(Failed):
        for one in old:
            one.delete()
    job.console.say(f"deleted {len(old)} old versions")
    return len(old)


def remove(job: Job) -> None:
    """Remove a stack, and name what stays.

    Raises:
        Refused: others hold its policies, or a check or the person has stopped it.
        Failed: CloudFormation has failed half-way.
    """
    if not job.plan:
        job.console.check_can_ask()
    stacks.check_name(job.target.stack)
    account = Account(job.target, job.variables)
    account.number()
    cloudformation = account.client("cloudformation")
    with told(Refused):
        present = _there(stacks.find(cloudformation, job.target.stack), job)
        stacks.check_ours(present)
        stacks.check_is_idle(present)
        holdings = Holdings.read(account, present)
    _say_where(job, account, "removal")
    job.console.say("\n".join(holdings.lines()))
    _check_removable(account, present, holdings)
    if job.plan:
        return
    job.console.ask(f"Remove the stack {present.name} and with it every connection ({_listed(present)})?")
    with told(Failed):
        progress = Progress(cloudformation, present.id, job.console)
        cloudformation.delete_stack(StackName=present.name)
        outcome = progress.follow()
        if outcome.status != "DELETE_COMPLETE":
            raise Failed(
                f"The removal has stopped ({outcome.status}): {'; '.join(outcome.failures[:3])}. Run it again."
            )
        stays = leftovers(account, holdings, outcome.kept, job.target.prefix)
    job.console.say(f"removed {present.name}. What stays, and the command that deletes it:")
    job.console.say("\n".join(f"  {command}" for command in stays) or "  nothing")


def _change(job: Job, account: Account, present: Stack | None, template: str, parameters: Values) -> str:
    cloudformation, s3, console = account.client("cloudformation"), account.client("s3"), job.console
    with told(Refused):
        url = artefact.upload_template(s3, template, job.target.prefix)
        described = proposed(
            cloudformation, job.target, present, template_url=url, parameters=parameters, console=console
        )
        with described as change_set:
            console.say(table(change_set.changes if change_set else ()))
            for warning in warnings(change_set.changes if change_set else ()):
                console.say(warning)
            if job.plan:
                return parameters[BUILD_ID]
            if change_set:
                console.ask(f"Carry this out on {job.target.stack}?")
                if present:
                    previous_build.save(s3, previous_build.Build.of(cloudformation, present), job.target.prefix)
                with told(Failed):
                    carry_out(cloudformation, change_set, console)
    with told(Failed):
        deployed = _there(stacks.find(cloudformation, job.target.stack), job)
        prove(account.client("lambda"), deployed.functions, parameters[BUILD_ID], console)
    console.say(f"{job.target.stack}: build {parameters[BUILD_ID] or 'none'} runs behind {_listed(deployed)}")
    return parameters[BUILD_ID]


def _check_removable(account: Account, present: Stack, holdings: Holdings) -> None:
    check_unheld(holdings.held)
    if present.is_protected:
        words = f"cloudformation update-termination-protection --no-enable-termination-protection --stack-name {present.name}"
        raise Refused(f"The stack {present.name} is protected from deletion. Lift that first: {account.command(words)}")


def _deployed(job: Job) -> tuple[Account, Stack]:
    account, present = find_stack(job.target, job.variables)
    return account, _there(present, job)


def _there(present: Stack | None, job: Job) -> Stack:
    if present is None:
        raise Refused(f"There is no stack {job.target.stack} here. Check ENV, region and account, or `make deploy` it.")
    return present


def _say_who_loses(job: Job, account: Account, present: Stack) -> None:
    """Tell of those who may invoke a connection that goes, though they hold no policy of the stack."""
    aliases = [f"{arn}:{name}" for arn in present.functions.values() for name in job.removed] if job.removed else []
    with told(Refused):
        for grant in grants(account.client("lambda"), aliases):
            job.console.say(f"note: {grant} may invoke a connection that goes (add-permission). Tell its owner first.")


def _say_where(job: Job, account: Account, what: str) -> None:
    job.console.say(f"{job.target.stack} in {account.region}, account {account.number()}: {what}")


def _listed(stack: Stack) -> str:
    return ", ".join(names_in(stack.values))
