"""What an org has of a connection's app, with all that a login depends on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint_cli.broker_code import key_id_of
from sfmint_cli.instants import written
from sfmint_cli.result import ByName, Facts
from sfmint_setup.app_files import TIMEOUT
from sfmint_setup.component import CONNECTED_APP, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES
from sfmint_setup.records import App, Identity, PermissionSet, User
from sfmint_values.foreign import Foreign
from sfmint_values.record_id import is_same

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MINUTE_S = 60
_MOST_DIGITS = 6
_EXTERNAL, _CONNECTED = "External Client App", "Connected App"
_DEPENDED_ON = (GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES)
type Find = Callable[[str], PermissionSet | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class InOrg:
    """What the org has.

    Attributes:
        org: it.
        app: the connection's.
        permission_sets: that its policies name, as far as they are there.
        user: who is to log in, if that is known; None: there is no such user, or nobody said who.
        now: epoch seconds.
    """

    org: Identity
    app: App
    permission_sets: tuple[PermissionSet, ...]
    user: User | None
    now: float

    @property
    def key_id(self) -> str | None:
        """The id of the certificate's key; None: the org shows no certificate."""
        try:
            return None if self.app.certificate is None else key_id_of(self.app.certificate)
        except CredentialFault:
            return None

    @property
    def unseen(self) -> list[str]:
        """The types of what a login depends on and the session does not show: it may not, or the org has none."""
        seen = self.app.components
        return [kind for kind in _DEPENDED_ON if kind not in seen] if self.app.kind == "external" else []

    @property
    def timeout_s(self) -> int | None:
        """The session time-out; None: the app has none of its own, or the org does not show it."""
        minutes = self.text(OAUTH_POLICIES, TIMEOUT)
        return int(minutes) * _MINUTE_S if is_number(minutes) else None

    def to_facts(self) -> Facts:
        """Return it for a person or a program."""
        return {
            "org": {"id": self.org.org_id, "name": self.org.name, "production": self.org.is_production},
            "app": {
                "name": self.app.name,
                "kind": _EXTERNAL if self.app.kind == "external" else _CONNECTED,
                "id": self.app.id or None,
                "consumer_key": self.app.consumer_key,
                "scopes": self.scopes,
                "permitted_users": self.text(OAUTH_POLICIES, "permittedUsersPolicyType") or None,
                "ip_policy": self.text(OAUTH_POLICIES, "ipRelaxationPolicyType") or None,
                "session_timeout_s": self.timeout_s,
                "components": [f"{kind} {part.full_name}" for kind, part in self.app.components.items()],
                "not_seen": self.unseen,
            },
            "certificate": self._certificate_facts(),
            "permission_sets": ByName({each.name: self._holders(each) for each in self.permission_sets}),
        }

    @property
    def scopes(self) -> list[str]:
        """The app's OAuth scopes, in metadata's words."""
        if self.app.kind == "connected":
            listed = self._connected("scopes")
            return [each for each in (listed if isinstance(listed, tuple) else (listed,)) if isinstance(each, str)]
        names = self.text(OAUTH, "commaSeparatedOauthScopes").split(",")
        return [name.strip() for name in names if name.strip()]

    def opens(self, permission_set: PermissionSet) -> bool:
        """Return whether those who have a permission set may log in by the app."""
        return self.app.kind == "connected" or any(is_same(tied, self.app.id) for tied in permission_set.tied_apps)

    def _holders(self, permission_set: PermissionSet) -> Facts:
        return {"opens_the_app": self.opens(permission_set), "users": list(permission_set.usernames)}

    def _certificate_facts(self) -> Facts | None:
        from cryptography.hazmat.primitives import hashes

        certificate = certificate_of(self.app.certificate)
        return (
            None
            if certificate is None
            else {
                "key_id": self.key_id,
                "fingerprint": certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
                "valid_from": written(certificate.not_valid_before_utc),
                "valid_until": written(certificate.not_valid_after_utc),
            }
        )

    def text(self, kind: str, element: str) -> str:
        """Return an element of one of the app's components; what is not there is empty."""
        part = self.app.components.get(kind)
        return "" if part is None else part.text(element)

    def _connected(self, element: str) -> object:
        part = self.app.components.get(CONNECTED_APP)
        oauth = part.elements.get("oauthConfig") if part is not None else None
        return oauth.get(element, ()) if oauth is not None and not isinstance(oauth, str | tuple) else ()


def is_number(text: Foreign) -> bool:
    """Return whether a text is a number of minutes."""
    return len(text) <= _MOST_DIGITS and text.isascii() and text.isdecimal()


def named_sets(app: App, find: Find, default: str) -> tuple[PermissionSet, ...]:
    """Return the permission sets that an app's policies name, and the one that sfmint makes, as far as they are there."""
    part = app.components.get(OAUTH_POLICIES)
    names = [name.strip() for name in (part.text("commaSeparatedPermissionSet") if part else "").split(",")]
    connected = app.components.get(CONNECTED_APP)
    listed = connected.elements.get("permissionSetName", ()) if connected is not None else ()
    names += [each for each in (listed if isinstance(listed, tuple) else (listed,)) if isinstance(each, str)]
    wanted = dict.fromkeys(name for name in (*names, default) if name)
    return tuple(each for each in map(find, wanted) if each is not None)


def certificate_of(pem: str | None) -> "Certificate | None":
    """Return a certificate, if the text is one."""
    from cryptography.x509 import load_pem_x509_certificate

    if pem is None:
        return None
    try:
        return load_pem_x509_certificate(pem.encode())
    except ValueError:
        return None
