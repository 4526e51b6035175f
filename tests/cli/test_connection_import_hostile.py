"""What a hostile day brings to `sfmint connection import`: values in the wrong place, odd files, and no key in any word."""

import base64
import json
import math
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate

from cli.command_line import CommandLine
from cli.conftest import Account, WriteFile
from cli.test_connection_import import IDENTITY, MY_DOMAIN, Import, bring, dotenv_of, home, stored
from sfmint.salesforce.vocabulary import Field
from sfmint_cli import key_file as files
from sfmint_cli.commands.connection_import import command
from sfmint_cli.imports.dotenv import variables_of
from sfmint_cli.imports.names import NAMES, Hint

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["bring", "home"]

PHRASE = "hunter2!!"
CONFLICTS: dict[Field | Hint, dict[str, object]] = {
    Field.CONSUMER_KEY: {"consumer_key": "k"},
    Field.USERNAME: {"username": "u@acme.example"},
    Field.TOKEN_HOST: {"token_host": MY_DOMAIN},
    Field.AUDIENCE: {"audience": MY_DOMAIN},
    Field.ORG_ID: {"org_id": "00D000000000001"},
    Field.TOKEN_LIFETIME: {"token_lifetime": 600},
    Hint.LOGIN_URL: {"token_host": MY_DOMAIN, "audience": MY_DOMAIN},
}


@pytest.mark.parametrize("part", [part for part in NAMES if part not in (Hint.OTHER_LOGIN, Field.PRIVATE_KEY)])
@pytest.mark.parametrize("form", ["pem", "one line", "short"])
def test_a_key_in_the_place_of_another_value_is_never_shown(
    bring: Import,
    sfmint: CommandLine,
    write_file: WriteFile,
    key_file: Path,
    key_pair: "KeyPair",
    part: Field | Hint,
    form: str,
) -> None:
    one_line = "".join(key_pair.pem.splitlines()[1:-1])
    value = {"pem": key_pair.pem, "one line": one_line, "short": one_line[:900]}[form]
    sfmint.phrases.add(one_line[300:360])
    values = IDENTITY | {"SF_KEY_FILE": str(key_file)}
    path = write_file(".env", dotenv_of(values | {f"SF_{NAMES[part][0]}": value} | _in_place_of(part, value)))
    bring(path, "--yes", *(["--json"] if form == "short" else []))


def _in_place_of(part: Field | Hint, value: str) -> dict[str, str]:
    own: dict[Field | Hint, str] = {
        Field.CONSUMER_KEY: "SF_CLIENT_ID",
        Field.TOKEN_HOST: "SF_INSTANCE_URL",
        Hint.KEY_FILE: "SF_KEY_FILE",
    }
    return {own[part]: value} if part in own else {}


@pytest.mark.parametrize("name", ["KEY_PASSPHRASE_FILE", "CERT_FILE", "KEY_FILE"])
@pytest.mark.parametrize("value", [PHRASE, f"~nobody-has-this-name/{PHRASE}", f"{PHRASE}\0x", f"/{PHRASE}/x"])
def test_what_is_no_file_is_told_by_its_name_and_not_shown(
    bring: Import, sfmint: CommandLine, write_file: WriteFile, key_file: Path, name: str, value: str
) -> None:
    sfmint.phrases.add(PHRASE)
    values = IDENTITY | {"SF_KEY_FILE": str(key_file)} | {f"SF_{name}": value}
    path = write_file(".env", dotenv_of(values))
    cause = bring(path, "--yes").cause
    assert f"SF_{name} in {path}" in cause


def test_a_home_that_nobody_knows_is_no_file(bring: Import) -> None:
    assert bring("~nobody-has-this-name/server.key", "--yes").cause.startswith("There is no file ~nobody")


@pytest.mark.parametrize("part", CONFLICTS)
def test_what_the_command_line_says_settles_a_conflict(
    bring: Import, write_file: WriteFile, key_file: Path, part: Field | Hint
) -> None:
    first, second = (f"SF_{name}" for name in NAMES[part][:2]) if len(NAMES[part]) > 1 else ("SF_X", "SFDC_X")
    if first == "SF_X":
        first, second = f"SF_{NAMES[part][0]}", f"SFDC_{NAMES[part][0]}"
    values = IDENTITY | {"SF_KEY_FILE": str(key_file), first: "one", second: "two"}
    path = write_file(".env", dotenv_of(values))
    error = bring(path, "--yes", "--json").document["error"]
    assert error["name"] == "Ambiguous"
    for option in CONFLICTS[part]:
        assert f"--{option.replace('_', '-')}" in error["remedy"]
    settled = bring(path, "--yes", **CONFLICTS[part])
    assert settled.code == 0, settled.stderr


@pytest.mark.parametrize("names", [("KEY_FILE", "KEY_PATH"), ("PRIVATE_KEY", "JWT_KEY"), ("CERT_FILE", "CERT_PATH")])
def test_a_file_on_the_command_line_settles_a_conflict(
    bring: Import, write_file: WriteFile, key_file: Path, certificate_file: Path, names: tuple[str, str]
) -> None:
    path = write_file(".env", dotenv_of(IDENTITY | {f"SF_{names[0]}": "/one", f"SF_{names[1]}": "${TWO}"}))
    assert bring(path, "--yes", "--json", key=None).code == 1
    settled = bring(path, "--yes", key=key_file, certificate=certificate_file)
    assert settled.code == 0, settled.stderr


@pytest.mark.parametrize("part", [part for part in NAMES if part is not Hint.OTHER_LOGIN])
def test_no_remedy_names_an_option_that_is_not_there(
    bring: Import, write_file: WriteFile, key_file: Path, part: Field | Hint
) -> None:
    names = {f"{prefix}_{NAMES[part][0]}": prefix for prefix in ("SF", "SFDC")}
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_KEY_FILE": str(key_file)} | names))
    remedy = bring(path, "--yes", "--json").document["error"]["remedy"]
    options = {option for param in command.params for option in param.opts}
    assert {word.strip(".,") for word in remedy.split() if word.startswith("--")} <= options


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("acme", MY_DOMAIN),
        ("acme.my", MY_DOMAIN),
        ("acme.my.salesforce.com", MY_DOMAIN),
        ("acme--uat.sandbox", "https://acme--uat.sandbox.my.salesforce.com"),
        ("acme--uat.sandbox.my", "https://acme--uat.sandbox.my.salesforce.com"),
        ("test", "https://test.salesforce.com"),
    ],
)
def test_a_domain_is_read_as_libraries_read_it(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path, domain: str, host: str
) -> None:
    values = {name: value for name, value in IDENTITY.items() if name != "SF_INSTANCE_URL"}
    path = write_file(".env", dotenv_of(values | {"SF_KEY_FILE": str(key_file), "SF_DOMAIN": domain}))
    assert bring(path, "--yes").code == 0
    assert stored(account).token_host == host


def test_a_pipe_is_read_and_one_that_nobody_writes_to_holds_nobody_up(
    bring: Import, account: Account, tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    given = {"consumer_key": "k", "username": "u", "token_host": MY_DOMAIN}
    writer = Thread(target=pipe.write_bytes, args=(key_file.read_bytes(),))
    writer.start()
    assert bring(pipe, "--yes", **given).code == 0
    writer.join()
    assert stored(account).consumer_key == "k"
    monkeypatch.setattr(files, "PATIENCE_S", 0.05)
    assert "nothing was written to it" in bring(pipe, "--yes", **given).cause


SHELLS = [shell for shell in ("bash", "dash", "zsh") if shutil.which(shell)]
ODD_VALUES = {
    "SF_A": "it's",
    "SF_B": 'say "no"',
    "SF_C": "$HOME `x` \\n",
    "SF_D": "two\nlines\n",
    "SF_E": "a'b\"c\nd\\",
    "SF_F": "# no comment",
    "SF_G": "",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_shell_exports_is_read_as_it_was(shell: str, key_pair: "KeyPair") -> None:
    values = ODD_VALUES | {"SF_PRIVATE_KEY": key_pair.pem}
    program = str(shutil.which(shell))
    printed = subprocess.run([program, "-c", "export -p"], env=values, check=True, capture_output=True, text=True)
    found = variables_of(printed.stdout)
    assert {name: found[name] for name in values} == values


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("SF_USERNAME: joe\nSF_CLIENT_ID: k\n", "YAML"),
        ("---\nusername: joe\n", "YAML"),
        ('$env:SF_USERNAME = "joe"\n', "not JSON"),
        ("<a>\n<b/></a>", "XML"),
    ],
)
def test_text_of_another_kind_is_told_as_what_it_is(
    bring: Import, write_file: WriteFile, content: str, what: str
) -> None:
    ended = bring(write_file("settings", content), "--yes")
    assert what in ended.cause
    assert "NAME=VALUE" in ended.remedy


@pytest.mark.parametrize("place", ["file", "secret"])
@pytest.mark.parametrize("form", ["env", "json", "base64", "pem", "der", "p12"])
def test_a_secret_is_read_in_every_form_that_a_file_is(
    bring: Import, account: Account, tmp_path: Path, key_pair: "KeyPair", place: str, form: str
) -> None:
    fields = IDENTITY | {"SF_PRIVATE_KEY": key_pair.pem}
    key: Any = load_pem_private_key(key_pair.pem.encode(), None)
    certificate = load_pem_x509_certificate(key_pair.certificate.encode())
    octets = {
        "env": dotenv_of(fields).encode("utf-16"),
        "json": json.dumps(fields).encode(),
        "base64": base64.b64encode(json.dumps(fields).encode()),
        "pem": key_pair.pem.encode(),
        "der": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "p12": serialize_key_and_certificates(b"x", key, certificate, [certificate], NoEncryption()),
    }[form]
    source = "secret:team/salesforce" if place == "secret" else str(tmp_path / "file")
    (tmp_path / "file").write_bytes(octets)
    account.secrets.create_secret(Name="team/salesforce", SecretBinary=octets)
    given = {} if form in ("env", "json", "base64") else {"consumer_key": "k", "username": "u", "token_host": MY_DOMAIN}
    ended = bring(source, "--yes", **given)
    assert ended.code == 0, ended.stderr
    assert stored(account).token_host == MY_DOMAIN


def test_the_name_of_a_file_is_told_as_it_is(bring: Import, write_file: WriteFile, monkeypatch: Any) -> None:
    monkeypatch.chdir(write_file("settings.env", "SF_USERNAME=joe\n").parent)
    assert bring("settings.env", "--yes").cause.startswith("settings.env says no")


@pytest.mark.parametrize("number", range(3, 11))
def test_an_import_that_is_interrupted_is_taken_up_by_the_same_command(
    bring: Import,
    account: Account,
    key_file: Path,
    interrupted: Callable[[int], AbstractContextManager[None]],
    number: int,
) -> None:
    given = {"consumer_key": "k", "token_host": MY_DOMAIN}
    assert bring(key_file, "--yes", "--no-login", username="old", **given).code == 0
    with interrupted(number):
        assert bring(key_file, "--yes", username="new", **given).code in {0, 130}
    assert stored(account).username in {"old", "new"}
    assert bring(key_file, "--yes", username="new", **given).code == 0
    assert stored(account).username == "new"
    assert account.staged("SFMINT_TRY") is None


@pytest.mark.parametrize("operation", ["DescribeSecret", "GetSecretValue", "PutSecretValue", "Invoke"])
def test_an_import_that_aws_denies_leaves_what_is_there(
    bring: Import, account: Account, key_file: Path, denied: set[str], operation: str
) -> None:
    given = {"consumer_key": "k", "token_host": MY_DOMAIN}
    assert bring(key_file, "--yes", "--no-login", username="old", **given).code == 0
    denied.add(operation)
    error = bring(key_file, "--yes", "--json", username="new", **given).document["error"]
    assert (error["name"], operation in error["cause"]) == ("AccessDenied", True)
    denied.clear()
    assert stored(account).username == "old"
    assert account.staged("SFMINT_TRY") is None


@pytest.mark.parametrize(
    ("lifetime", "stored_s"), [(600, 600), (600.0, 600), ("600", 600), (600.5, None), (1e300, None), (math.inf, None)]
)
def test_a_life_in_numbers_is_read_or_refused_and_never_passed_over(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path, lifetime: object, stored_s: int | None
) -> None:
    fields = IDENTITY | {"privateKeyPath": str(key_file), "tokenLifetime": lifetime}
    ended = bring(write_file("settings.json", json.dumps(fields).replace("Infinity", "1e999")), "--yes")
    assert "fault of its own" not in ended.stderr
    assert (ended.code == 0) is (stored_s is not None)
    if stored_s is not None:
        assert stored(account).lifetime_s == stored_s
