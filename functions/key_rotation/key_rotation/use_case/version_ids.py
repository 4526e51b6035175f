"""Ids of versions that a rotation makes after an edit: the same for every run that makes the same one."""

import hashlib


def version_id(rotation: str, number: int, base: str) -> str:
    """Return an id of 64 characters, as Secrets Manager takes one (PutSecretValue, ClientRequestToken: 32 to 64).

    Args:
        rotation: the token that the rotation began with.
        number: how many versions it has made before.
        base: the current version that this one is made from.
    """
    return hashlib.sha256(f"{rotation}\n{number}\n{base}".encode()).hexdigest()
