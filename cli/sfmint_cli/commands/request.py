"""`sfmint request`: one REST request with a connection's token."""

import shlex
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.options import Command, NamedPath, Target, ca_bundle_option, connection_argument, gathered
from sfmint_cli.result import Failed, Report
from sfmint_cli.way_out import allow_host_option

if TYPE_CHECKING:
    from sfmint_cli.use.broker_token import BrokerTokens
    from sfmint_client.rest.client import RestClient
    from sfmint_client.rest.request import RestRequest

WITHIN_S = 150.0  # Salesforce lets a query run for two minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent beside method and path, as it stands on the command line."""

    query: tuple[str, ...]
    header: tuple[str, ...]
    data: str | None
    all_pages: bool

    def to_request(self, method: str, path: str) -> "RestRequest":
        """Return the request.

        Raises:
            SfmintError: no request may be so.
        """
        from sfmint_cli.use.rest import body_of, pairs, with_type
        from sfmint_client.rest.request import LARGEST_MAX_BYTES, RestRequest

        body = body_of(self.data)
        return RestRequest(
            method=method.upper(),
            path=path,
            query=pairs(self.query, "=", "--query"),
            headers=with_type(pairs(self.header, ":", "--header"), body),
            body=body,
            all_pages=self.all_pages,
            max_bytes=LARGEST_MAX_BYTES,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """How the org is reached."""

    allow_host: str | None
    ca_bundle: Path | None


@click.command("request", cls=Command)
@connection_argument
@click.argument("method", type=click.Choice(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"), case_sensitive=False))
@click.argument("path")
@gathered(
    "sent",
    Sent,
    click.option("--query", multiple=True, metavar="NAME=VALUE", help="Of the URL, not encoded; may be given again."),
    click.option("--header", multiple=True, metavar="NAME:VALUE", help="To send; may be given again."),
    click.option(
        "--data", metavar="TEXT", help="Body: a text, @FILE, or - for stdin; JSON unless a header says otherwise."
    ),
    click.option("--all-pages", is_flag=True, help="Follow nextRecordsUrl, and print all records as one answer."),
)
@click.option("--output", type=NamedPath(), metavar="FILE", help="Write the body there, for you alone (0600).")
@gathered(
    "way_out",
    WayOut,
    allow_host_option,
    ca_bundle_option,
)
@click.pass_context
def command(
    context: click.Context, *, name: str, method: str, path: str, sent: Sent, output: Path | None, way_out: WayOut
) -> Report | None:
    """Send one REST request, and print what Salesforce answers.

    PATH is absolute and percent-encoded, without host and query: /services/data/v67.0/limits. The token comes from the
    broker, as with sfmint token, and is sent to its instance_url alone; it is never shown. A 401 is answered with another
    token; reads are repeated after a fault, writes never. No allow-list is asked: whoever may have the token may do all
    that its user may. With --json the answer's status, headers and body stand in one document.
    """
    from sfmint_cli.use.broker_token import BrokerTokens
    from sfmint_cli.use.rest import content_of, private_file, show
    from sfmint_client.errors import SfmintError

    target = Target.read(context)
    try:
        request = sent.to_request(method, path)
        tokens = BrokerTokens.open(target, name, min_ttl=0)
        with private_file(output) if output else nullcontext() as file:
            answer = _client(tokens, way_out).send(request, within_s=WITHIN_S)
            if file:
                file.write(content_of(answer))
    except SfmintError as error:
        raise Failed.told(error.name, str(error)) from None
    if target.as_json:
        return Report(facts=answer.to_json() | ({"output": str(output)} if output else {}))
    if output:
        render.say(f"Salesforce answered {answer.status_code}; the body is in {output}.")
    else:
        show(answer)
    return None


def _client(tokens: "BrokerTokens", way_out: WayOut) -> "RestClient":
    """Return what sends requests, by the environment's proxy; the token is there before anything is sent."""
    from sfmint_cli.way_out import authorities, proxy_for
    from sfmint_client.rest.client import RestClient
    from sfmint_client.rest.session import https_session
    from sfmint_values.hosts import listed_hosts

    trusted = authorities(way_out.ca_bundle)
    listed = listed_hosts(way_out.allow_host or "")
    instance_url = tokens.get_token().instance_url
    _require_host(instance_url, listed)
    session = https_session(ca_bundle=trusted, proxy=proxy_for(instance_url))
    return RestClient(tokens.client, session, listed=listed)


def _require_host(instance_url: str, listed: frozenset[str]) -> None:
    """Refuse a host as RestClient does, with the option of this command as the remedy."""
    from sfmint_client.errors import WrongHost
    from sfmint_client.rest.path import checked_origin

    try:
        checked_origin(instance_url, listed)
    except WrongHost:
        host = instance_url.removeprefix("https://")
        raise Failed(
            f"The org is at {host}, which is no host of Salesforce, so nothing was sent there.",
            remedy=f"If it is a test org of yours, add --allow-host {shlex.quote(host)}.",
            name="WrongHost",
        ) from None
