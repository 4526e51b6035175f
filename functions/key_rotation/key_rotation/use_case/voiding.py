"""Void: somebody has stored another login. What is pending goes; the org is left alone, for it is theirs now."""

from key_rotation.note import Note
from key_rotation.ports import News
from key_rotation.use_case.work import Work
from key_rotation.versions import NEXT, PENDING, Versions


def void(work: Work, versions: Versions) -> Note:
    """Take away what is the rotation's own, and end it."""
    clear(work, versions)
    if work.is_held():
        return work.save(next_at=work.note.hold_until)
    work.ports.announcer.say(News(kind="void", connection=work.name, words=work.note.verdict))
    return work.end()


def clear(work: Work, versions: Versions) -> None:
    """Take the rotation's labels off its own versions, and away what is published. Nobody else's label is touched."""
    for label in (PENDING, NEXT):
        if (version := versions.at(label)) in work.note.own:
            work.ports.secrets.move(work.name, label, to=None, off=version)
    if work.ports.notes.published(work.name) is not None:
        work.ports.notes.withdraw(work.name)
