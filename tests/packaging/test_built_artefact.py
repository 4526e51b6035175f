"""What `make build` makes, looked at with nothing else in sight."""

import ast
import importlib.util
import json
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from build_size import Weight
from sdk_models import SDK_OPERATIONS
from sfmint_local import places

HEAVY = {"jwt", "requests", "urllib3", "cryptography", "pydantic", "boto3", "botocore.session", "botocore.client"}
# requests needs urllib3, Powertools jmespath; botocore brings dateutil and six. What was tested is what runs.
PINNED_ON_PURPOSE = {"botocore", "jmespath", "python-dateutil", "six", "urllib3"}
CORE = places.ROOT / "layers/core/sfmint"
PACKAGES = {
    "CoreLayer": (CORE, places.ROOT / "layers/values/sfmint_values"),
    "ClientLayer": (places.ROOT / "layers/client/sfmint_client", places.ROOT / "layers/values/sfmint_values"),
    "RotationLayer": (
        CORE,
        places.ROOT / "layers/client/sfmint_client",
        places.ROOT / "layers/setup/sfmint_setup",
        places.ROOT / "layers/values/sfmint_values",
    ),
}
LAYER_OF = {
    "TokenBroker": "CoreLayer",
    "TokenKeeper": "CoreLayer",
    "SalesforceRequest": "ClientLayer",
    "KeyRotation": "RotationLayer",
    "Prober": "ClientLayer",
}

BROKER = "arn:aws:lambda:eu-central-1:000000000000:function:sfmint-token-broker"
ARNS = {
    "SFMINT_BROKER_ARN": BROKER,
    "SFMINT_KEEPER_ARN": "arn:aws:lambda:eu-central-1:000000000000:function:sfmint-token-keeper:live",
    "SFMINT_PROBE_CONNECTION": "my-org",
}

# Run by a bare interpreter that sees the standard library and the folders named to it; prints what the last line holds.
SEE = "import json, sys; sys.path[:0] = json.loads(sys.argv[1])\n"


def see(built: Path, function: str, environment: dict[str, str], code: str) -> list[str]:
    layers = (LAYER_OF[function], "DependenciesLayer")
    paths = [str(built / function), *(str(built / layer / "python") for layer in layers)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", SEE + code, json.dumps(paths)],
        env={**environment, "AWS_DEFAULT_REGION": environment["AWS_REGION"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    seen: list[str] = json.loads(done.stdout)
    return seen


def third_parties_of_the_core() -> set[str]:
    """Every third party that the core imports, wherever in it."""
    roots: set[str] = set()
    for source in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Import):
                roots.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                roots.add(node.module.split(".")[0])
    return roots - sys.stdlib_module_names - {"sfmint", "sfmint_values"}


@pytest.mark.parametrize("function", ["TokenBroker", "TokenKeeper"])
def test_importing_a_handler_brings_in_nothing_that_only_a_mint_needs(
    built: Path, environment: dict[str, str], function: str
) -> None:
    modules = see(built, function, environment, "import app; print(json.dumps(sorted(sys.modules)))")
    assert "sfmint.bootstrap" in modules
    assert not (HEAVY | {"sfmint_client"}) & set(modules)


def test_the_request_function_starts_with_the_client_and_without_the_core(
    built: Path, environment: dict[str, str]
) -> None:
    code = "import app; print(json.dumps(sorted(sys.modules)))"
    modules = see(built, "SalesforceRequest", environment | {"SFMINT_BROKER_ARN": BROKER}, code)
    assert "sfmint_client.rest.client" in modules
    assert not {"sfmint", "jwt", "cryptography", "boto3"} & set(modules)


def test_all_that_the_core_imports_is_in_the_artefact(built: Path, environment: dict[str, str]) -> None:
    wanted = third_parties_of_the_core()
    assert {"cryptography", "botocore"} <= wanted
    code = f"for name in {sorted(wanted)!r}: __import__(name)\nprint(json.dumps(sorted(sys.modules)))"
    assert wanted <= set(see(built, "TokenBroker", environment, code))


def test_salesforce_request_makes_its_clients_of_aws_from_what_is_shipped(
    built: Path, environment: dict[str, str]
) -> None:
    code = (
        "import botocore.session; session = botocore.session.get_session()\n"
        "services = session.get_available_services()\n"
        "urls = [session.create_client(name).meta.endpoint_url for name in services]\n"
        "print(json.dumps([*services, *urls]))"
    )
    assert see(built, "SalesforceRequest", environment, code) == [
        *SDK_OPERATIONS,
        "https://dynamodb.eu-central-1.amazonaws.com",
        "https://kms.eu-central-1.amazonaws.com",
        "https://lambda.eu-central-1.amazonaws.com",
        "https://secretsmanager.eu-central-1.amazonaws.com",
        "https://sns.eu-central-1.amazonaws.com",
        "https://ssm.eu-central-1.amazonaws.com",
    ]


def test_each_operation_that_is_asked_is_shipped_with_all_that_it_needs(
    built: Path, environment: dict[str, str]
) -> None:
    code = (
        "import botocore.session; session = botocore.session.get_session()\n"
        "models = [session.get_service_model(name) for name in session.get_available_services()]\n"
        "operations = [model.operation_model(name) for model in models for name in model.operation_names]\n"
        "def walk(shape, seen):\n"
        "    if shape is None or shape.name in seen: return\n"
        "    seen.add(shape.name)\n"
        "    inner = list(getattr(shape, 'members', {}).values()) + [getattr(shape, each, None) for each in ('member', 'value')]\n"
        "    [walk(each, seen) for each in inner]\n"
        "[walk(each, set()) for one in operations for each in (one.input_shape, one.output_shape, *one.error_shapes)]\n"
        "print(json.dumps([f'{one.service_model.service_name}.{one.name}' for one in operations]))"
    )
    shipped = see(built, "SalesforceRequest", environment, code)
    assert sorted(shipped) == sorted(f"{service}.{name}" for service, names in SDK_OPERATIONS.items() for name in names)


@pytest.mark.parametrize("function", LAYER_OF)
def test_the_collector_begins_when_the_function_stands_and_leaves_alone_what_its_start_has_made(
    built: Path, environment: dict[str, str], function: str
) -> None:
    code = "import app, gc; print(json.dumps([str(gc.isenabled()), str(gc.get_freeze_count() > 10_000)]))"
    assert see(built, function, environment | ARNS, code) == ["True", "True"]


def test_the_start_parses_no_authority(built: Path, environment: dict[str, str]) -> None:
    code = (
        "import app, ssl; from sfmint.adapters.http_pool import tls\n"
        "told = tls(None), ssl.create_default_context(cafile=sys.path[2] + '/certifi/cacert.pem')\n"
        "print(json.dumps([str(bool(context.get_ca_certs())) for context in told]))"
    )
    assert see(built, "TokenBroker", environment, code) == ["False", "True"]


def test_the_authorities_by_name_are_certifis_own(built: Path) -> None:
    folder = built / "DependenciesLayer/python/certifi/authorities"
    by_name = [ssl.PEM_cert_to_DER_cert(path.read_text()) for path in folder.iterdir()]
    certifis = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    certifis.load_verify_locations(folder.with_name("cacert.pem"))
    assert sorted(by_name) == sorted(certifis.get_ca_certs(binary_form=True))


def test_what_the_runtime_has_too_is_pinned_on_purpose() -> None:
    shipped, runtime = (
        {line.split("==")[0].lower() for line in (places.ROOT / file).read_text().splitlines() if "==" in line}
        for file in ("layers/dependencies/requirements.txt", "requirements/lambda.txt")
    )
    assert shipped & runtime == PINNED_ON_PURPOSE


def test_every_module_has_byte_code(built: Path) -> None:
    sources = list(built.rglob("*.py"))
    assert len(sources) > 300
    assert not [path for path in sources if not Path(importlib.util.cache_from_source(str(path))).is_file()]


@pytest.mark.parametrize("layer", PACKAGES)
def test_a_layer_holds_its_package_and_the_shared_values_and_nothing_else(built: Path, layer: str) -> None:
    shipped = {path.relative_to(built / layer / "python") for path in (built / layer).rglob("*") if path.is_file()}
    sources = {
        path.relative_to(package.parent)
        for package in PACKAGES[layer]
        for path in package.rglob("*")
        if path.suffix in {".py", ".typed"}
    }
    assert {path for path in shipped if path.suffix != ".pyc"} == sources


def test_each_layer_is_under_9_megabytes_as_it_is_uploaded(built: Path) -> None:
    weights = [Weight.measure(built / layer) for layer in (*PACKAGES, "DependenciesLayer")]
    assert [weight.name for weight in weights if weight.zipped > 9_000_000] == []


def test_the_artefact_unpacked_is_under_35_megabytes(built: Path) -> None:
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) < 35_000_000
