"""A rotation of a connection's key, from its beginning to its end: what is due now, and who decides.

The phases follow each other, and each can be interrupted after any call; the next run goes on from what it finds:

1. *create* (`staging`): a new key, or the other one in KMS, in a version of its own, which becomes AWSPENDING.
2. *set* (`proving`, `setting`): a key in KMS is shown to be usable; callers get a token of the old key that outlasts the change; the certificate is published, and deployed
   through the admin connection, or a person is asked to upload it.
3. *test* (`testing`): real logins, until five in a row over five minutes have succeeded.
4. *finish* (`finishing`): the pending version becomes the current one; the one before may still log in for 30 minutes.

Or, from wherever it is: *cancel* (`cancelling`) or *void* (`voiding`).

Who decides: five logins decide *finish*. A person, a refusal of the org's, a taint of the new key, somebody who takes AWSPENDING
away, or half an hour without a login decides *cancel*. Somebody who stores another login decides *void*, which goes before the
others. A decision is written into the note by comparing and setting, so there is one; only a key that is tainted or a login that is
replaced before AWSCURRENT has moved takes *finish* back.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from key_rotation.errors import RotationPending
from key_rotation.note import Decision, Note
from key_rotation.ports import RotationPorts, SetupUnansweredError, StageMovedError
from key_rotation.standing import Phase, Standing
from key_rotation.use_case import beginning, cancelling, finishing, pace, proving, setting, staging, testing, voiding
from key_rotation.use_case.look import StuckError, look, meanwhile
from key_rotation.use_case.work import OvertakenError, Run, Work
from sfmint.errors import ConnectionNotFound, SfmintError

TRIES = 5  # to change a note that others change as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Rotates keys.

    Attributes:
        ports: the world.
        listed: hosts beside Salesforce's own that may be asked for a token.
    """

    ports: RotationPorts
    listed: frozenset[str] = frozenset()

    def standing(self, connection: str) -> Standing:
        """Return how the rotation stands, and change nothing."""
        return self._standing(connection, self._note(connection))

    def status(self, connection: str) -> Standing:
        """Return how the rotation stands, and which certificate is to be uploaded to which app; change nothing.

        The secret says it: others may be able to write what is published, and the note.
        """
        note = self._note(connection)
        standing = self._standing(connection, note)
        if note is None or not note.is_open:
            return standing
        with suppress(StuckError, SfmintError):  # the rest is known
            work = self._work(connection, Run(id="", ends_at=0.0), note)
            seen, is_published = look(work), self.ports.notes.published(connection) is not None
            of = seen.current if note.decision is Decision.CANCEL else seen.pending
            if is_published and of is not None and (of is seen.current or seen.is_made(note.version)):
                return replace(standing, app=of.app, certificate=setting.certificate_of(work, of))
        return standing

    def check(self, connection: str) -> Standing:
        """Return how the rotation stands, if another one could begin now; change nothing.

        Raises:
            RotationRefused: it could not, and why.
            RotationPending: one goes on, or that could not be found out.
        """
        last = self._note(connection)
        if last is not None and last.is_open:
            raise RotationPending(
                "A rotation of this connection goes on.", remedy=f"Wait for its end: sfmint rotate status {connection}."
            )
        nothing = Note(rotation="", versions=(), base="", login="", began_at=0.0)
        current = beginning.check(self._work(connection, Run(id="", ends_at=0.0), nothing), last)
        return replace(self._standing(connection, last), is_attended=current.is_attended)

    def begin(self, connection: str, rotation: str, run: Run) -> Standing:
        """Begin a rotation, or go on with the one that is there.

        Args:
            connection: its name.
            rotation: the token of the rotation, an id of 32 to 64 characters that a version of the secret can have.
            run: who asks.

        Returns:
            How it stands: another one's, where another one goes on; and how this one has ended, where it has.

        Raises:
            RotationRefused: it cannot begin, and why.
            RotationPending: it could not be found out whether it can.
        """
        return self._written(connection, lambda last: self._begun(connection, rotation, run, last))

    def _begun(self, name: str, rotation: str, run: Run, last: Note | None) -> Note:
        if last is not None and last.rotation == rotation:
            return last
        if last is not None and last.is_open:
            return beginning.adopt(self._work(name, run, last), rotation) or last
        former, revision = ((), 0) if last is None else (last.versions, last.revision)
        note = Note(
            rotation=rotation,
            versions=(rotation,),
            former=former,
            base="",
            login="",
            began_at=0.0,
            revision=revision,
        )
        return beginning.begin(self._work(name, run, note), last)

    def finish(self, connection: str, run: Run) -> Standing:
        """Note that a person says the certificate is uploaded: logins are tried from now on.

        Raises:
            RotationPending: others change the note again and again.
        """

        def uploaded(note: Note | None) -> Note | None:
            if note is None or not note.is_open or note.is_wanted or note.decision is not None:
                return None
            return self._work(connection, run, note).save(is_wanted=True, next_at=0.0)

        return self._written(connection, uploaded)

    def cancel(self, connection: str, run: Run) -> Standing:
        """Decide that the old key goes on, if nothing is decided yet.

        Raises:
            RotationPending: others change the note again and again.
        """

        def cancelled(note: Note | None) -> Note | None:
            if note is None or not note.is_open or note.decision is not None:
                return None
            return self._work(connection, run, note).decide(Decision.CANCEL, "Somebody has cancelled it.")

        return self._written(connection, cancelled)

    def _written(self, connection: str, write: Callable[[Note | None], Note | None]) -> Standing:
        """Return how a rotation stands after a change of its note, which is read again where others change it too.

        Args:
            connection: whose note it is.
            write: changes the note that was found, and returns it; None: there is nothing to change.

        Raises:
            RotationPending: others change it again and again.
        """
        for _ in range(TRIES):
            note = self._note(connection)
            try:
                after = write(note)
            except OvertakenError:
                continue
            return self._standing(connection, after or note, has_moved=after is not None)
        raise RotationPending("Others are changing this rotation at the moment.", remedy="Call again.")

    def advance(self, connection: str, run: Run) -> Standing:
        """Do what is due now: one step, of a few calls.

        Raises:
            SfmintError: AWS does not answer. The step is done again, by whoever comes next.
        """
        note = self._note(connection)
        now = self.ports.clock.now()
        if note is None or not note.is_open:
            self._sweep(connection, run, note)
            return self._standing(connection, note)
        if note.next_at > now or (note.hold_until > now and note.hold_by != run.id):
            return self._standing(connection, note)
        work = self._work(connection, run, note)
        try:
            after = self._step(work)
        except StuckError as stuck:
            after = self._waiting(work, pace.LOOK_AGAIN_S, str(stuck))
        except SetupUnansweredError:
            after = self._waiting(work, pace.AFTER_OUTAGE_S, "The org does not answer the admin connection.")
        except (OvertakenError, StageMovedError):
            found = self._note(connection)
            return self._standing(connection, found, has_moved=found is None or found.revision != note.revision)
        return self._standing(connection, after, has_moved=True)

    def _sweep(self, connection: str, run: Run, note: Note | None) -> None:
        """Take away what has arrived after the end: AWS begins no rotation while AWSPENDING is on another version."""
        if note is None or self.ports.clock.now() >= (note.ended_at or 0.0) + pace.SWEEP_S:
            return
        with suppress(ConnectionNotFound):
            voiding.clear(self._work(connection, run, note), self.ports.secrets.describe(connection))

    def _step(self, work: Work) -> Note:
        note = work.note
        if note.decision is Decision.VOID:
            return voiding.void(work, self.ports.secrets.describe(work.name))
        seen = look(work)
        if (changed := meanwhile(work, seen)) is not None:
            return changed
        if note.decision is Decision.FINISH:
            return finishing.finish(work, seen)
        if note.decision is Decision.CANCEL:
            return cancelling.cancel(work, seen)
        if not note.is_staged or seen.pending is None:
            return staging.stage(work, seen)
        if note.set_at is None:
            return proving.prove(work, seen.pending) or setting.set_certificate(work, seen, seen.pending)
        return testing.try_key(work, seen, seen.pending)

    def _waiting(self, work: Work, seconds: float, why: str) -> Note:
        try:
            return work.wait(seconds, why)
        except OvertakenError:
            return work.note

    def _work(self, name: str, run: Run, note: Note) -> Work:
        return Work(ports=self.ports, listed=self.listed, name=name, run=run, note=note)

    def _note(self, connection: str) -> Note | None:
        note = self.ports.notes.find(connection)
        return None if note is None else note.believed(self.ports.clock.now())

    def _standing(self, connection: str, note: Note | None, *, has_moved: bool = False) -> Standing:
        if note is None:
            return Standing(connection=connection, phase=Phase.NONE)
        held = note.hold_until if note.hold_by else 0.0
        next_at = max(note.next_at, held if not has_moved else 0.0)
        return Standing(
            connection=connection,
            phase=phase_of(note),
            next_at=next_at if note.is_open else None,
            words=note.words,
            rotation=note.rotation,
            version=note.version,
            began_at=note.began_at,
            logins=note.logins,
            refusals=note.refusals,
            is_attended=note.is_attended,
            has_moved=has_moved and note.is_open and next_at <= self.ports.clock.now(),
        )


def phase_of(note: Note) -> Phase:
    """Return what is being done, or how it ended."""
    match note.decision:
        case Decision.FINISH:
            return Phase.FINISHING if note.is_open else Phase.FINISHED
        case Decision.CANCEL:
            return Phase.CANCELLING if note.is_open else Phase.CANCELLED
        case Decision.VOID:
            return Phase.CANCELLING if note.is_open else Phase.VOID
        case None if not note.is_staged:
            return Phase.CREATING
        case None if note.set_at is None:
            return Phase.SETTING
        case None:
            return Phase.WAITING if note.is_attended and not note.is_wanted else Phase.TESTING
