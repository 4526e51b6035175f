"""`sfmint connection allow`: which requests of a connection salesforce_request sends."""

from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.options import Command, connection_argument
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.allow_parameter import AllowParameter


@click.command("allow", cls=Command)
@connection_argument
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@click.option("--add", "added", multiple=True, metavar="RULE", help="Allow this too; may be given again.")
@click.option("--remove", "removed", multiple=True, metavar="RULE", help="Allow this no more; may be given again.")
@click.option("--yes", is_flag=True, help="Let rules vanish without asking.")
@click.pass_context
def command(
    context: click.Context,
    *,
    name: str,
    rules: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
    yes: bool,
) -> Report:
    """Show or set which requests salesforce_request may send.

    Each RULE is one argument, a method and a path: "POST /services/data/v67.0/sobjects/Case" allows that and everything
    below it. The rules given are all there are, and it asks before others vanish; --add and --remove leave the others as
    they are. Without a RULE the ones in force are shown; where none were ever set that is GET /services/data/.
    """
    from sfmint_cli.allow_parameter import listed_in
    from sfmint_cli.deployed import Deployed

    if rules and (added or removed):
        raise click.UsageError("Give either all rules, or --add and --remove.")
    replacing, adding, removing = (listed_in(given) if given else [] for given in (rules, added, removed))
    parameter = Deployed.find(context, name).allow_parameter()
    facts: Facts = {"connection": name, "parameter": parameter.name}
    if replacing:
        return _set(parameter, facts, replacing, yes=yes)
    in_force, is_set = parameter.rules()
    if not adding and not removing:
        return Report(facts={**facts, "set": is_set, "rules": in_force})
    return _set(parameter, facts, _changed(in_force, adding, removing), yes=True)


def _changed(in_force: list[str], added: list[str], removed: list[str]) -> list[str]:
    """Return the rules with some more and some less."""
    from sfmint_cli.allow_parameter import listed_in

    if missing := [rule for rule in removed if rule not in in_force]:
        raise Failed(
            f"There is no such rule to remove: {', '.join(missing)}.",
            remedy="Name it as it is shown: " + ", ".join(in_force) + ".",
            name="RuleNotFound",
        )
    kept = [rule for rule in in_force if rule not in removed]
    return listed_in([*kept, *(rule for rule in added if rule not in kept)])


def _set(parameter: "AllowParameter", facts: Facts, wanted: list[str], *, yes: bool) -> Report:
    before, in_force = parameter.before()
    _confirm([rule for rule in before if rule not in wanted], yes=yes or not in_force)
    parameter.write(wanted, description=f"Requests that the connection {facts['connection']} may send")
    return Report(
        facts={**facts, "set": True, "rules": wanted, "before": before},
        next_step="it takes effect within 60 seconds; there is nothing more to do",
    )


def _confirm(vanishing: list[str], *, yes: bool) -> None:
    from sfmint_cli.consent import agree

    if yes or not vanishing:
        return
    for rule in vanishing:
        render.say(f"no longer allowed: {rule}")
    unasked = Failed(
        f"Rules that are in force would vanish ({', '.join(vanishing)}), and there is no terminal to ask.",
        remedy="Let them vanish with --yes, or add to them with --add.",
        name="RulesWouldVanish",
    )
    what = "let them vanish, or add rules with --add"
    agree("Set the rules without these?", yes=False, what=what, unasked=unasked)
