"""What the stack's function that rotates keys answers, by the name of the error; a test compares this with its classes."""

from sfmint_cli.known_error import Diagnosis, Known

_PENDING = Diagnosis(
    name="RotationPending",
    again="yes",
    cause="The step is not done yet: the next run goes on with it.",
    steps=(
        "wait: the next run goes on",
        "see what it waits for with sfmint rotate status",
        "follow it to its end with sfmint rotate finish",
    ),
)
_REFUSED = Diagnosis(
    name="RotationRefused",
    again="no",
    cause="The rotation cannot begin.",
    steps=("do what the message says", "then begin again with sfmint rotate start"),
)
_VOID = Diagnosis(
    name="RotationVoid",
    again="no",
    cause=(
        "The rotation has ended without a new key: it was cancelled, or somebody stored other credentials meanwhile."
    ),
    steps=("read why in sfmint rotate status", "then begin another one with sfmint rotate start"),
)
ROTATION_WORDS = tuple(Known(said=(each.name.lower(),), means=each) for each in (_PENDING, _REFUSED, _VOID))
