"""The session of an administrator, which a person hands to one command and which nobody stores."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from sfmint_cli.options import ca_bundle_option, gathered
from sfmint_cli.result import Failed
from sfmint_cli.way_out import allow_host_option
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import listed_hosts
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint_setup.org import Org
    from sfmint_values.system import Clock

TOKEN, URL = "SFMINT_ADMIN_ACCESS_TOKEN", "SFMINT_ADMIN_INSTANCE_URL"
LONGEST_TOKEN = 16 * 1024  # characters; one that is a JWT has some two thousand
LONGEST_ALIAS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What is handed over as a session.

    Attributes:
        instance_url: as it was given; empty: it was not.
        access_token: None: it was not given.
        is_whole: what was given may be an access token.
    """

    instance_url: str
    access_token: Secret | None = field(repr=False)
    is_whole: bool

    @classmethod
    def taken_out(cls) -> Self:
        """Take it out of the environment: no child is to inherit it, the sf CLI as little as one of AWS."""
        token, url = (os.environ.pop(name, "").strip() for name in (TOKEN, URL))  # noqa: TID251 - where it is handed over
        return cls.of(url, token)

    @classmethod
    def of(cls, instance_url: str, token: str) -> Self:
        """Return texts as what they may be."""
        return cls(instance_url=instance_url, access_token=Secret(token) if token else None, is_whole=is_token(token))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminSession:
    """A session.

    Attributes:
        instance_url: as it was given.
        access_token: the session itself.
    """

    instance_url: str
    access_token: Secret = field(repr=False)

    @classmethod
    def given(cls, alias: str | None, handed: Handed) -> Self:
        """Return the session of an org of the sf CLI, or else of the environment.

        Never that of SF_ACCESS_TOKEN: `sfmint exec` sets it, for users who must not administer an org.

        Args:
            alias: of the sf CLI; None: the environment has it.
            handed: what the environment had.

        Raises:
            Failed: there is none, or it is no session.
        """
        if alias is not None:
            from sfmint_cli.apps.sf_program import session_of

            handed = Handed.of(*session_of(alias))
        if handed.access_token is None:
            raise Failed(
                "This command needs the session of an administrator of the org, and none was given.",
                remedy=f"Give --org ALIAS of an sf CLI that is logged in, or set {TOKEN} and {URL}; without a session,"
                " `sfmint app metadata NAME --out DIR` writes the files and the clicks.",
                name="NoAdminSession",
            )
        if not handed.instance_url:
            raise Failed(
                f"{TOKEN} is set, but {URL} is not: a session is good at its own org only.",
                remedy=f"Set {URL} to the org's own URL, such as https://acme.my.salesforce.com.",
                name="NoAdminSession",
            )
        if not handed.is_whole:
            raise Failed(
                "What was given for the administrator's session is no access token.",
                remedy="Give the whole token on one line; `sf org auth show-access-token --json` has it as accessToken.",
                name="NoAdminSession",
            )
        return cls(instance_url=handed.instance_url, access_token=handed.access_token)


def is_token(text: Foreign) -> bool:
    """Return whether a text may be an access token: it has to fit into a header."""
    return 0 < len(text) <= LONGEST_TOKEN and text.isascii() and text.isprintable() and " " not in text


class _Alias(click.ParamType[str]):
    name = "alias"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        fits = 0 < len(value) <= LONGEST_ALIAS and value.isprintable() and " " not in value
        if not fits or value.startswith(("-", "00D")):
            self.fail("it is an alias or a user name that `sf org list` shows, never a token.", param, ctx)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminOptions:
    """How to reach the org as its administrator.

    Attributes:
        org: an alias of the sf CLI.
        ca_bundle: authorities to trust.
        allow_host: a host beside Salesforce's own that the session may be sent to.
        handed: what the environment has, out of which it is taken before anything else is done.
    """

    org: str | None
    ca_bundle: Path | None
    allow_host: str | None
    handed: Handed = field(default_factory=Handed.taken_out)

    @property
    def allowed(self) -> frozenset[str]:
        """The hosts beside Salesforce's own."""
        return listed_hosts(self.allow_host or "")

    @property
    def is_given(self) -> bool:
        """Whether there is a session."""
        return self.org is not None or self.handed.access_token is not None

    def open(self, clock: "Clock | None" = None) -> "Org":
        """Return the org.

        Args:
            clock: for the pauses between two looks at a deployment; None: the machine's.

        Raises:
            Failed: there is no session, or no way to the org.
            SetupError: the session is of a host that it may not be sent to.
        """
        from sfmint_cli.apps.switch_notes import SwitchNotes
        from sfmint_cli.way_out import authorities, proxy_for
        from sfmint_client.rest.session import https_session
        from sfmint_setup.org import Org
        from sfmint_setup.wire import Wire, instance_origin
        from sfmint_values.system import SystemClock

        session = AdminSession.given(self.org, self.handed)
        origin = instance_origin(session.instance_url, self.allowed)
        https = https_session(ca_bundle=authorities(self.ca_bundle), proxy=proxy_for(origin))
        clock = clock or SystemClock()
        wire = Wire(session=https, origin=origin, token=session.access_token, clock=clock)
        return Org(wire=wire, clock=clock, notes=SwitchNotes.of_this_user())


org_option = click.option(
    "--org",
    type=_Alias(),
    metavar="ALIAS",
    help=f"Org that the sf CLI is logged in to as an administrator.  [default: {TOKEN} and {URL}]",
)
admin_options = gathered("admin", AdminOptions, org_option, ca_bundle_option, allow_host_option)
