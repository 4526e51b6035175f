"""`sfmint rotate status`: how a rotation stands, and the certificate that it wants uploaded."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli.options import Command, NamedPath, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Report

if TYPE_CHECKING:
    from sfmint_cli.rotation.rotating import Rotating
    from sfmint_cli.rotation.standing import Standing


@click.command("status", cls=Command)
@connection_argument
@click.option(
    "--certificate",
    type=NamedPath(),
    metavar="FILE",
    help="Write the certificate that is to be uploaded into a new file.",
)
@click.pass_context
def command(context: click.Context, *, name: str, certificate: Path | None) -> Report:
    """Show how a rotation stands, or how the last one ended.

    One event to the stack's function, which changes nothing. Exit code 1 if the org has refused for a quarter of an hour
    what the rotation waits for. With --certificate it prints the clicks of Setup that upload the file.
    """
    from sfmint_cli.rotation import ends
    from sfmint_cli.rotation.rotating import Rotating

    rotating = Rotating.find(context, name)
    standing = rotating.function.ask("status")
    facts = ends.facts_of(name, standing)
    if certificate is not None:
        return _written(rotating, standing, certificate, facts)
    if standing.is_stuck:
        raise ends.unfinished(name, standing)
    return Report(facts=facts, next_step=ends.next_step(name, standing))


def _written(rotating: "Rotating", standing: "Standing", certificate: Path, facts: Facts) -> Report:
    from sfmint_cli.rotation.clicks import to_upload
    from sfmint_cli.rotation.published import published_certificate, write_certificate
    from sfmint_cli.rotation.standing import CANCELLING

    write_certificate(certificate, published_certificate(rotating.deployed.name, standing))
    again = "cancel" if standing.phase == CANCELLING else "finish"
    return Report(
        facts={**facts, "certificate": str(certificate), "clicks": to_upload(standing.app, str(certificate))},
        next_step=f"have it uploaded, then: {sfmint('rotate', again, rotating.deployed.name)}",
    )
