"""docs/operations.md: what it has a person type in the terminal of the local stack does what it says."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sfmint_local import places
from sfmint_local.child import bare_environment
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.env_file import EnvFile

PAGE = (places.ROOT / "docs/operations.md").read_text()
BLOCKS = re.findall(r"```sh\n(# .*?)```", PAGE, re.DOTALL)
COMMANDS = (places.ROOT / "docs/cli.md").read_text()


@pytest.fixture
def tree(stack: EmbeddedStack, tmp_path: Path) -> Path:
    """What a second terminal sees at the root of the repository."""
    (tmp_path / ".local").mkdir()
    EnvFile(tmp_path / ".local/env").write(stack.environment())
    for name in ("samconfig.toml", "template.yaml"):
        shutil.copy(places.ROOT / name, tmp_path)
    return tmp_path


def typed(word: str, connection: str, tree: Path) -> str:
    """Type the block in which a word stands, for a connection, and return what is printed."""
    (block,) = [block for block in BLOCKS if word in block]
    environment = bare_environment(SAM_CLI_TELEMETRY="0", AWS_CONFIG_FILE="/dev/null", TMPDIR=str(tree))
    lines = "source .local/env\n" + re.sub(r"\borders\b", connection, block)
    done = subprocess.run(
        ["/bin/bash", "-e"], input=lines, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not (places.ROOT / "events/token_keeper/status.json").exists(), reason="there is no such event")
def test_the_rows_of_all_connections_are_shown_without_a_token(
    stack: EmbeddedStack, connection: str, tree: Path
) -> None:
    token = stack.functions.broker(connection)

    printed = typed('"action": "status"', connection, tree)

    assert json.loads(printed)["connections"][connection]["fingerprint"] == token["fingerprint"]
    assert token["access_token"] not in printed


@pytest.mark.skipif("## sfmint flush" not in COMMANDS, reason="there is no such command")
def test_a_flush_and_a_refresh_make_another_token(stack: EmbeddedStack, connection: str, tree: Path) -> None:
    former = stack.functions.broker(connection)

    printed = typed("sfmint flush", connection, tree)

    assert former["fingerprint"] not in printed.partition("sfmint")[2]
    assert stack.org.counters().by_user[f"{connection}@sfmint.example"].granted == 2


@pytest.mark.skipif("--rollback" not in COMMANDS, reason="there is no such option")
def test_the_former_credentials_come_back(stack: EmbeddedStack, connection: str, tree: Path) -> None:
    good = stack.credentials(connection)
    stack.store_secret(connection, {**good, "token_lifetime": 1800})

    typed("--rollback", connection, tree)

    value = stack.aws.secrets.get_secret_value(SecretId=stack.secret_name(connection))["SecretString"]
    assert json.loads(value)["token_lifetime"] == good["token_lifetime"]


def test_commands_are_completed(connection: str, tree: Path) -> None:
    assert typed("_SFMINT_COMPLETE", connection, tree) == ""


def test_every_block_is_typed_by_a_test() -> None:
    source = Path(__file__).read_text()
    words = re.findall(r"typed\((['\"])(.+?)\1, connection", source)
    assert {block for block in BLOCKS if any(word in block for _, word in words)} == set(BLOCKS)
    assert re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) == BLOCKS
