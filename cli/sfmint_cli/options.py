"""Options and arguments that commands share."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial, wraps
from pathlib import Path
from typing import Any, Self

import click
from click.core import ParameterSource

from sfmint_values.connection_name import RULE, is_connection_name
from sfmint_values.invoke_limits import DEFAULT_MIN_TTL_S, LONGEST_MIN_TTL_S
from sfmint_values.login_urls import audience_url

DEFAULT_STACK = "sfmint"
LONGEST_PATH = 1024

type Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which stack, as the global options say.

    Attributes:
        stack: its name.
        profile: of the AWS configuration; None: the default one.
        region: None: the profile's.
        as_json: whether one document is printed and nothing said beside.
        given: the options that name stack, profile and region, as they stand on the command line.
    """

    stack: str
    profile: str | None
    region: str | None
    as_json: bool = False
    given: tuple[str, ...] = ()

    @classmethod
    def read(cls, context: click.Context) -> Self:
        """Return what was given before the command or after it."""
        given = context.meta
        return cls(
            stack=given.get("stack", DEFAULT_STACK),
            profile=given.get("profile"),
            region=given.get("region"),
            as_json=given.get("json", False),
            given=tuple(word for option, value in given.get(_TYPED, {}).items() for word in (option, value)),
        )


_TYPED = "sfmint.typed"  # in Click's meta: the global options that stand on the command line
LONGEST_TEXT = 255  # characters: Salesforce has no longer consumer key or user name, nor AWS a name


class Text(click.ParamType[str]):
    """Text that says something."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it."""
        if not value.strip():
            self.fail("it is empty.", param, ctx)
        if len(value) > LONGEST_TEXT:
            self.fail(f"it has {len(value)} characters, more than {LONGEST_TEXT}.", param, ctx)
        return value


def _remember(context: click.Context, option: click.Parameter, value: object) -> None:
    if not value or not option.name:
        return
    context.meta[option.name] = value
    if option.name != "json" and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
        context.meta[_TYPED] = {**context.meta.get(_TYPED, {}), option.opts[0]: value}


def global_options(*, hidden: bool = False) -> list[click.Option]:
    """Return the options that stand before a command or after it; the later one wins."""
    option = partial(click.Option, expose_value=False, callback=_remember, hidden=hidden)
    environment = None if hidden else "SFMINT_STACK"  # read once, so that it never beats what was given
    stack = f"Name of the stack.  [default: SFMINT_STACK, or {DEFAULT_STACK}]"
    return [
        option(["--stack"], type=Text(), metavar="NAME", envvar=environment, help=stack),
        option(["--profile"], type=Text(), metavar="NAME", help="Profile of the AWS configuration."),
        option(["--region"], type=Text(), metavar="NAME", help="AWS region.  [default: AWS_REGION, or the profile's]"),
        option(["--json"], is_flag=True, help="Print one JSON document, errors too."),
    ]


class Command(click.Command):
    """A command that also takes the global options."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params += global_options(hidden=True)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params += global_options(hidden=True)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names in the order in which they are needed."""
        return list(self.commands)


_NAME_RULE = f"a connection's name is {RULE}."


class _ConnectionName(click.ParamType[str]):
    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_connection_name(value):
            self.fail(_NAME_RULE, param, ctx)
        return value


connection_argument = click.argument("name", type=_ConnectionName())
connection_name_argument = click.argument("name", type=_ConnectionName(), required=False)
min_ttl_option = click.option(
    "--min-ttl",
    type=click.IntRange(0, LONGEST_MIN_TTL_S),
    default=DEFAULT_MIN_TTL_S,
    show_default=True,
    metavar="SECONDS",
    help="Seconds of life that the token should have left.",
)
show_option = click.option("--show", is_flag=True, help="Show the access token itself.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPaths:
    """Where a key lies, and what belongs to it."""

    key: Path
    passphrase_file: Path | None = None
    certificate: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who logs in, and where; token host and audience stand for each other.

    Attributes:
        org_id: the only org whose tokens are taken; None: any.
        hosts: what else the token may be sent to.

    Raises:
        click.UsageError: neither is given, or one is no origin and no site.
    """

    consumer_key: str
    username: str
    token_host: str | None
    audience: str | None
    org_id: str | None = None
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.token_host is None and self.audience is None:
            raise click.UsageError("Give --token-host: the org's My Domain, such as https://acme.my.salesforce.com.")
        for option, url in (("--token-host", self.token_host), ("--audience", self.audience)):
            try:
                audience_url(url or self.origin)
            except ValueError as error:
                raise click.UsageError(f"{option} {error}.") from None

    @property
    def origin(self) -> str:
        """Where the token is asked for."""
        return self.token_host or self.audience or ""

    def to_fields(self) -> dict[str, object]:
        """Return the fields of a connection's secret that say it."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if value not in (None, ())}


def gathered(into: str, kind: type[Any], *options: Decorator, of_credentials: bool = False) -> Decorator:
    """Return a decorator that adds options and hands their values on as one.

    Args:
        into: the command's argument.
        kind: a dataclass whose fields the options fill.
        options: in the order of the help text.
        of_credentials: whether a rollback goes without them; then nothing is handed on.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def call(*args: Any, **values: Any) -> Any:
            given = {field.name: values.pop(field.name) for field in fields(kind) if field.name in values}
            left_out = of_credentials and values.get(ROLLBACK)
            return command(*args, **values, **{into: None if left_out else kind(**given)})

        with_options: Callable[..., Any] = call
        for option in reversed(options):
            with_options = option(with_options)
        return with_options

    return decorate


ROLLBACK = "rollback"  # what is stored is taken: no credentials are given


class _OfCredentials(click.Option):
    """An option without which there are no credentials."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the value, which a rollback does not need."""
        return None if ctx.params.get(ROLLBACK) else super().process_value(ctx, value)


class NamedPath(click.ParamType[Path]):
    """A path; never a key or another file's content, which would be shown in the error about it."""

    name = "path"

    def convert(self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path, which need not lead anywhere."""
        text = str(value)
        if not text.strip() or not text.isprintable() or len(text) > LONGEST_PATH or "-----" in text:
            self.fail("that is no path. Give the name of a file, never its content.", param, ctx)
        return Path(text)


def file_option(name: str, text: str, *, required: bool = False) -> Decorator:
    """Return an option that names a file; a required one is not needed for a rollback."""
    kind = _OfCredentials if required else click.Option
    return click.option(name, cls=kind, type=NamedPath(), metavar="FILE", required=required, help=text)


def _text_option(name: str, text: str) -> Decorator:
    return click.option(name, cls=_OfCredentials, type=Text(), metavar="TEXT", required=True, help=text)


passphrase_option = file_option(
    "--passphrase-file", "Holds the passphrase of an encrypted key; without it a terminal is asked."
)

ca_bundle_option = click.option(
    "--ca-bundle",
    envvar="SSL_CERT_FILE",
    show_envvar=True,
    type=NamedPath(),
    metavar="FILE",
    help="Authorities to trust, PEM, where a proxy opens TLS.  [default: certifi's]",
)
certificate_option = file_option("--certificate", "Its certificate, as Salesforce has it, PEM.")
optional_key_option = file_option("--key", "Private key, PEM.")
identity_options = gathered(
    "identity",
    Identity,
    _text_option("--consumer-key", "Consumer key of the Salesforce app."),
    _text_option("--username", "Exact user name in Salesforce, not the e-mail."),
    click.option(
        "--token-host",
        type=Text(),
        metavar="URL",
        help="Where to ask: the org's My Domain, or an Experience Cloud site.  [default: the audience]",
    ),
    click.option(
        "--audience",
        type=Text(),
        metavar="URL",
        help="The claim aud. Connected App: https://login.salesforce.com, of a sandbox"
        " https://test.salesforce.com.  [default: the token host, right for an External Client App]",
    ),
    click.option("--org-id", type=Text(), metavar="ID", help="Take tokens of this org only: 00D..."),
    click.option(
        "--host",
        "hosts",
        type=Text(),
        multiple=True,
        metavar="HOST",
        help="Another host that takes the token, such as api.salesforce.com; may be given again.",
    ),
    of_credentials=True,
)
