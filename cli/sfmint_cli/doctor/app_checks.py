"""Is the app in the org as a login needs it, and as the secret says? With an administrator's session; else not checked."""

from collections.abc import Callable, Iterable
from functools import wraps

from sfmint_cli.apps.admin_session import TOKEN, URL
from sfmint_cli.apps.comparison import Difference, against, faults, unseen
from sfmint_cli.apps.in_org import InOrg, named_sets
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.named_app import app_of
from sfmint_cli.pasteable import sfmint
from sfmint_setup.errors import DeployFailed, OrgUnreachable, SetupError, UnusableAnswer
from sfmint_values.record_id import is_same

_SESSION = f"Run this with --org ALIAS of an sf CLI that is logged in to the org, or set {TOKEN} and {URL}."
_OF_EVERY_ORG = ("https://login.salesforce.com", "https://test.salesforce.com")
# What tells of the way to the org; all else tells of the session at hand, and not of the app.
_OF_ORG = (DeployFailed, OrgUnreachable, UnusableAnswer)

type Examine = Callable[[Case], Finding]


def _told(examine: Examine) -> Examine:
    """Return a check that says in a finding what the org does not tell."""

    @wraps(examine)
    def run(case: Case) -> Finding:
        try:
            return examine(case)
        except SetupError as error:
            kind = Finding.fault if isinstance(error, _OF_ORG) else Finding.not_checked
            return kind(error.cause, error.remedy)

    return run


@_told
def session(case: Case) -> Finding:
    """Take the session of an administrator, if one was given, and ask whose it is."""
    if not case.admin.is_given:
        return Finding.not_checked("No session of an administrator was given.", _SESSION)
    case.setup = case.admin.open(case.clock)
    case.org = case.setup.identity()
    if case.is_let_in and case.token.org_id and not is_same(case.token.org_id, case.org.org_id):
        return Finding.not_checked(
            f"The session is of the org {case.org.org_id}, and the connection's user is in {case.token.org_id}.",
            _SESSION,
        )
    kind = "production" if case.org.is_production else "no production"
    return Finding.ok(f"It is of {case.org.username} in {case.org.org_id} ({case.org.name}, {kind}).")


@_told
def app(case: Case) -> Finding:
    """Read the app, its policies, its permission sets and the user."""
    wanted = case.app_name or app_of(case.name, case.text)
    found = case.setup.app(wanted)
    if found is None:
        return _missing(case, wanted)
    case.in_org = InOrg(
        org=case.org,
        app=found,
        permission_sets=named_sets(found, case.setup.permission_set, f"{wanted}_access"),
        user=case.setup.user(case.connection.username),
        now=case.clock.now(),
    )
    return Finding.ok(f"The org has the app {found.name}.")


def _missing(case: Case, wanted: str) -> Finding:
    """Return what it means that the session sees no app of that name, which another org or name may explain."""
    asked, given = case.connection.token_host, case.org.instance_url
    if not case.is_let_in and asked not in (given, *_OF_EVERY_ORG):
        return Finding.not_checked(f"The session is of the org at {given}, and the connection asks {asked}.", _SESSION)
    if case.is_let_in or case.app_name:
        return Finding.not_checked(f"The org shows no app {wanted}.", "Name the connection's app with --app.")
    org = ("--org", case.admin.org) if case.admin.org else ()
    create = sfmint("app", "create", case.name, *org, "--username", case.connection.username)
    return Finding.fault(f"The org has no app {wanted} that this session can read.", f"Make it: {create}")


def app_settings(case: Case) -> Finding:
    """Compare the app with what every login needs."""
    return _of(case, faults(case.in_org), "They are as a login needs them.")


def app_against_secret(case: Case) -> Finding:
    """Compare app and user with what the secret says."""
    differences = list(against(case.in_org, case.connection, case.key.key_id))
    pending = case.pending
    if differences and pending is not None and not any(against(case.in_org, pending.connection, pending.key.key_id)):
        return Finding.ok(f"They fit the key {pending.key.key_id}, which the rotation that is pending has made ready.")
    return _of(case, differences, "Consumer key, certificate, session time-out, user and approval fit the secret.")


def _of(case: Case, differences: Iterable[Difference], well: str) -> Finding:
    found = list(differences)
    if not found:
        hidden = unseen(case.in_org)
        return Finding.ok(well) if hidden is None else Finding.not_checked(*hidden)
    told = "; ".join(f"{each.what} is {each.org}, and wanted is {each.wanted}" for each in found)
    return Finding.fault(f"{told}.", found[0].remedy)
