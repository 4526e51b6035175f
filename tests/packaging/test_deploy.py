"""tools/deploy.py, as far as it needs no account: samconfig.toml, names, values, the build and the command line."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deploy
from deploying.artefact import LOWEST_SAM, build_id, check_built, check_sam
from deploying.connections import MOST, check_connection_names, check_connections, check_none_vanishes, without
from deploying.errors import Refused
from deploying.parameters import check, check_known, merged, unheeded
from deploying.preflight import check_values
from deploying.stack import LONGEST_NAME, check_name
from deploying.template import Template
from samconfig import Environment, UnusableConfig, parse_parameters
from sfmint_local import places

TEMPLATE = Template.read(places.ROOT / "template.yaml")
STACKS = ["sales", "sales-two", "two"]
ODD_NUMBERS = ("0.5", "1_0", " 10", "10\n", "\u0661\u0660", "1e1", "+10", "-1", "nan", "inf", "0x10", "1" * 5000)
DEFAULTS = merged(TEMPLATE, given={}, deployed=None, configured={})


def check_names(*names: str) -> None:
    rules = TEMPLATE.parameters["Connections"]
    check_connection_names(list(names), rules["AllowedPattern"], rules["ConstraintDescription"])


def test_good_connection_names_pass() -> None:
    check_names("my-org", "other", "live-org")


@pytest.mark.parametrize("name", ["live", "My_Org", "ü", "a" * 33])
def test_a_bad_connection_name_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(Refused, match=r"lower-case letters, digits and dashes.*Rename it in Connections"):
        check_names("good", name)


def test_names_that_differ_by_dashes_only_are_refused() -> None:
    with pytest.raises(Refused, match=r"'my-org' and 'myorg' differ by dashes only\. Rename one"):
        check_names("my-org", "other", "myorg")


def test_a_name_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(Refused, match="lists other more than once"):
        check_names("other", "my-org", "other")


def test_as_many_connections_as_fit_a_stack_pass_and_no_more() -> None:
    names = [f"org-{number}" for number in range(MOST + 1)]
    check_connections(TEMPLATE, {"Connections": ",".join(names[:-1])})
    with pytest.raises(Refused, match=f"{MOST + 1} connections do not fit a stack, which holds {MOST}"):
        check_connections(TEMPLATE, {"Connections": ",".join(names)})


def test_a_stack_without_connections_is_refused() -> None:
    with pytest.raises(Refused, match="make remove"):
        check_connections(TEMPLATE, {"Connections": ""})


@pytest.mark.parametrize("name", ["a", "sales-Org-2", "s" * LONGEST_NAME])
def test_a_name_that_leaves_room_for_the_functions_can_name_a_stack(name: str) -> None:
    check_name(name)
    assert len(f"{name}-salesforce-request") <= 64


@pytest.mark.parametrize(
    ("name", "said"), [("s" * (LONGEST_NAME + 1), "Shorten stack_name"), ("2nd", "a letter first"), ("a_b", "dashes")]
)
def test_a_name_that_cannot_name_a_stack_is_refused(name: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_name(name)


# ------------------------------------------------------------------------------------------------- Precedence


def test_the_command_line_decides_before_the_stack_and_the_stack_before_the_default() -> None:
    deployed = {"Connections": "orders,billing", "LogLevel": "DEBUG", "Gone": "x", "BuildId": "abc"}
    configured = {"Connections": "my-org", "LogLevel": "ERROR", "RefreshRate": "off", "BuildId": ""}
    values = merged(TEMPLATE, given={"LoginBudgetPerHour": "7"}, deployed=deployed, configured=configured)
    assert values == {**DEFAULTS, "Connections": "orders,billing", "LogLevel": "DEBUG", "LoginBudgetPerHour": "7"}


def test_samconfig_decides_at_the_first_deploy_and_never_about_the_build() -> None:
    configured = {"LogLevel": "ERROR", "BuildId": "abc"}
    assert merged(TEMPLATE, given={}, deployed=None, configured=configured) == {**DEFAULTS, "LogLevel": "ERROR"}


NAMES = st.sampled_from(sorted(DEFAULTS))
VALUES = st.dictionaries(NAMES, st.text("abc", max_size=2))


@given(given=VALUES, deployed=st.none() | VALUES, configured=VALUES)
def test_each_parameter_has_the_value_of_the_first_that_says_one(
    given: dict[str, str], deployed: dict[str, str] | None, configured: dict[str, str]
) -> None:
    values = merged(TEMPLATE, given=given, deployed=deployed, configured=configured)
    second = configured if deployed is None else deployed
    assert values == {name: given.get(name, second.get(name, DEFAULTS[name])) for name in DEFAULTS}


def test_what_samconfig_says_in_vain_is_told_once_and_the_build_id_not() -> None:
    configured = {"LogLevel": "ERROR", "RefreshRate": "off", "Architecture": "arm64", "BuildId": ""}
    deployed = {**DEFAULTS, "RefreshRate": "rate(1 hour)", "BuildId": "abc"}
    told = unheeded(given={"LogLevel": "INFO"}, deployed=deployed, configured=configured)
    assert [sentence.split(",")[0] for sentence in told] == ["samconfig.toml says RefreshRate=off"]


@given(
    before=st.lists(st.sampled_from("abcdef"), unique=True, min_size=1),
    after=st.lists(st.sampled_from("abcdef"), unique=True, min_size=1),
    removed=st.sets(st.sampled_from("abcdef")),
)
def test_a_deploy_passes_only_if_exactly_the_named_connections_vanish(
    before: list[str], after: list[str], removed: set[str]
) -> None:
    lists = {"Connections": ",".join(before)}, {"Connections": ",".join(after)}
    if set(before) - set(after) == removed:
        check_none_vanishes(*lists, removed)
    else:
        with pytest.raises(Refused):
            check_none_vanishes(*lists, removed)


def test_a_connection_that_is_left_out_is_named_with_the_way_to_remove_it() -> None:
    with pytest.raises(Refused, match=r"leaves out billing.*or say REMOVE=orders,billing"):
        check_none_vanishes({"Connections": "orders,billing,x"}, {"Connections": "x"}, ["orders"])


def test_a_connection_may_not_vanish_from_the_list_of_admins_either() -> None:
    deployed = {"Connections": "orders", "AdminConnections": "admin-a,admin-b"}
    assert without(deployed, ["admin-a"]) == {"AdminConnections": "admin-b"}
    with pytest.raises(Refused, match="leaves out admin-b"):
        check_none_vanishes(deployed, {**deployed, "AdminConnections": "admin-a"}, [])


# ------------------------------------------------------------------------------------------ What is allowed


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"LoginBudgetPerHour": "0"}, "LoginBudgetPerHour cannot be '0'. It has to be: a whole number from 1"),
        ({"LoginBudgetPerHour": "3601"}, "LoginBudgetPerHour cannot be '3601'"),
        ({"LoginBudgetPerHour": "many"}, "LoginBudgetPerHour cannot be 'many'"),
        ({"LoginBudgetPerHour": ""}, "LoginBudgetPerHour cannot be ''"),
        *(({"LoginBudgetPerHour": odd}, f"LoginBudgetPerHour cannot be {odd!r}") for odd in ODD_NUMBERS),
        ({"AdminConnections": "admin-x,"}, "AdminConnections has a comma without a name"),
        ({"Connections": ",orders"}, "Connections has a comma without a name"),
        ({"CacheBackend": "redis"}, "dynamodb or parameter-store"),
        ({"LogRetentionDays": "31"}, "LogRetentionDays cannot be '31'"),
        ({"Architecture": "arm"}, "arm64 or x86_64"),
        ({"RefreshRate": "rate(0 minutes)"}, "RefreshRate cannot be"),
        ({"HttpsProxy": "http://user:word@proxy"}, "HttpsProxy cannot be"),
        ({"SubnetIds": "subnet-12345678", "SecurityGroupIds": ""}, "Give both SubnetIds and SecurityGroupIds"),
        ({"SubnetIds": "", "SecurityGroupIds": "sg-12345678"}, "Give both SubnetIds and SecurityGroupIds"),
        ({"Connections": "a,b", "ProbeConnection": "c"}, "Name one of Connections in ProbeConnection"),
        ({"Connections": "a,b", "ProbeConnection": "a,b"}, "ProbeConnection cannot be"),
        ({"AdminConnections": "admin-a", "ProbeConnection": "admin-a"}, "ProbeConnection cannot be"),
        ({"TokenHosts": "https://login.example.com"}, "TokenHosts cannot be"),
        ({"TokenHosts": "login.example.com:99999"}, "TokenHosts names login.example.com:99999, which is not a URL"),
        ({"TokenHosts": "a..example.com"}, "TokenHosts names a..example.com, which must name a host"),
    ],
)
def test_a_value_that_aws_or_a_function_would_refuse_is_refused_first(values: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        check_values(TEMPLATE, {**DEFAULTS, **values})
    with pytest.raises(Refused, match=re.escape(said)):
        check_values(TEMPLATE, values)  # nothing else has to be known


@pytest.mark.parametrize(
    "values",
    [
        {"SubnetIds": "subnet-12345678", "SecurityGroupIds": "sg-12345678"},
        {"SubnetIds": "subnet-12345678"},  # the stack may have the groups
        {"ProbeConnection": "orders"},  # the stack may have the connection
        {"ProbeConnection": "b", "Connections": "a, b"},
        {"TokenHosts": "login.example.com:8443,other.example.com"},
        {"LoginBudgetPerHour": "3600"},
        {},
    ],
)
def test_values_that_may_be_right_pass(values: dict[str, str]) -> None:
    check_values(TEMPLATE, values)


def test_the_defaults_are_allowed() -> None:
    check_values(TEMPLATE, DEFAULTS)


@pytest.mark.parametrize(("name", "said"), [("MemoryTrust", "Perhaps MemoryTrustSeconds"), ("Zzz", "It has Conn")])
def test_an_unknown_parameter_is_refused_by_name(name: str, said: str) -> None:
    with pytest.raises(Refused, match=f"no parameter {name}. {said}"):
        check_known(TEMPLATE, {name: "1"})


def test_a_parameter_without_any_value_is_refused() -> None:
    with pytest.raises(Refused, match="Key has no value"):
        merged(Template.parse("{Parameters: {Key: {Type: String}}}"), given={}, deployed=None, configured={})


def test_each_item_of_a_list_has_to_match_and_lengths_are_kept() -> None:
    template = Template.parse(
        "Parameters:\n  L: {Type: CommaDelimitedList, AllowedPattern: '[a-z]+'}\n  S: {Type: String, MinLength: 2}\n"
    )
    check(template, {"L": "a, b", "S": "xy"})
    for values in ({"L": "a,B"}, {"S": "x"}):
        with pytest.raises(Refused):
            check(template, values)


# ------------------------------------------------------------------------------------------------ The build


def make_build(folder: Path) -> Path:
    (folder / "CoreLayer/python").mkdir(parents=True)
    (folder / "CoreLayer/python/core.py").write_text("A = 1\n")
    (folder / "template.yaml").write_text("Resources: {}\n")
    return folder


def test_the_build_id_is_short_and_the_same_in_every_folder(tmp_path: Path) -> None:
    parameters = {"Connections": "a", "RefreshRate": "off"}
    one = build_id(make_build(tmp_path / "one"), parameters)
    other = build_id(make_build(tmp_path / "other"), dict(reversed(parameters.items())))
    assert one == other
    assert len(one) == 12
    assert int(one, 16)


def test_the_build_id_follows_contents_names_template_and_parameters_but_not_itself(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    seen = [build_id(build, {}), build_id(build, {"MemoryTrustSeconds": "0"})]
    (build / "CoreLayer/python/core.py").write_text("A = 2\n")
    seen.append(build_id(build, {}))
    (build / "CoreLayer/python/core.py").rename(build / "CoreLayer/python/kore.py")
    seen.append(build_id(build, {}))
    (build / "template.yaml").write_text("Resources: {Table: {}}\n")
    seen.append(build_id(build, {}))
    assert len(set(seen)) == 5
    assert build_id(build, {"BuildId": "abc"}) == seen[-1]


def test_a_tree_without_a_build_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Run `make build ARCHITECTURE=arm64` first"):
        check_built(tmp_path, "arm64")


def test_a_build_for_another_processor_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".aws-sam/build").mkdir(parents=True)
    (tmp_path / ".aws-sam/build/template.yaml").touch()
    (tmp_path / ".aws-sam/build.toml").write_text("[layer_build_definitions.x]\narchitecture = 'x86_64'\n")
    check_built(tmp_path, "x86_64")
    with pytest.raises(Refused, match="The build is for x86_64, the deploy for arm64"):
        check_built(tmp_path, "arm64")


@pytest.mark.parametrize(
    ("version", "said"),
    [("1.159.1", "is 1.159, and 1.160 is needed"), ("0.200.0", "is 0.200,"), ("1.9.0", "is 1.9,"), ("no", "no known")],
)
def test_an_old_sam_cli_is_refused_in_one_line(version: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=re.escape(said)) as refused:
        check_sam(make_sam(tmp_path, version))
    assert "\n" not in str(refused.value)


def test_the_readme_names_the_lowest_sam_cli() -> None:
    lowest = ".".join(map(str, LOWEST_SAM))
    assert f"{lowest} or later" in (places.ROOT / "README.md").read_text()


@pytest.mark.parametrize("version", ["1.160.0", "1.170.3", "2.0.0"])
def test_a_new_sam_cli_passes(version: str, tmp_path: Path) -> None:
    check_sam(make_sam(tmp_path, version))


def test_another_program_is_no_sam_cli() -> None:
    with pytest.raises(Refused, match="of no known version"):
        check_sam(Path("/bin/true"))


def test_a_sam_cli_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Run `make setup`"):
        check_sam(tmp_path / "sam")


def make_sam(folder: Path, version: str) -> Path:
    sam = folder / "sam"
    sam.write_text(f"#!/bin/sh\necho 'SAM CLI, version {version}'\n")
    sam.chmod(0o700)
    return sam


# ---------------------------------------------------------------------------------------------- samconfig.toml


@pytest.mark.parametrize("env", ["default", "local"])
def test_both_environments_name_a_stack_and_no_connections(env: str) -> None:
    read = Environment.read(places.ROOT / "samconfig.toml", env)
    assert (read.stack, read.prefix) == ("sfmint", "sfmint/sfmint")
    assert read.parameters == {"Architecture": {"default": "arm64", "local": "x86_64"}[env], "BuildId": ""}
    assert read.asks == (env == "default")


# What `sam deploy --guided` of SAM CLI 1.170 writes, for a stack and a bucket of one's own.
GUIDED = """
version = 0.1
[default.global.parameters]
stack_name = "sfmint"
parameter_overrides = ["Architecture=arm64", 'BuildId=""']
[default.deploy.parameters]
capabilities = "CAPABILITY_IAM"
confirm_changeset = false
resolve_s3 = true
s3_prefix = "sales"
stack_name = "sales"
region = "eu-central-1"
parameter_overrides = "Connections=\\"orders\\" Architecture=\\"x86_64\\" RefreshRate=\\"rate(1 hour)\\" BuildId=\\"\\""
tags = 'team="a b" cost=7'
role_arn = "arn:aws:iam::1:role/deployer"
"""


def test_what_a_guided_deploy_writes_is_read_as_the_sam_cli_reads_it(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(GUIDED)
    read = Environment.read(tmp_path / "samconfig.toml", "default")
    assert read == Environment(
        stack="sales",
        region="eu-central-1",
        parameters={"Connections": "orders", "Architecture": "x86_64", "RefreshRate": "rate(1 hour)", "BuildId": ""},
        prefix="sales/sales",
        role="arn:aws:iam::1:role/deployer",
        tags={"team": "a b", "cost": "7"},
        asks=False,
    )


@pytest.mark.parametrize(
    ("said", "prefix"),
    [
        ("", "sales"),
        ("sales", "sales/sales"),
        ("team/sales", "team/sales/sales"),
        ("shared", "shared/sales"),
        ("/x/", "x/sales"),
    ],
)
def test_the_prefix_ends_with_the_stacks_name(said: str, prefix: str, tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text(f"[default.global.parameters]\nstack_name = 'sales'\ns3_prefix = '{said}'\n")
    assert Environment.read(path, "default").prefix == prefix


@given(said=st.sampled_from(["", "sales", "sales-two", "shared", "team/sales"]), stacks=st.permutations(STACKS))
def test_what_one_stack_removes_is_never_a_sister_stacks(said: str, stacks: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "samconfig.toml"
        tables = (f"[{name}.global.parameters]\nstack_name = '{name}'\ns3_prefix = '{said}'\n" for name in stacks)
        path.write_text("\n".join(tables))
        first, second = (f"{Environment.read(path, name).prefix}/" for name in stacks[:2])
    assert not first.startswith(second)


@pytest.mark.parametrize(
    "overrides",
    [
        """["Connections=a,b", 'RefreshRate="rate(1 hour)"', 'BuildId=""']""",
        """'Connections=a,b RefreshRate="rate(1 hour)" BuildId=""'""",
    ],
)
def test_parameters_are_read_as_the_sam_cli_reads_them(tmp_path: Path, overrides: str) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text(
        f"version = 0.1\n[x.global.parameters]\nstack_name = 's'\nparameter_overrides = 'A=b'\n"
        f"[x.deploy.parameters]\nregion = 'eu-central-1'\nparameter_overrides = {overrides}\n"
    )
    read = Environment.read(path, "x")
    assert (read.stack, read.region, read.profile) == ("s", "eu-central-1", None)
    assert read.parameters == {"Connections": "a,b", "RefreshRate": "rate(1 hour)", "BuildId": ""}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense = ", "no TOML"),
        ("version = 0.1", "no environment 'default'"),
        ("[default.deploy.parameters]\nregion = 'x'", "names no stack"),
        ("[default.global.parameters]\nstack_name = 's'\nparameter_overrides = 'A=\"b'", "quotation mark"),
    ],
)
def test_an_unusable_samconfig_is_refused_with_cause_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "samconfig.toml").write_text(text)
    with pytest.raises(UnusableConfig, match=said):
        Environment.read(tmp_path / "samconfig.toml", "default")


@pytest.mark.parametrize(
    "said",
    [
        "stack_name = 5",
        "stack_name = ['s']",
        "parameter_overrides = 5",
        "parameter_overrides = [1, 2]",
        "parameter_overrides = {Connections = 'a'}",
        "region = ['eu-central-1']",
        "profile = true",
        "tags = 3",
        "confirm_changeset = 'no'",
        "s3_prefix = 1",
        "s3_bucket = {}",
        "role_arn = 1.5",
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_name(tmp_path: Path, said: str) -> None:
    (tmp_path / "samconfig.toml").write_text(f"[x.global.parameters]\nstack_name = 's'\n[x.deploy.parameters]\n{said}")
    with pytest.raises(UnusableConfig, match=rf"says {said.partition(' ')[0]} = .*Write"):
        Environment.read(tmp_path / "samconfig.toml", "x")


@pytest.mark.parametrize("tags", ["['team']", "'team=crm cost'", "['=crm']"])
def test_a_tag_without_a_name_or_a_value_is_not_left_out_silently(tmp_path: Path, tags: str) -> None:
    text = f"[x.global.parameters]\nstack_name = 's'\n[x.deploy.parameters]\ntags = {tags}"
    (tmp_path / "samconfig.toml").write_text(text)
    with pytest.raises(UnusableConfig, match="sets no tag"):
        Environment.read(tmp_path / "samconfig.toml", "x")


@pytest.mark.parametrize("text", ["x = {}", "x.global = 1", "x.deploy = []", "x.deploy.parameters = 'a'"])
def test_tables_that_are_none_are_refused_too(tmp_path: Path, text: str) -> None:
    (tmp_path / "samconfig.toml").write_text(text)
    with pytest.raises(UnusableConfig):
        Environment.read(tmp_path / "samconfig.toml", "x")


@pytest.mark.parametrize("word", ["Connections", "=a", "Memory-Trust=1", "ParameterKey=A,ParameterValue=b"])
def test_a_word_that_sets_no_parameter_is_refused(word: str) -> None:
    with pytest.raises(UnusableConfig, match="sets no parameter"):
        parse_parameters([word])


# ------------------------------------------------------------------------------------------- The command line


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["deploy", "--env", "nowhere"], 3, "samconfig.toml has no environment 'nowhere'."),
        (["deploy"], 3, "There is no terminal"),
        (["prune"], 3, "Say CONFIRM=no"),
        (["remove"], 3, "Say CONFIRM=no"),
        (["rollback"], 3, "Say CONFIRM=no"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(words) == code
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert said.lower() in error.lower()
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "words", [[], ["deploy", "Connections"], ["deploy", "--confirm", "perhaps"], ["fly"], ["prune", "A=b"]]
)
def test_a_wrong_command_line_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        deploy.main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["RefreshRate=rate(5 minutes)", "Connections=a, b", "LogLevel='INFO", "; true", "$(true)"]
)
def test_a_text_of_parameters_is_taken_apart_and_never_run(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        deploy.main(["deploy", "--parameters", text])
    assert ended.value.code == 2
    assert "sets no parameter" in (said := capsys.readouterr().err) or "quotation mark" in said


@pytest.mark.parametrize("target", ["preflight", "deploy", "rollback"])
def test_make_hands_texts_on_without_the_shell(target: str) -> None:
    said = 'x\'; touch "y"; echo `date` (z)'
    words = ["make", "--no-print-directory", "--dry-run", target, f"PARAMETERS={said}", f"REMOVE={said}"]
    shown = subprocess.run(words, cwd=places.ROOT, capture_output=True, text=True, check=True).stdout
    assert "touch" not in shown


def named(values: Mapping[str, str]) -> set[str]:
    pseudo = {"AWS::StackName": "sales", "AWS::Region": "eu-central-1", "AWS::Partition": "aws"}
    return {one.name for one in TEMPLATE.named({**DEFAULTS, **values}, pseudo)}


def test_the_names_that_a_stack_needs_are_read_from_the_template() -> None:
    names = named({"Connections": "orders,billing"})
    assert {
        "/aws/lambda/sales-token-broker",
        "sales-token-keeper",
        "/sfmint/sales/connections/orders/broker",
        "/sfmint/sales/client-layer",
    } <= names
    assert {name for name in names - named({"Connections": "orders"}) if "billing" not in name} == set()
    assert [name for name in names if "$" in name or not name] == []
