"""Can the token host be reached from here, and does this machine tell the time as Salesforce does?"""

import socket
from urllib.parse import urlsplit

from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.doorbell import Doorbell
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.stack_checks import of_clock
from sfmint_cli.doctor.words import of_login
from sfmint_cli.way_out import host_of, proxy_for

_HTTPS_PORT = 443


def dns(case: Case) -> Finding:
    """Look the token host's name up."""
    origin = case.connection.token_origin
    if proxy := proxy_for(origin):
        return Finding.ok(f"The proxy {host_of(proxy)} looks it up.")
    place = urlsplit(origin)
    try:
        found = socket.getaddrinfo(place.hostname, place.port or _HTTPS_PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return of_login(LoginFailed(REASONS["unreachable"], detail="its name does not resolve"))
    return Finding.ok(f"{place.hostname} is {found[0][4][0]}.")


def tls(case: Case) -> Finding:
    """Connect as a login would: address, proxy, authority, name."""
    proxy = proxy_for(case.connection.token_origin)
    try:
        case.behind_s = Doorbell(case.clock, case.ca_bundle, proxy).ring(case.connection)
    except LoginFailed as failed:
        return of_login(failed)
    through = f" through the proxy {host_of(proxy)}" if proxy else ""
    return Finding.ok(f"{case.connection.token_origin} answers{through}, and its certificate is accepted.")


def clock(case: Case) -> Finding:
    """Compare this machine's clock with the token host's."""
    return of_clock(case.behind_s, "Salesforce's")
