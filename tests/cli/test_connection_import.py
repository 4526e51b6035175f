"""`sfmint connection import`: what teams have, from where they have it."""

import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given
from hypothesis import strategies as st

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account, WriteFile
from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.imports.dotenv import variables_of
from sfmint_cli.imports.named import pieces_of
from sfmint_cli.imports.names import NAMES, PREFIXES, Hint, part_of
from sfmint_cli.imports.sf_login import notes_of
from sfmint_cli.result import Failed

if TYPE_CHECKING:
    from conftest import KeyPair

MY_DOMAIN = "https://acme.my.salesforce.com"
IDENTITY = {"SF_CLIENT_ID": "3MVG9.key", "SF_USERNAME": "integration@acme.example", "SF_INSTANCE_URL": MY_DOMAIN}

type Import = Callable[..., Ended]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    (folder / ".sfdx").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def bring(sfmint: CommandLine, account: Account, home: Path) -> Import:
    def run(source: object, *flags: str, typed: str | None = None, **given: Any) -> Ended:
        return sfmint("connection", "import", "my-org", source, *options(given), *flags, typed=typed)

    return run


def stored(account: Account) -> Any:
    return parse_connection("my-org", account.secret(), frozenset())


def dotenv_of(values: dict[str, str]) -> str:
    return "".join(f'export {name}="{value}"\n' for name, value in values.items())


def write_login(home: Path, username: str = "integration@acme.example", **changes: Any) -> Path:
    login = {
        "orgId": "00D000000000001",
        "accessToken": "0123abcd" * 8,
        "instanceUrl": MY_DOMAIN,
        "loginUrl": "https://login.salesforce.com",
        "clientId": "3MVG9.key",
        "username": username,
    }
    path = home / ".sfdx" / f"{username}.json"
    path.write_text(json.dumps({name: value for name, value in (login | changes).items() if value is not None}))
    return path


def test_a_dotenv_file_becomes_the_secret_that_the_broker_reads(
    bring: Import, account: Account, write_file: WriteFile, key_pair: "KeyPair"
) -> None:
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_PRIVATE_KEY": key_pair.pem.replace("\n", "\\n")}))
    ended = bring(path, "--yes", "--json")
    assert ended.code == 0, ended.stderr
    connection = stored(account)
    assert (connection.consumer_key, connection.username) == ("3MVG9.key", "integration@acme.example")
    assert (connection.token_host, connection.audience) == (MY_DOMAIN, MY_DOMAIN)
    assert ended.document["done"] == "created"
    assert ended.document["login"] is True
    assert ended.document["found"]["username"] == f"SF_USERNAME in {path}"


def test_what_was_found_is_shown_with_its_place_and_asked_for(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path
) -> None:
    path = write_file("settings.env", dotenv_of(IDENTITY | {"SF_PRIVATE_KEY_PATH": str(key_file)}))
    ended = bring(path, typed="n\n")
    assert ended.code == 1
    assert not account.has_secrets()
    assert f"username: integration@acme.example  (SF_USERNAME in {path})" in ended.stderr
    assert f"({key_file} (named by SF_PRIVATE_KEY_PATH in {path}))" in ended.stderr
    assert bring(path, typed="y\n").code == 0
    assert stored(account).consumer_key == "3MVG9.key"


def test_without_a_terminal_nothing_is_stored_that_was_not_agreed_to(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path
) -> None:
    ended = bring(write_file(".env", dotenv_of(IDENTITY | {"SF_KEY_FILE": str(key_file)})), "--json")
    assert ended.document["error"]["name"] == "NotConfirmed"
    assert "--yes" in ended.document["error"]["remedy"]
    assert not account.has_secrets()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_environment_is_read_under_the_prefixes_of_salesforce_only(
    bring: Import, account: Account, monkeypatch: pytest.MonkeyPatch, key_pair: "KeyPair", prefix: str
) -> None:
    monkeypatch.setenv("USERNAME", "joe")
    monkeypatch.setenv("CLIENT_ID", "of-something-else")
    values = {"CONSUMER_KEY": "k", "USERNAME": "u@acme.example", "LOGIN_URL": MY_DOMAIN, "PRIVATE_KEY": key_pair.pem}
    for name, value in values.items():
        monkeypatch.setenv(f"{prefix}_{name}", value)
    assert bring("env", "--yes").code == 0
    assert (stored(account).consumer_key, stored(account).username) == ("k", "u@acme.example")


@pytest.mark.parametrize(
    ("login_url", "audience"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com/", "https://test.salesforce.com"),
        (MY_DOMAIN, MY_DOMAIN),
        (None, MY_DOMAIN),
    ],
)
def test_a_jwt_login_of_sf_is_found_by_its_alias(
    bring: Import, account: Account, home: Path, key_file: Path, login_url: str | None, audience: str
) -> None:
    write_login(home, privateKey=str(key_file), loginUrl=login_url)
    (home / ".sfdx/alias.json").write_text(json.dumps({"orgs": {"prod": "integration@acme.example"}}))
    ended = bring("sf:prod", "--yes")
    assert ended.code == 0, ended.stderr
    connection = stored(account)
    assert (connection.token_host, connection.audience) == (MY_DOMAIN, audience)
    assert (connection.org_id, connection.consumer_key) == ("00D000000000001", "3MVG9.key")
    assert "sf does not keep which audience it used" in ended.stderr


def test_a_login_of_sf_is_found_by_its_user_and_by_its_file(bring: Import, home: Path, key_file: Path) -> None:
    path = write_login(home, privateKey=str(key_file))
    assert bring("sf:integration@acme.example", "--yes").code == 0
    assert bring(path, "--yes", "--json").document["done"] == "unchanged"


@pytest.mark.parametrize(
    "changes", [{"refreshToken": "deadbeef" * 8}, {}, {"refreshToken": "deadbeef", "clientSecret": ""}]
)
def test_a_browser_login_of_sf_is_refused_and_its_tokens_are_not_touched(
    bring: Import, account: Account, home: Path, changes: dict[str, str]
) -> None:
    write_login(home, **changes)
    ended = bring("sf:integration@acme.example", "--yes", "--json")
    assert ended.document["error"]["name"] == "NoKey"
    assert "sfmint app create my-org --username USER" in ended.document["error"]["remedy"]
    assert "deadbeef" not in ended.stdout + ended.stderr
    assert not account.has_secrets()


@pytest.mark.parametrize("org", ["nobody", "../../etc/passwd", "a/b", ".hidden", "x\\y"])
def test_a_login_that_is_not_there_is_told_with_the_command_that_lists_them(bring: Import, org: str) -> None:
    ended = bring(f"sf:{org}", "--yes", "--json")
    assert ended.document["error"]["name"] == "LoginNotFound"
    assert "sf org list auth" in ended.document["error"]["remedy"]


def test_an_alias_that_leads_out_of_the_folder_is_no_login(bring: Import, home: Path) -> None:
    (home / "secret.json").write_text("{}")
    (home / ".sfdx/alias.json").write_text(json.dumps({"orgs": {"prod": "../secret"}}))
    assert bring("sf:prod", "--yes", "--json").document["error"]["name"] == "LoginNotFound"


@pytest.mark.parametrize("password", [b"open sesame", None])
def test_a_pkcs12_store_is_opened(
    bring: Import,
    sfmint: CommandLine,
    account: Account,
    write_file: WriteFile,
    tmp_path: Path,
    key_pair: "KeyPair",
    password: bytes | None,
) -> None:
    key: Any = load_pem_private_key(key_pair.pem.encode(), None)
    certificate = load_pem_x509_certificate(key_pair.certificate.encode())
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    path = tmp_path / "store.p12"
    path.write_bytes(serialize_key_and_certificates(b"x", key, certificate, None, encryption))
    given = {"consumer_key": "k", "username": "u", "token_host": MY_DOMAIN}
    if password:
        sfmint.phrases.add(password.decode())
        wrong = bring(path, "--yes", "--json", passphrase_file=write_file("wrong", "no"), **given)
        assert wrong.document["error"]["name"] == "WrongPassphrase"
        given["passphrase_file"] = str(write_file("phrase", f"{password.decode()}\n"))
    ended = bring(path, "--yes", **given)
    assert ended.code == 0, ended.stderr
    assert stored(account).certificate == key_pair.certificate
    assert stored(account).passphrase is None
    assert "not encrypted" not in ended.stderr


@pytest.mark.parametrize(("magic", "kind"), [(b"\xfe\xed\xfe\xed", "JKS"), (b"\xce\xce\xce\xce", "JCEKS")])
def test_a_java_key_store_is_named_with_the_commands_that_convert_it(
    bring: Import, tmp_path: Path, magic: bytes, kind: str
) -> None:
    path = tmp_path / "00D 1.jks"
    path.write_bytes(magic + bytes(range(64)))
    error = bring(path, "--json").document["error"]
    assert error["name"] == "JavaKeyStore"
    assert "Certificate and Key Management" in error["cause"]
    made = tmp_path / "00D 1.p12"
    keytool = f"keytool -importkeystore -srckeystore '{path}' -destkeystore '{made}' -srcstoretype {kind} -deststoretype PKCS12"
    assert f"(umask 077 && {keytool}) && sfmint connection import my-org '{made}'" in error["remedy"]


@pytest.mark.parametrize(
    "shape",
    [
        lambda pem: json.dumps({"consumerKey": "k", "privateKey": pem, "username": "u", "loginUrl": MY_DOMAIN}),
        lambda pem: json.dumps({"client_id": "k", "private_key": pem, "user": "u", "instance_url": MY_DOMAIN}),
        lambda pem: json.dumps(
            {"SF_CLIENT_ID": "k", "SF_PRIVATE_KEY": pem, "SF_USERNAME": "u", "SF_LOGIN_URL": MY_DOMAIN}
        ),
        lambda pem: json.dumps({"salesforce-client-id": "k", "Private Key": pem, "Username": "u", "domain": "acme.my"}),
    ],
)
def test_another_secret_is_read_under_other_names(
    bring: Import, account: Account, key_pair: "KeyPair", shape: Callable[[str], str]
) -> None:
    account.secrets.create_secret(Name="team/salesforce", SecretString=shape(key_pair.pem))
    ended = bring("secret:team/salesforce", "--yes")
    assert ended.code == 0, ended.stderr
    assert (stored(account).consumer_key, stored(account).username, stored(account).token_host) == ("k", "u", MY_DOMAIN)


def test_a_secret_that_holds_a_bare_key_needs_the_rest_as_options(
    bring: Import, account: Account, key_pair: "KeyPair"
) -> None:
    account.secrets.create_secret(Name="team/key", SecretString=key_pair.pem)
    ended = bring("secret:team/key", "--yes", "--json")
    assert ended.document["error"]["name"] == "Incomplete"
    assert "--consumer-key" in ended.document["error"]["remedy"]
    assert bring("secret:team/key", "--yes", consumer_key="k", username="u", token_host=MY_DOMAIN).code == 0


def test_a_secret_that_is_not_there_is_told(bring: Import) -> None:
    assert bring("secret:nothing", "--json").document["error"]["name"] == "SecretNotFound"


@pytest.mark.parametrize("name", ["SF_PASSWORD", "SALESFORCE_CLIENT_SECRET", "SFDX_AUTH_URL", "SF_REFRESH_TOKEN"])
def test_a_login_by_password_or_token_is_told_apart_and_never_read(
    bring: Import, sfmint: CommandLine, write_file: WriteFile, name: str
) -> None:
    sfmint.phrases.add("hunter2!!")
    ended = bring(write_file(".env", dotenv_of(IDENTITY | {name: "hunter2!!"})), "--yes", "--json")
    assert ended.document["error"]["name"] == "NoKey"
    assert name in ended.document["error"]["cause"]


def test_two_names_that_say_different_things_are_not_chosen_between(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path
) -> None:
    values = IDENTITY | {"SALESFORCE_CLIENT_ID": "another", "SF_KEY_FILE": str(key_file)}
    path = write_file(".env", dotenv_of(values))
    error = bring(path, "--yes", "--json").document["error"]
    assert error["name"] == "Ambiguous"
    assert "SALESFORCE_CLIENT_ID and SF_CLIENT_ID" in error["cause"]
    assert "--consumer-key" in error["remedy"]
    assert not account.has_secrets()


@pytest.mark.parametrize("value", ["${KEY}", "$(cat server.key)"])
def test_what_a_shell_would_fill_in_is_refused(bring: Import, write_file: WriteFile, value: str) -> None:
    path = write_file(".env", dotenv_of(IDENTITY) + f"SF_PRIVATE_KEY={value}\n")
    assert bring(path, "--yes", "--json").document["error"]["name"] == "NotExpanded"


@pytest.mark.parametrize("lacking", ["SF_CLIENT_ID", "SF_USERNAME", "SF_INSTANCE_URL", "SF_KEY_FILE"])
def test_what_is_missing_is_named_with_its_option(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path, lacking: str
) -> None:
    values = IDENTITY | {"SF_KEY_FILE": str(key_file)}
    path = write_file(".env", dotenv_of({name: value for name, value in values.items() if name != lacking}))
    option = {"CLIENT_ID": "consumer-key", "USERNAME": "username", "INSTANCE_URL": "token-host", "KEY_FILE": "key"}
    error = bring(path, "--yes", "--json").document["error"]
    assert error["name"] == "Incomplete"
    assert f"--{option[lacking.removeprefix('SF_')]}" in error["remedy"]
    assert not account.has_secrets()


def test_the_options_count_more_than_what_is_found(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path, certificate_file: Path
) -> None:
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_PRIVATE_KEY": "damaged"}))
    ended = bring(
        path, "--yes", key=key_file, certificate=certificate_file, username="other@acme.example", token_lifetime=600
    )
    assert ended.code == 0, ended.stderr
    assert (stored(account).username, stored(account).lifetime_s) == ("other@acme.example", 600)
    assert stored(account).certificate


def test_a_key_that_cannot_be_used_is_told_by_where_it_was_found(bring: Import, write_file: WriteFile) -> None:
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_PRIVATE_KEY": "nothing of a key"}))
    error = bring(path, "--yes", "--json").document["error"]
    assert error["name"] == "InvalidCredentials"
    assert error["cause"].startswith(f"SF_PRIVATE_KEY in {path} ")


def test_a_key_that_others_may_read_is_warned_of(bring: Import, write_file: WriteFile, key_file: Path) -> None:
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_KEY_FILE": str(key_file)}))
    key_file.chmod(0o644)
    assert f"Others on this machine may read {key_file}" in bring(path, "--yes").stderr
    key_file.chmod(0o600)
    assert "Others on this machine" not in bring(path, "--yes").stderr


def test_what_is_stored_already_is_replaced_only_after_it_was_tried(
    bring: Import, account: Account, write_file: WriteFile, key_file: Path
) -> None:
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_KEY_FILE": str(key_file)}))
    assert bring(path, "--yes").code == 0
    before = account.secret()
    account.keeper.answers = {"try": {"errorType": "AssertionRejected", "errorMessage": "No. Look."}}
    ended = bring(path, "--yes", "--json", username="other@acme.example")
    assert ended.document["error"]["cause"].startswith("Nothing was replaced")
    assert account.secret() == before


def test_a_pem_file_with_options_is_imported(bring: Import, account: Account, key_file: Path) -> None:
    ended = bring(key_file, "--yes", consumer_key="k", username="u", token_host=MY_DOMAIN)
    assert ended.code == 0
    assert stored(account).consumer_key == "k"


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"hello", b"[]", b"<html>", b"\xff\xfe", b"# only a comment\n"])
def test_a_file_of_another_kind_is_refused_with_cause_and_remedy(
    bring: Import, account: Account, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert bring(path, "--yes").cause
    assert not account.has_secrets()


def test_json_with_raw_line_breaks_is_read_and_broken_json_is_told_with_its_place(
    bring: Import, account: Account, write_file: WriteFile, key_pair: "KeyPair"
) -> None:
    text = f'{{"clientId": "k", "username": "u", "loginUrl": "{MY_DOMAIN}", "privateKey": "{key_pair.pem}"}}'
    assert bring(write_file("raw.json", f"\ufeff{text}"), "--yes").code == 0
    assert stored(account).consumer_key == "k"
    error = bring(write_file("broken.json", text[:-1]), "--yes", "--json").document["error"]
    assert error["name"] == "SourceUnreadable"
    assert "line " in error["cause"]


def test_a_json_web_key_is_named_with_its_conversion(bring: Import, write_file: WriteFile) -> None:
    assert "JSON Web Key" in bring(write_file("key.json", json.dumps({"kty": "RSA", "n": "x"})), "--yes").cause


def test_the_keys_that_a_secret_of_another_stack_bars_stay_barred(
    bring: Import, account: Account, key_pair: "KeyPair"
) -> None:
    fields = {"consumer_key": "k", "username": "u", "token_host": MY_DOMAIN, "private_key": key_pair.pem}
    other = fields | {"tainted_keys": ["0123456789abcdef"], "hosts": ["api.salesforce.com"]}
    account.secrets.create_secret(Name="sfmint/old/orders", SecretString=json.dumps(other))
    key_id = bring("secret:sfmint/old/orders", "--yes", "--json").document["key_id"]
    assert stored(account).tainted_keys == {"0123456789abcdef"}
    assert stored(account).hosts == ("api.salesforce.com",)
    account.secrets.put_secret_value(
        SecretId="sfmint/old/orders", SecretString=json.dumps(fields | {"tainted_keys": [key_id]})
    )
    assert bring("secret:sfmint/old/orders", "--yes", "--json").document["error"]["name"] == "KeyTainted"


def test_an_encrypted_key_is_imported_with_its_passphrase(
    bring: Import, sfmint: CommandLine, account: Account, write_file: WriteFile, key_pair: "KeyPair"
) -> None:
    key: Any = load_pem_private_key(key_pair.pem.encode(), None)
    sfmint.phrases.add("open sesame")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")).decode()
    path = write_file(".env", dotenv_of(IDENTITY | {"SF_PRIVATE_KEY": pem}))
    assert bring(path, "--yes", "--json").document["error"]["name"] == "PassphraseNeeded"
    assert bring(path, "--yes", passphrase_file=write_file("phrase", "open sesame\n")).code == 0
    assert stored(account).passphrase.reveal() == "open sesame"
    write_file(".env", dotenv_of(IDENTITY | {"SF_PRIVATE_KEY": pem, "SF_PRIVATE_KEY_PASSPHRASE": "open sesame"}))
    assert bring(path, "--yes", "--json").document["done"] == "unchanged"


def test_every_name_that_is_read_stands_in_the_docs() -> None:
    from sfmint_local import places

    page = (places.ROOT / "docs/connections.md").read_text()
    missing = [name for names in NAMES.values() for name in names if f"`{name}`" not in page]
    assert missing == []


@pytest.mark.parametrize("part", NAMES)
def test_a_name_is_known_in_every_spelling(part: Field | Hint) -> None:
    for name in NAMES[part]:
        camel = "".join(word.capitalize() if at else word.lower() for at, word in enumerate(name.split("_")))
        for spelling in (name, name.lower(), camel, name.replace("_", "-"), name.replace("_", " ").title()):
            assert part_of(spelling)[0] is part
        for prefix in PREFIXES:
            assert part_of(f"{prefix}_{name}") == (part, True)


VALUES = st.text(st.sampled_from(f"{string.printable}\\\"'`$äß€😀".replace("\r", "")), max_size=40)
ENV_NAMES = st.text(st.sampled_from(f"{string.ascii_letters}_"), min_size=1, max_size=12)


@given(st.dictionaries(ENV_NAMES, VALUES))
def test_what_a_dotenv_file_holds_in_double_quotes_is_read_as_it_was(values: dict[str, str]) -> None:
    lines = (f'{name}="{value.replace("\\", "\\\\").replace('"', '\\"')}"\n' for name, value in values.items())
    assert variables_of("".join(lines)) == values


@given(st.text())
def test_any_text_is_read_to_its_end(text: str) -> None:
    for name, value in variables_of(text).items():
        assert name.isascii()
        assert isinstance(value, str)


LOGIN_NAMES = (
    "username",
    "clientId",
    "privateKey",
    "loginUrl",
    "instanceUrl",
    "orgId",
    "accessToken",
    "expirationDate",
)
JSON_VALUES = st.none() | st.booleans() | st.integers() | VALUES | st.lists(VALUES, max_size=2)


@given(st.dictionaries(st.sampled_from(LOGIN_NAMES) | ENV_NAMES, JSON_VALUES, max_size=8))
def test_whatever_a_login_of_sf_holds_is_read_or_refused(login: dict[str, Any]) -> None:
    try:
        pieces = pieces_of(login, "a login", prefixed_only=False)
    except Failed:
        return
    notes_of(login)
    assert all(piece.said().strip() for piece in pieces.values())
    for name in ("accessToken", "expirationDate"):
        assert not any(piece.origin.startswith(name) for piece in pieces.values())
