"""What a line of the log says, as a sentence."""

from collections.abc import Callable

from sfmint_cli.why.log_line import ANSWERED, FAILED, REFUSED, LogLine

FUNCTION_NAMES = {"token_broker": "broker", "token_keeper": "keeper", "salesforce_request": "request"}
_SOURCES = {"cache": "the row", "minted": "a login of its own", "memory": "memory"}
_OUTCOMES = {
    "dropped": "it was dropped, for another one to be made",
    "known": "it was dropped before",
    "limited": "too many were reported, so it was kept",
}


def _minted(line: LogLine) -> str:
    return f"a login gave the token {line.text('fingerprint')}, with the key {line.text('key_id')} under lease {line.text('fence')}"


def _not_minted(line: LogLine) -> str:
    said = f"; Salesforce said: {line.text('said')}" if line.text("said") else ""
    return f"a login failed under lease {line.text('fence')}: {line.text('reason')}{said}"


def _served(line: LogLine) -> str:
    source = _SOURCES.get(line.text("source"), "memory")
    return f"the token {line.text('fingerprint')} was served from {source}"


def _rejected(line: LogLine) -> str:
    outcome = _OUTCOMES.get(line.text("outcome"), "noted")
    return f"a caller reported that Salesforce refuses the token {line.text('fingerprint')}: {outcome}"


def _refused(line: LogLine) -> str:
    return f"refused with {line.text('error') or 'an error'}: {line.text('cause')}".rstrip(": ")


def _answered(line: LogLine) -> str:
    token = f", with the token {line.text('fingerprint')}" if line.text("fingerprint") else ""
    return f"{line.text('method')} {line.text('path')} was answered with {line.text('status')}{token}"


def _failed(line: LogLine) -> str:
    details = [line.text("error"), line.text("status") and f"HTTP {line.text('status')}", line.text("error_code")]
    token = f", with the token {line.text('fingerprint')}" if line.text("fingerprint") else ""
    request = " ".join(filter(None, (line.text("method"), line.text("path")))) or "the request"
    return f"{request} failed: {', '.join(filter(None, details))}{token}"


_SENTENCES: dict[str, Callable[[LogLine], str]] = {
    "token minted": _minted,
    "mint failed": _not_minted,
    "login counted": lambda line: (
        f"this was login {line.text('logins')} of {line.text('limit')} that the Salesforce user has in this hour"
    ),
    "token served": _served,
    "token served from memory": _served,
    "token rejected by Salesforce": _rejected,
    "publish fenced out": lambda line: (
        f"the lease {line.text('fence')} was lost during a login, whose token was dropped"
    ),
    "served in spite of a failure": lambda line: (
        f"the old token was served, for its refresh failed with {line.text('error')}: {line.text('cause')}"
    ),
    "sealed copy unusable": lambda line: f"the sealed copy of the token {line.text('fingerprint')} did not open",
    "row repaired": lambda line: f"the row held what sfmint does not write ({line.text('flaw')}), and was repaired",
    "clock is off": lambda line: (
        f"the function's clock is {line.text('behind_s')} s behind that of {line.text('compared_with')}"
    ),
    "AWS is asked elsewhere": lambda line: f"AWS is asked at {line.text('url')}, for {line.text('variable')} says so",
    "token flushed": lambda _: "an operator dropped the token (flush)",
    "key tainted": lambda line: f"an operator barred the key {line.text('key_id')} (taint)",
    "staged credentials log in": lambda line: (
        f"new credentials were tried, and log in, with the key {line.text('key_id')}"
    ),
    "staged credentials do not log in": lambda line: (
        f"new credentials were tried, and do not log in: {line.text('reason')}"
    ),
    REFUSED: _refused,
    ANSWERED: _answered,
    FAILED: _failed,
}


def sentence_of(line: LogLine) -> str:
    """Return what a line says."""
    say = _SENTENCES.get(line.message)
    return line.message if say is None else say(line)
