"""What signs assertions."""

from sfmint.ports import Signers


def open_signers() -> Signers:
    """Return what signs for each connection: the PEM key in its secret, which is the only kind there is."""
    from sfmint.adapters.signers.pem import PemSigners

    return PemSigners()
