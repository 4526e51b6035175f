"""All that is known of one connection: what its secret says, save the key; its versions, its row, and the ways to it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from sfmint.salesforce.connection import Connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint_cli.broker_code import SystemClock
from sfmint_cli.connection_secret import OWN_KEY, STAGES, TRY, ConnectionSecret, Described, State
from sfmint_cli.connections.overview import ENDS_ALL
from sfmint_cli.connections.ways_in import Way
from sfmint_cli.credentials import usable
from sfmint_cli.deployed import Deployed
from sfmint_cli.instants import written
from sfmint_cli.result import ByName, Facts, Failed
from sfmint_cli.signing import Signing
from sfmint_cli.status.rows import Rows
from sfmint_cli.status.table import of_row
from sfmint_cli.stored_facts import said_of
from sfmint_cli.tainted_keys import key_id_in
from sfmint_values.foreign import Foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """Draws it; what cannot be seen, or not by these credentials, is left out, and said.

    Attributes:
        deployed: the connection.
        not_seen: what was left out, and why; it grows.
    """

    deployed: Deployed
    not_seen: list[str] = field(default_factory=list)

    def facts(self) -> Facts:
        """Return them.

        Raises:
            Failed: AWS does not answer.
        """
        secret = self.deployed.secret()
        described = self.seen(secret.describe)
        stored = described is not None and described.state is State.STORED
        versions = self.seen(lambda: _versions(secret, described)) if stored and described else None
        current = self.seen(secret.read) if stored and versions is not None else None
        return {
            "connection": self.deployed.name,
            "stack": self.deployed.stack.name,
            "secret": _of_secret(secret, described) | ({"versions": versions} if versions is not None else {}),
            **(_identity(current, self.deployed) if current else {}),
            "row": self.seen(self._row),
            "ways_in": {way.gives: _of_way(way) for way in Way.all_of(self.deployed.stack, self.deployed.name)},
            "allow_list": self.seen(self._allow_list),
        }

    def seen[Value](self, look: Callable[[], Value]) -> Value | None:
        """Return what a look shows; None where it shows nothing: then others do all the same.

        Raises:
            Failed: AWS does not take the credentials, or does not answer.
        """
        try:
            return look()
        except Failed as failed:
            if failed.name in ENDS_ALL:
                raise
            self.not_seen.append(failed.cause)
            return None

    def _row(self) -> Facts:
        rows = Rows.ask(self.deployed.account.functions(), self.deployed.stack.keeper, self.deployed.name).rows
        row = rows.get(self.deployed.name)
        return {} if row is None else of_row(row, SystemClock().now())

    def _allow_list(self) -> Facts:
        try:
            rules, is_set = self.deployed.allow_parameter().rules()
        except Failed as failed:
            if failed.name != "InvalidAllowList":
                raise
            return {"set": True, "fault": failed.cause}
        return {"set": is_set, "rules": rules}


def _identity(text: Foreign, deployed: Deployed) -> Facts:
    name = deployed.name
    try:
        connection, key = usable(name, text, deployed.stack.token_hosts, deployed.account)
    except Failed as failed:
        return {"fault": f"{failed.cause} {failed.remedy}"}
    return {"login": said_of(connection), "key": _of_key(key, connection), **_of_rotation(name, text)}


def _of_secret(secret: ConnectionSecret, described: Described | None) -> dict[str, object]:
    if described is None:
        return {"name": secret.name}
    when = "deleted" if described.state is State.DELETED else "changed"
    since = {} if described.since is None else {when: written(described.since)}
    return {"name": secret.name, "state": described.state.value, **since, "kms_key": described.kms_key or OWN_KEY}


def _versions(secret: ConnectionSecret, described: Described) -> Facts:
    """Return of each version that a stage names when it was made, and which key it holds."""
    found = ByName()
    for stage in (*STAGES, TRY):
        if stage in described.at and (read := secret.read_dated(stage)):
            text, made = read
            found[stage] = {"key_id": key_id_in(text), "made": None if made is None else written(made)}
    return found


def _of_key(key: Signing, connection: Connection) -> Facts:
    dates = {
        "certificate_from": key.valid_from and written(key.valid_from),
        "certificate_until": key.valid_until and written(key.valid_until),
    }
    in_kms = {"kms": connection.signing_key} if connection.signing_key else {}
    return {"key_id": key.key_id, **in_kms, **dates, "tainted_keys": sorted(connection.tainted_keys)}


def _of_rotation(name: str, text: Foreign) -> Facts:
    """Return what the secret says to a rotation of its key; nothing where it says nothing."""
    try:
        said = {field: value for field, value in asdict(parse_rotation(name, text)).items() if value is not None}
    except CredentialFault as fault:
        error = fault.to_error(name)
        return {"rotation": {"fault": f"{error.cause} {error.remedy}"}}
    return {"rotation": said} if said else {}


def _of_way(way: Way) -> Facts:
    return {"alias": way.alias, "policy": way.policy and way.policy.rpartition("/")[2]}
