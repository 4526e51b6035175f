"""What a person configures in the org: apps, users, settings, faults; and their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from sfmint_local.org.certificate import verification_key
from sfmint_local.org.choices import one_of
from sfmint_local.org.identifiers import new_consumer_key
from sfmint_local.org.setup.differences import Differences

type Policy = Literal["AdminApprovedPreAuthorized", "AllSelfAuthorized"]
type UserStatus = Literal["active", "inactive", "locked"]
type Where = Literal["token", "rest", "deploy", "any"]

# The org's profiles, and the user licence of each.
PROFILES = {
    "System Administrator": "Salesforce",
    "Standard User": "Salesforce",
    "Minimum Access - Salesforce": "Salesforce",
    "Minimum Access - API Only Integrations": "Salesforce Integration",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An External Client App.

    Attributes:
        consumer_key: drawn when not given.
        certificate: PEM; without one the app knows no JWT bearer logins.
        audiences: what ``aud`` may be; empty means the org's own origin and nothing else.
        policy: the permitted users, in the metadata's words.
        scopes: all go into every token; at least one besides ``refresh_token``.
        session_timeout_s: idle time after which an opaque token is dead.
        jwt_based_tokens: access tokens are JWTs, not opaque.
        jwt_timeout_s: the life of a token that is a JWT.
        installed: ``False`` answers as if the app were another org's.
        enabled: its policies let it, and its OAuth plugin, be used.

    Raises:
        ValueError: Salesforce would not take such an app.
    """

    consumer_key: str = field(default_factory=new_consumer_key)
    certificate: str | None = None
    audiences: tuple[str, ...] = ()
    policy: Policy = "AdminApprovedPreAuthorized"
    scopes: tuple[str, ...] = ("api", "refresh_token")
    session_timeout_s: int = 900
    jwt_based_tokens: bool = False
    jwt_timeout_s: int = 900
    installed: bool = True
    enabled: bool = True

    def __post_init__(self) -> None:
        one_of("policy", self.policy, Policy)
        if not set(self.scopes) - {"refresh_token"}:
            raise ValueError("An app needs a scope besides refresh_token. Add api.")
        if self.certificate is not None:
            verification_key(self.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A Salesforce user.

    Attributes:
        username: exact, as ``sub`` must name it.
        status: whether the user may log in; deactivating also ends the user's sessions.
        ip_restricted: logins from here are outside the profile's addresses or hours.
        profile: its name, one of `PROFILES`.
        alias: at most 8 characters; empty takes them from the user name.
    """

    username: str
    status: UserStatus = "active"
    ip_restricted: bool = False
    profile: str = "Standard User"
    alias: str = ""

    def __post_init__(self) -> None:
        one_of("status", self.status, UserStatus)
        if self.profile not in PROFILES:
            raise ValueError(f"profile is {self.profile!r}. It must be one of {', '.join(PROFILES)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Differences):
    """The org's own switches, and what kind of org it is.

    Attributes:
        login_limit_per_hour: login attempts of one user in any 60 minutes.
        api_limit: REST calls before ``REQUEST_LIMIT_EXCEEDED``.
        query_page_rows: rows of a query's page.
        token_delay_ms: how long the token endpoint thinks before it does anything.
        clock_offset_s: added to the org's clock: expiry, sessions, ``issued_at``, the Date header.
        reuse_sessions: a login of a user who has a live opaque session gets that session again.
        session_age_s: a new session is already so old, and says so in ``issued_at``.
        newest_version: of the APIs.
        is_sandbox: the org is a sandbox.
        organization_type: the edition, as ``Organization.OrganizationType`` has it.
        trial_days: until the org expires; 0: it does not.
    """

    login_limit_per_hour: int = 3600
    api_limit: int = 15000
    query_page_rows: int = 25
    token_delay_ms: int = 0
    clock_offset_s: float = 0.0
    reuse_sessions: bool = False
    session_age_s: float = 0.0
    newest_version: int = 67
    is_sandbox: bool = False
    organization_type: str = "Enterprise Edition"
    trial_days: int = 0

    def __post_init__(self) -> None:
        for entry in fields(self):
            is_text = isinstance(entry.default, str)
            if not isinstance(getattr(self, entry.name), str if is_text else int | float):
                fault = "no text" if is_text else "neither a number nor true or false"
                raise ValueError(f"{entry.name} is {fault}.")  # noqa: TRY004
        self.check_choices()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault to come.

    Attributes:
        where: ``token`` is the token endpoint, ``rest`` everything else under ``/services``, ``deploy`` of that only the
            requests that start a deployment.
        kind: a function's name in `faults`.
        times: how many requests it meets; ``None`` until cleared.
        params: the function's keyword arguments.
    """

    where: Where
    kind: str
    times: int | None = 1
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("where", self.where, Where)


def from_json[T](kind: type[T], body: object) -> T:
    """Read one of the values above from parsed JSON.

    Raises:
        ValueError: unknown or missing fields, or values that do not fit.
    """
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")  # noqa: TRY004
    known = [entry.name for entry in fields(kind)]  # type: ignore[arg-type]
    if unknown := sorted(set(body) - set(known)):
        raise ValueError(f"Unknown field {unknown[0]!r}. Known are {', '.join(known)}.")
    try:
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in body.items()})
    except TypeError as error:
        raise ValueError(f"A field is missing or has the wrong type: {error}.") from None
