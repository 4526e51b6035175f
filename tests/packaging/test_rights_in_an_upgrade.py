"""While a stack is upgraded or put back, functions run for a while under the other build's rights: they suffice, both ways.

CloudFormation changes the roles and the key's policy before the functions, because these refer to them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from former_tree import FORMER, NOT_IN_HISTORY, is_known, lay_out
from iam_policy import allowed
from read_template import ReadTemplate
from sfmint_local import places
from sfmint_local.embedded_aws import REGION
from stack.acme import ACCOUNT, LAMBDA, filled

TABLE, KEY = "acme-Table-1A2B3C", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
MADE = {
    "Table": TABLE,
    "Table.Arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}",
    "Key.Arn": KEY,
    "SecretsKeyArns": "",
    "SigningKeyArns": "",
    **{f"{role}.Arn": f"arn:aws:iam::{ACCOUNT}:role/acme-{role}" for role in ("BrokerRole", "KeeperRole")},
}
CACHE = "/sfmint/acme/cache"
PLACES = {"dynamodb": TABLE, "parameter-store": CACHE}
OF_STORE = {
    "dynamodb": [(f"dynamodb:{name}", MADE["Table.Arn"]) for name in ("GetItem", "UpdateItem")],
    "parameter-store": [
        (f"ssm:{name}", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{CACHE}/orders/1")
        for name in ("GetParametersByPath", "PutParameter", "DeleteParameters")
    ],
}
SECRET = (
    "secretsmanager:GetSecretValue",
    f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:sfmint/acme/orders-AbCdEf",
)
SEALING = [(f"kms:{name}", KEY) for name in ("Encrypt", "Decrypt")]
OF_REQUESTS = [
    ("lambda:InvokeFunction", f"{LAMBDA}token-broker:orders"),
    ("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/sfmint/acme/connections/orders/allow"),
]
FUNCTIONS = {"BrokerRole": "token-broker", "KeeperRole": "token-keeper", "RequestRole": "salesforce-request"}

pytestmark = pytest.mark.skipif(not is_known(FORMER), reason=NOT_IN_HISTORY)


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("former")
    lay_out(FORMER, root, "template.yaml")
    return root


def refused(template: ReadTemplate, store: str) -> Iterator[str]:
    """Give what a function asks of AWS for a token or a request, whichever build it is of, and a template does not allow."""
    for role, function in FUNCTIONS.items():
        context = {"lambda:SourceFunctionArn": f"{LAMBDA}{function}"}
        own = filled(template.statements_of(role), **MADE)
        asked = OF_REQUESTS if role == "RequestRole" else [SECRET, *OF_STORE[store]]
        yield from (f"{role} {action}" for action, resource in asked if not allowed(own, action, resource, context))
        if role != "RequestRole":
            yield from (f"{role} {action}" for action in _refused_by_key(template, role, own, context, store))


def _refused_by_key(
    template: ReadTemplate, role: str, own: list[dict[str, Any]], context: dict[str, str], store: str
) -> Iterator[str]:
    sealing = {"kms:EncryptionContext:purpose": "sfmint/access-token", "kms:EncryptionContext:place": PLACES[store]}
    asked = {**context, **sealing, "aws:PrincipalArn": MADE[f"{role}.Arn"]}
    policy = filled(template.properties("Key")["KeyPolicy"]["Statement"], **MADE)
    for action, key in SEALING:
        if not (allowed(own, action, key, asked) and allowed(policy, action, "*", asked)):
            yield action


@pytest.mark.parametrize("store", OF_STORE)
@pytest.mark.parametrize("build", ["former", "present"])
def test_the_rights_of_a_build_suffice_for_the_functions_of_the_other(former: Path, build: str, store: str) -> None:
    root = former if build == "former" else places.ROOT
    template = ReadTemplate.chosen(root / "template.yaml", Connections="orders", CacheBackend=store)
    assert list(refused(template, store)) == []


def test_a_right_that_is_missing_is_found(former: Path) -> None:
    template = ReadTemplate.chosen(former / "template.yaml", Connections="orders", CacheBackend="dynamodb")
    assert "KeeperRole ssm:PutParameter" in list(refused(template, "parameter-store"))
