"""tools/deploy.py and tools/samconfig.py, up to the point where they call the SAM CLI."""

from pathlib import Path

import pytest

import deploy
from deploy import DeployError, build_id, check_connection_names
from read_template import ReadTemplate
from samconfig import Environment, UnusableConfig, parse_parameters
from sfmint_local import places


def check(template: ReadTemplate, *names: str) -> None:
    rules = template.parameters["Connections"]
    check_connection_names(list(names), rules["AllowedPattern"], rules["ConstraintDescription"])


def test_good_connection_names_pass(template: ReadTemplate) -> None:
    check(template, "my-org", "other", "live-org")


@pytest.mark.parametrize("name", ["live", "My_Org", "", "a" * 33])
def test_a_bad_connection_name_is_refused_in_plain_words(template: ReadTemplate, name: str) -> None:
    with pytest.raises(DeployError, match=r"lower-case letters, digits and dashes.*Rename it in Connections"):
        check(template, "good", name)


def test_names_that_differ_by_dashes_only_are_refused(template: ReadTemplate) -> None:
    with pytest.raises(DeployError, match=r"'my-org' and 'myorg' differ by dashes only\. Rename one"):
        check(template, "my-org", "other", "myorg")


def test_a_name_that_is_listed_twice_is_refused(template: ReadTemplate) -> None:
    with pytest.raises(DeployError, match="lists other more than once"):
        check(template, "other", "my-org", "other")


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


@pytest.mark.parametrize("env", ["default", "local"])
def test_both_environments_name_a_stack_and_pass_the_build_id(env: str) -> None:
    read = Environment.read(places.ROOT / "samconfig.toml", env)
    assert read.stack == "sfmint"
    assert read.parameters["BuildId"] == ""
    assert read.parameters["Architecture"] == {"default": "arm64", "local": "x86_64"}[env]


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


@pytest.mark.parametrize("word", ["Connections", "=a", "Memory-Trust=1", "ParameterKey=A,ParameterValue=b"])
def test_a_word_that_sets_no_parameter_is_refused(word: str) -> None:
    with pytest.raises(UnusableConfig, match="sets no parameter"):
        parse_parameters([word])


def make_tree(folder: Path, architecture: str = "arm64") -> Path:
    """A tree with a build in it, as far as a deploy looks before it calls the SAM CLI."""
    (folder / "samconfig.toml").write_text((places.ROOT / "samconfig.toml").read_text())
    (folder / ".aws-sam/build").mkdir(parents=True)
    (folder / ".aws-sam/build.toml").write_text(f"[layer_build_definitions.x]\narchitecture = '{architecture}'\n")
    (folder / ".aws-sam/build/template.yaml").write_text(
        "Parameters:\n"
        "  Connections: {Default: my-org, AllowedPattern: '[a-z-]+', ConstraintDescription: letters}\n"
        "  Architecture: {Default: arm64}\n"
        "  BuildId: {Default: ''}\n"
    )
    return folder


def test_a_tree_without_a_build_is_refused(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text((places.ROOT / "samconfig.toml").read_text())
    with pytest.raises(DeployError, match="Run `make build` first"):
        deploy.deploy(root=tmp_path)


def test_an_unknown_parameter_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match=r"no parameter MemoryTrust\. It has Connections"):
        deploy.deploy(parameters={"MemoryTrust": "1"}, root=make_tree(tmp_path))


def test_a_build_for_another_processor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="The build is for x86_64, the deploy for arm64"):
        deploy.deploy(root=make_tree(tmp_path, "x86_64"))


def test_the_connection_names_are_checked_before_anything_is_deployed(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="differ by dashes only"):
        deploy.deploy(parameters={"Connections": "a-b,ab"}, root=make_tree(tmp_path))


def test_a_wrong_word_on_the_command_line_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        deploy.main(["Connections"])
    assert ended.value.code == 2
    assert "Write Name=value" in capsys.readouterr().err


def test_a_failure_is_told_in_words_and_not_as_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main(["--env", "nowhere"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: samconfig.toml has no environment 'nowhere'.")
    assert "Traceback" not in said
