"""The names that outsiders rely on change together with their snapshot, and with a line in the CHANGELOG."""

import importlib
import re

import pytest

import names
from sfmint_local import places

NOW = names.names()
KEPT = names.SNAPSHOT.read_text().splitlines()


def test_the_names_are_those_of_the_snapshot() -> None:
    gone, new = sorted(set(KEPT) - set(NOW)), sorted(set(NOW) - set(KEPT))
    assert (gone, new) == ([], []), (
        "outsiders rely on these names: add a line to CHANGELOG.md that tells them what changes for them,"
        f" then run: {names.COMMAND}"
    )


def test_the_snapshot_is_sorted_and_says_each_name_once() -> None:
    assert sorted(set(KEPT)) == KEPT


@pytest.mark.parametrize(
    "name",
    [
        "error: SalesforceUnavailable",
        "event or answer: token_broker.event get_token.min_ttl",
        "event or answer: token_broker.answer token.instance_url",
        "event or answer: salesforce_request.event all_pages",
        "resource: GetTokenNAME",
        "resource: TokenBroker",
        "parameter of the template: Connections",
        "output of the template: BrokerArn",
        "name in AWS: path /sfmint/${AWS::StackName}/connections/${Name}/broker",
        "name in AWS: path /sfmint/${AWS::StackName}/connections/*/allow",
        "name in AWS: path /sfmint/${AWS::StackName}/client-layer",
        "name in AWS: path sfmint/${AWS::StackName}/*",
        "name in AWS: ManagedPolicyName ${AWS::StackName}-get-token-${Name}-${AWS::Region}",
        "name in AWS: ManagedPolicyName ${AWS::StackName}-request-${Name}-${AWS::Region}",
        "name in AWS: FunctionName ${AWS::StackName}-token-broker",
        "name in AWS: LayerName ${AWS::StackName}-client",
        "name in AWS: POWERTOOLS_METRICS_NAMESPACE sfmint",
        "metric: TokenMinted",
        "metric: RestRequestFailed",
        "metric: Unserved",
        "metric: FailedAssertionRejected",
        "dimension: connection",
        "dimension: stack",
        "field of the secret: private_key",
        "command: sfmint connection add --consumer-key",
        "command: sfmint token NAME",
        "exit code: 130 INTERRUPTED",
        "JSON of the program: fingerprint",
        "JSON of the program: error WrongFile",
        "client: sfmint_client.TokenClient.get_token(*, min_ttl, rejected)",
        "client: sfmint_client.AccessToken.instance_url",
        "client: sfmint_client.SfmintError.retryable",
        "client: sfmint_client.errors.InvokeForbidden(message, *, name)",
        "client: sfmint_client.rest.RestClient.send(request, *, allow_list, within_s, observe)",
    ],
)
def test_a_name_of_each_kind_is_kept(name: str) -> None:
    assert name in KEPT


def test_the_changelog_is_named_where_a_name_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "KEPT", [*KEPT, "error: Renamed"])
    with pytest.raises(AssertionError, match=re.escape(names.COMMAND)) as failed:
        test_the_names_are_those_of_the_snapshot()
    assert "CHANGELOG.md" in str(failed.value)
    assert "error: Renamed" in str(failed.value)


@pytest.mark.parametrize("suffix", names.CLIENT_MODULES)
def test_a_path_that_was_shown_to_callers_stays(suffix: str) -> None:
    importlib.import_module(f"sfmint_client{suffix}")


def test_all_that_the_docs_import_of_the_client_is_kept() -> None:
    pages = [places.ROOT / "README.md", *(places.ROOT / "docs").glob("*.md")]
    shown = {
        (module, name.strip())
        for page in pages
        for module, imported in re.findall(r"^from (sfmint_client[\w.]*) import (.+)$", page.read_text(), re.MULTILINE)
        for name in imported.split(",")
    }
    assert len(shown) > 5
    assert not [
        f"{module}.{name}" for module, name in shown if not any(k.startswith(f"client: {module}.{name}") for k in KEPT)
    ]
