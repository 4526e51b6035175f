"""One run's work on one rotation: its note, and how it is changed.

A change is written only over the revision that was read. Whoever is overtaken does nothing more and reads again.

What a late request could spoil, a deployment and the move of AWSCURRENT, is *held*: before it is sent, the note says who sends
it, and until when that run or its request may still be under way. Until then nobody else acts, and no rotation ends.
"""

from dataclasses import dataclass, replace
from typing import Any

from key_rotation.note import Decision, Note
from key_rotation.ports import RotationPorts

RELEASES = 5  # tries to say that what was held is done


class OvertakenError(Exception):
    """Somebody else has changed the note: it has to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One invocation.

    Attributes:
        id: unique to it.
        ends_at: epoch seconds at which it has ended for certain: Lambda ends it.
    """

    id: str
    ends_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A run at work on a note.

    Attributes:
        ports: the world.
        listed: hosts beside Salesforce's own that may be asked for a token.
        name: the connection's.
        run: who works.
        note: as it was read, or written by this run.
    """

    ports: RotationPorts
    listed: frozenset[str]
    name: str
    run: Run
    note: Note

    @property
    def now(self) -> float:
        """Epoch seconds."""
        return self.ports.clock.now()

    def save(self, **changes: Any) -> Note:
        """Change the note, and return it.

        Raises:
            OvertakenError: somebody else was first.
        """
        changed = replace(self.note, **changes)
        if not self.ports.notes.put(self.name, changed):
            raise OvertakenError
        return replace(changed, revision=changed.revision + 1)

    def decide(self, decision: Decision, why: str, **changes: Any) -> Note:
        """Decide how the rotation ends."""
        begun = {"logins": 0, "logins_since": None, "refusals": 0, "next_at": 0.0}
        return self.save(
            **(begun | {"decision": decision, "reason": why, "why": why, "decided_at": self.now} | changes)
        )

    def end(self) -> Note:
        """End the rotation, and say why it ends so, whatever was waited for meanwhile."""
        return self.save(ended_at=self.now, why=self.note.reason)

    def wait(self, seconds: float, why: str = "", **changes: Any) -> Note:
        """Note that nothing is due for some time."""
        return self.save(next_at=self.now + seconds, why=why or self.note.why, **changes)

    def is_held(self) -> bool:
        """Return whether a request that could spoil something may be under way."""
        return self.note.hold_until > self.now

    def hold(self, late_s: float, **changes: Any) -> "Work":
        """Note that something is about to be sent that may arrive late, and return the work to go on with.

        Args:
            late_s: how long after the end of this run it may arrive, in seconds.
            changes: of the note, beside that.
        """
        before = self.note.hold_until if self.is_held() else 0.0
        until = max(before, self.run.ends_at + late_s)
        return replace(self, note=self.save(hold_by=self.run.id, hold_until=until, **changes))

    def sent(self, late_s: float) -> float:
        """Return until when a request of this run that was not answered may still arrive: the run sends no other one."""
        return min(self.note.hold_until, self.now + late_s)

    def release(self, before: Note, **changes: Any) -> Note:
        """Note that what was held is answered. What was under way before stays held until it cannot arrive any more.

        Args:
            before: the note before it was held.
            changes: of the note; somebody may have decided meanwhile, and it stays decided.

        Raises:
            OvertakenError: the note is another run's.
        """
        quiet: dict[str, Any] = {"hold_by": "", "hold_until": 0.0} if before.hold_until <= self.now else {}
        note = self.note
        for _ in range(RELEASES):
            if note.hold_by != self.run.id or not note.is_open:
                break
            released = replace(note, **{**changes, **quiet})
            if self.ports.notes.put(self.name, released):
                return replace(released, revision=released.revision + 1)
            found = self.ports.notes.find(self.name)
            if found is None:
                break
            note = found
        raise OvertakenError
