"""`sfmint exec`: run a command with a fresh token in its environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from sfmint_cli import render
from sfmint_cli.options import Command, Target, connection_argument, min_ttl_option
from sfmint_cli.result import Failed
from sfmint_values.exits import EXITS

ITSELF = 125  # sfmint has failed; 126 and 127 are the shell's


@contextmanager
def _as_itself() -> Iterator[None]:
    """Give whatever goes wrong here an exit code that tells it from the child's own."""
    try:
        yield
    except EXITS:
        raise
    except click.exceptions.Exit:  # --help
        raise
    except BaseException as error:
        if not (isinstance(error, Failed) and error.exit_code > ITSELF):
            error.exit_code = ITSELF  # type: ignore[attr-defined]  # main reads it
        raise


class _Exec(Command):
    """Its failures have exit codes of their own, also that of a wrong command line."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with _as_itself():
            return super().make_context(*args, **more)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a command without -- before it: an option of the command's might be taken for one of sfmint's."""
        own = args[: args.index("--")] if "--" in args else args
        parser = self.make_parser(ctx)
        parser.allow_interspersed_args = False
        after_name = parser.parse_args(list(own))[0].get("cmd")
        rest = list(after_name) if isinstance(after_name, list | tuple) else []
        if isinstance(parser.parse_args(rest)[0].get("name"), str):  # the first word that is no option
            raise click.UsageError("Write -- before the command, as in `sfmint exec NAME -- CMD ARGS`.", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _as_itself():
            return super().invoke(ctx)


@click.command("exec", cls=_Exec)
@connection_argument
@min_ttl_option
@click.argument("cmd", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, *, name: str, min_ttl: int, cmd: tuple[str, ...]) -> None:
    """Run a command that finds a fresh token in its environment.

    Write -- before CMD: sfmint exec NAME -- CMD ARGS. CMD takes this process's place, so signals reach it and its exit
    code is the result; before that it is 125 if sfmint fails, 126 if CMD cannot be executed, 127 if there is none.

    The token is in SF_ACCESS_TOKEN, SALESFORCE_ACCESS_TOKEN and SF_TARGET_ORG (for sf, which takes a token for an org);
    where it may be used is in SF_INSTANCE_URL, SALESFORCE_INSTANCE_URL and SF_ORG_INSTANCE_URL. It is not renewed: give
    a long job TokenClient instead. The same user of this machine can read it in /proc. SFMINT_ADMIN_... is not handed
    on.
    """
    from sfmint_cli.use.broker_token import BrokerTokens
    from sfmint_cli.use.child_process import become

    target = Target.read(context)
    if target.as_json:
        raise click.UsageError("exec prints nothing of its own, so there is no --json; after -- it is the command's.")
    token = BrokerTokens.open(target, name, min_ttl).get_token()
    if token.expires_in < min_ttl:
        raise Failed(
            f"The token has {token.expires_in} s left, less than --min-ttl wants ({min_ttl} s).",
            remedy="Ask for less: at most half of a token's life is granted; else raise the app's session time-out and"
            " token_lifetime.",
            name="TooShort",
        )
    render.say(
        f"The token ends in {token.expires_in} s and is not renewed; the same user of this machine can read it in /proc."
    )
    become(cmd, token)
