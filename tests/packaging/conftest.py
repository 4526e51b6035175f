"""What is deployed and published: the template, the artefact as `make build` makes it, and the site."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from docs_site import make
from read_template import ReadTemplate
from sfmint_local import artefact, places
from stack_world import World


@pytest.fixture(scope="session")
def template() -> ReadTemplate:
    """The template as it is by default: tokens in a table."""
    return _chosen("dynamodb")


@pytest.fixture(scope="session")
def parameter_template() -> ReadTemplate:
    """The template with tokens in Parameter Store."""
    return _chosen("parameter-store")


def _chosen(backend: str) -> ReadTemplate:
    return ReadTemplate.chosen(places.ROOT / "template.yaml", Connections="my-org,other", CacheBackend=backend)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the artefact, built if its sources have changed, that no later build touches."""
    folder = tmp_path_factory.mktemp("built")
    with artefact.held():
        artefact.build(folder / "build.log")
        shutil.copytree(places.ARTEFACT, folder / "build")
    return folder / "build"


@pytest.fixture
def environment() -> dict[str, str]:
    """What the template sets, and Lambda, with made-up values."""
    return {
        "SFMINT_STACK": "sfmint",
        "SFMINT_CONNECTIONS": "my-org,other",
        "SFMINT_CACHE_BACKEND": "dynamodb",
        "SFMINT_TABLE": "table",
        "SFMINT_KEY_ARN": "arn:aws:kms:eu-central-1:000000000000:key/made-up",
        "SFMINT_MEMORY_TRUST_SECONDS": "30",
        "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
        "SFMINT_TOKEN_HOSTS": "",
        "SFMINT_HTTPS_PROXY": "",
        "SFMINT_BUILD": "",
        "SFMINT_REFRESH_RATE": "rate(5 minutes)",
        "SFMINT_URL_SUFFIX": "amazonaws.com",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "POWERTOOLS_SERVICE_NAME": "token_broker",
        "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


@pytest.fixture
def world(shared_aws_models: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A tree and an account without a stack."""
    with mock_aws():
        yield World(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository."""
    return make(places.ROOT, tmp_path_factory.mktemp("site") / "made")
