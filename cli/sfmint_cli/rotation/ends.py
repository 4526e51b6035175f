"""How a command of `sfmint rotate` ends, by how the rotation stands then."""

from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed
from sfmint_cli.rotation.standing import CANCELLING, Standing


class Interrupted(Failed):
    """Ctrl-C, while a rotation was followed."""

    exit_code = 130


def facts_of(name: str, standing: Standing) -> Facts:
    """Return how a connection's rotation stands, for a person or a program."""
    return {"connection": name, **standing.to_facts()}


def getting_certificate(name: str) -> str:
    """Return the command that writes the certificate to upload, with the clicks of Setup."""
    return sfmint("rotate", "status", name, "--certificate", f"{name}-next.crt")


def next_step(name: str, standing: Standing) -> str | None:
    """Return what a person does next; None: nothing.

    Args:
        name: of the connection.
        standing: of its rotation.
    """
    if standing.waits_for_upload:
        return f"get the certificate, and the clicks that upload it: {getting_certificate(name)}"
    if standing.is_open:
        way = "cancel" if standing.phase == CANCELLING else "finish"
        return f"it goes on by itself; to watch it until the end: {sfmint('rotate', way, name)}"
    return None


def unfinished(name: str, standing: Standing) -> Failed:
    """Return why a rotation has not come to the end that was wanted.

    Args:
        name: of the connection.
        standing: of its rotation.
    """
    facts, cancel = facts_of(name, standing), sfmint("rotate", "cancel", name)
    start = sfmint("rotate", "start", name)
    begin = f"Begin another one: {start}"
    writing = f"`{getting_certificate(name)}` writes it"
    match standing.phase:
        case "none":
            return Failed(standing.words, remedy=f"Begin one: {start}", name="NoRotation", facts=facts)
        case "void":
            return Failed(standing.words, remedy=begin, name="RotationVoid", facts=facts)
        case "cancelled":
            return Failed(standing.words, remedy=begin, name="RotationCancelled", facts=facts)
        case "waiting":
            remedy = f"Upload the certificate ({writing}), then go on: {sfmint('rotate', 'finish', name)}"
            return Failed(standing.words, remedy=remedy, name="RotationWaits", facts=facts)
        case "cancelling":
            cause = f"The rotation is being cancelled: {standing.words}"
            remedy = f"If the old key is refused, upload its certificate again ({writing}); see it to its end: {cancel}"
            return Failed(cause, remedy=remedy, name="RotationCancelled", facts=facts)
        case _:
            remedy = f"Compare the app's certificate with the new one ({writing}), then go on: {sfmint('rotate', 'finish', name)}"
            return Failed(standing.words, remedy=remedy, name="RotationPending", facts=facts)


def interrupted(name: str, again: str) -> Interrupted:
    """Return what is said after Ctrl-C."""
    return Interrupted(
        "Interrupted. Nothing is lost: the stack goes on with the rotation by itself.",
        remedy=f"To watch it to its end: {sfmint('rotate', again, name)}",
        name="Interrupted",
    )
