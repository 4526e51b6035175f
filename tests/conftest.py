"""What every test may have: one RSA key of the run, and credentials that are nobody's."""

import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import loaders, session
from botocore.client import ClientCreator
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from xdist.scheduler import LoadScopeScheduling

# Their tests start programs, build, take ports or measure: those of one piece run one after the other. The pieces run side
# by side and come first, for they wait more than they compute, and what is left fills both processes to the end.
WITH_PROGRAMS = {"the deployed stack": ("stack",), "other programs": ("bench", "local", "packaging", "races")}


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand whole files to the processes, so that what a module sets up is set up once."""
    config.option.loadscopereorder = False  # the order is ours, below
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = piece_of  # the place that xdist has for it
    return scheduler


def piece_of(test: str) -> str:
    """Return what stays in one process: the folders of a piece all together, else a file."""
    file = test.partition("::")[0]
    folder = file.split("/")[1]
    return next((piece for piece, folders in WITH_PROGRAMS.items() if folder in folders), file)


def turn_of(test: str) -> int:
    """Return when a test is handed out: first the pieces, then all else as it was found."""
    return [*WITH_PROGRAMS, piece_of(test)].index(piece_of(test))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one process alone keeps the order of the folders
        items.sort(key=lambda item: turn_of(item.nodeid))


def pytest_configure() -> None:
    # In the background we ignore Ctrl-C. A handler that does so is not inherited by the programs that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda _number, _frame: None)


pytest.register_assert_rewrite("sfmint_testing")


@dataclass(frozen=True)
class KeyPair:
    """A private key and its self-signed certificate, both PEM."""

    key: rsa.RSAPrivateKey
    pem: str
    certificate: str


def make_key_pair(bits: int = 2048) -> KeyPair:
    """Return a new key pair whose certificate holds for a year."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sfmint test")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return KeyPair(key=key, pem=pem_of(key), certificate=certificate.public_bytes(serialization.Encoding.PEM).decode())


def pem_of(
    key: rsa.RSAPrivateKey,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
    passphrase: str | None = None,
) -> str:
    """Return the key as PEM in one of its forms."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


@pytest.fixture(scope="session")
def key_pair() -> KeyPair:
    return make_key_pair()


@pytest.fixture(scope="session")
def other_key_pair() -> KeyPair:
    return make_key_pair()


@pytest.fixture(scope="session")
def aws_models() -> loaders.Loader:
    """What botocore has read of its services: every session would read and parse it anew."""
    return loaders.create_loader()


@pytest.fixture(scope="session")
def aws_methods() -> dict[str, dict[str, Any]]:
    """What botocore has made of its services' operations: the methods of a client, which keep nothing."""
    return {}


@pytest.fixture
def shared_aws_models(
    aws_models: loaders.Loader, aws_methods: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = vars(ClientCreator)["_create_methods"]

    def methods(creator: ClientCreator, model: Any) -> dict[str, Any]:
        if model.service_name not in aws_methods:
            aws_methods[model.service_name] = make(creator, model)
        return {**aws_methods[model.service_name]}

    monkeypatch.setattr(session, "create_loader", lambda _: aws_models)
    monkeypatch.setattr(ClientCreator, "_create_methods", methods)


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
