"""Options that name what a rotation has to know: fields of the connection's secret."""

from dataclasses import dataclass, fields

import click

from sfmint_cli.options import Text, gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFields:
    """Fields of the secret, as the command line names them; None: what the secret says stays.

    Attributes:
        admin_connection: name of the connection whose user may change the app.
        app: the app's API name.
        other_app: the API name of the app with which it takes turns.
        other_consumer_key: that app's consumer key.

    Raises:
        click.UsageError: half of the other app is given.
    """

    admin_connection: str | None
    app: str | None
    other_app: str | None
    other_consumer_key: str | None

    def __post_init__(self) -> None:
        if (self.other_app is None) != (self.other_consumer_key is None):
            raise click.UsageError("--other-app and --other-consumer-key belong together: give both or neither.")

    def said(self) -> dict[str, str]:
        """Return what is given, by the names of the secret's fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


field_options = gathered(
    "given",
    GivenFields,
    click.option(
        "--admin-connection",
        type=Text(),
        metavar="NAME",
        help="Connection that may change the app (admin-...): then nobody has to upload anything.",
    ),
    click.option("--app", type=Text(), metavar="TEXT", help="The app's API name.  [default: as app create calls it]"),
    click.option("--other-app", type=Text(), metavar="TEXT", help="API name of an app with which it takes turns."),
    click.option("--other-consumer-key", type=Text(), metavar="KEY", help="Consumer key of that app."),
)
