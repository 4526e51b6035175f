"""What the class of an error says of it: the tables of the docs and `sfmint explain` read this."""

import inspect

from sfmint import errors as core_errors
from sfmint_client import errors as client_errors

type ErrorClass = type[core_errors.SfmintError | client_errors.SfmintError]


def _subclasses(module: object) -> dict[str, ErrorClass]:
    """Return the errors of a module by name in the order of their definition, without their base."""
    base: ErrorClass = vars(module)["SfmintError"]
    kinds = [kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, base)]
    return {kind.__name__: kind for kind in kinds if kind is not base}


OF_THE_BROKER = _subclasses(core_errors)
OF_THE_CLIENT = {name: kind for name, kind in _subclasses(client_errors).items() if name not in OF_THE_BROKER}
BY_NAME = OF_THE_BROKER | OF_THE_CLIENT


def sentence_of(kind: ErrorClass) -> str:
    """Return the first sentence of a class: when the error is met."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())


def again(kind: ErrorClass) -> str:
    """Return whether the same call may succeed later: `yes`, in seconds; `after a pause`, in minutes; `no`."""
    if getattr(kind, "after_a_pause", False):
        return "after a pause"
    return "yes" if kind.retryable else "no"
