"""What keeps a rotation from going on before anything has been changed outside the secret."""

from key_rotation.ports import Apps, SetupRefusedError
from key_rotation.use_case.credentials import Credentials
from key_rotation.use_case.pace import SHORTEST_LIFETIME_S


def hindrance(current: Credentials, apps: Apps) -> tuple[str, str] | None:
    """Return cause and remedy; None: nothing does.

    Raises:
        SetupUnansweredError: it could not be found out.
    """
    lifetime_s = current.connection.lifetime_s
    if lifetime_s < SHORTEST_LIFETIME_S and current.turns.other_app is None:
        return (
            f"Tokens of {lifetime_s} s do not outlast a change of the app, which takes ten minutes to arrive.",
            f"Use two apps that take turns (other_app, other_consumer_key), or a token_lifetime of {SHORTEST_LIFETIME_S} s.",
        )
    if current.connection.signing_key is not None and current.turns.other_signing_key is None:
        return (
            "The key is in KMS, and no other one is named with which it takes turns: a rotation makes none there.",
            "Make a second key in KMS, list it in SigningKeyArns, and name it as other_signer.",
        )
    if current.turns.admin_connection is not None:
        try:
            apps.check(current.asked(current.turns.admin_connection))
        except SetupRefusedError as refused:
            return refused.cause, refused.remedy
    return None
