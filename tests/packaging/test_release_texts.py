"""A release's texts: its version, its changelog, the tag's message, and the template whose code lies in a bucket."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploying.template import Template
from release_archives import archives
from releasing import changelog, packaged, version
from releasing.errors import Failed, Refused
from releasing.record import Record, Tools
from releasing.version import Version
from sfmint_local import places

DAY = date(2026, 11, 29)
HEAD = "# Changelog\n\nWords.\n"
TEMPLATE = (places.ROOT / "template.yaml").read_text()

numbers = st.integers(min_value=0, max_value=10**9 - 1)
versions = st.builds(Version, numbers, numbers, numbers)
lines = st.sampled_from(
    ["- What is new.", "  Its second line.", "### Added", "", "### Fixed", "- `## [9.9.9]` is no heading."]
)


def text_of(written: list[str]) -> str:
    return "\n".join(written).strip("\n")


sections = st.lists(lines, max_size=8).map(text_of)
said = sections.filter(lambda text: any(line.startswith("-") for line in text.splitlines()))


def log(unreleased: str, *released: tuple[Version, str]) -> str:
    older = "".join(f"\n## [{number}] - 2026-01-01\n\n{text}\n" for number, text in released)
    return f"{HEAD}\n## [Unreleased]\n\n{unreleased}\n{older}"


@given(versions)
def test_a_version_is_read_as_it_is_written(number: Version) -> None:
    assert Version.parse(str(number)) == number
    assert number.tag == f"v{number}"


@given(st.text(alphabet="0123456789.v-+ ab\n\u0661"))
def test_what_is_read_as_a_version_is_written_so(text: str) -> None:
    try:
        number = Version.parse(text)
    except Refused:
        return
    assert str(number) == text


@pytest.mark.parametrize("text", ["", "1", "1.0", "v1.0.0", "1.0.0-rc.1", "1.0.0+1", "01.0.0", "1.0.0 ", "1.0.0\n"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is no version"):
        Version.parse(text)


@pytest.mark.parametrize("file", version.FILES)
def test_the_files_that_say_a_version_say_the_same_and_can_say_another(file: str) -> None:
    project = (places.ROOT / file).read_text()
    root = (places.ROOT / "pyproject.toml").read_text()
    assert version.said_in(project) == version.said_in(root)
    written = version.written_into(project, Version(9, 8, 7))
    assert version.said_in(written) == Version(9, 8, 7)
    assert version.written_into(written, version.said_in(project)) == project


@given(text=said, number=versions, older=sections)
def test_a_cut_gives_a_version_what_was_unreleased_and_nothing_else_changes(
    text: str, number: Version, older: str
) -> None:
    before = () if number == Version(0, 0, 0) else ((Version(0, 0, 0), older),)
    cut = changelog.cut(log(text, *before), number, DAY)
    assert changelog.released_in(cut) == [number, *(number for number, _ in before)]
    assert changelog.text_of(cut, number) == f"{text}\n"
    assert f"\n## [Unreleased]\n\n## [{number}] - 2026-11-29\n\n" in cut
    assert cut.replace(f"\n\n## [{number}] - 2026-11-29", "") == log(text, *before)


@given(text=said, number=versions)
def test_what_was_cut_cannot_be_cut_again(text: str, number: Version) -> None:
    cut = changelog.cut(log(text), number, DAY)
    with pytest.raises(Refused, match=re.escape(f"{number} is not above {number}")):
        changelog.cut(cut, number, DAY)
    with pytest.raises(Refused, match=r"says nothing under \[Unreleased\]"):
        changelog.cut(cut, Version(number.major + 1, 0, 0), DAY)


@pytest.mark.parametrize("empty", ["", "### Added", "### Added\n\n### Fixed\n"])
def test_headings_are_no_text(empty: str) -> None:
    with pytest.raises(Refused, match=r"says nothing under \[Unreleased\]"):
        changelog.cut(log(empty), Version(1, 0, 0), DAY)


def test_a_changelog_without_the_heading_is_refused() -> None:
    with pytest.raises(Refused, match=r"has no heading \[Unreleased\]"):
        changelog.cut(HEAD, Version(1, 0, 0), DAY)


def test_the_changelog_of_this_tree_can_be_cut_as_soon_as_it_says_more() -> None:
    text = (places.ROOT / changelog.FILE).read_text()
    more = text.replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n", 1)
    assert changelog.text_of(changelog.cut(more, Version(999, 0, 0), DAY), Version(999, 0, 0)).startswith("- More.\n")


def test_a_record_is_read_from_the_message_of_a_tag_signed_or_not() -> None:
    record = Record.of("checksums")
    assert Record.read(f"sfmint 0.1.0\n\n{record}") == record
    assert Record.read(f"sfmint 0.1.0\n\n{record}-----BEGIN PGP SIGNATURE-----\n\nabc\n") == record


@pytest.mark.parametrize("missing", ["python", "zlib", "checksums"])
def test_a_tag_of_other_origin_is_refused(missing: str) -> None:
    message = "".join(line for line in str(Record.of("")).splitlines(keepends=True) if not line.startswith(missing))
    with pytest.raises(Refused, match="does not say how it was built"):
        Record.read(message)


def test_another_python_or_zlib_is_refused_before_anything_is_built() -> None:
    here = Tools.here()
    record = Record(here, "")
    record.check_tools(here)
    for other in (Tools("3.13.99", here.zlib), Tools(here.python, "1.3.1.zlib-ng")):
        with pytest.raises(Refused, match=re.escape(f"built with {here}, and here are {other}.")):
            record.check_tools(other)


ARCHIVES = archives(TEMPLATE)


def test_only_parameters_and_the_places_of_code_differ_from_the_template() -> None:
    written = Template.parse(packaged.by_bucket(TEMPLATE, ARCHIVES)).content
    expected = Template.parse(TEMPLATE).content
    assert written["Parameters"].keys() - expected["Parameters"].keys() == set(packaged.PARAMETERS)
    assert written["Parameters"].pop("CodeBucket")["Type"] == "String"
    assert written["Parameters"].pop("CodePrefix")["Default"] == "sfmint-release/"
    groups = written["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert groups.pop(0)["Parameters"] == ["CodeBucket", "CodePrefix"]
    for name, archive in ARCHIVES.items():
        place = {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Fn::Sub": "${CodePrefix}" + archive}}
        [kind] = {"CodeUri", "ContentUri"} & written["Resources"][name]["Properties"].keys()
        assert written["Resources"][name]["Properties"][kind] == place
        written["Resources"][name]["Properties"][kind] = expected["Resources"][name]["Properties"][kind]
    assert written == expected


def test_the_template_of_the_application_repository_names_files_for_one_processor() -> None:
    content = Template.parse(packaged.by_file(TEMPLATE, ARCHIVES, Version(1, 2, 3))).content
    assert content["Metadata"]["AWS::ServerlessRepo::Application"]["SemanticVersion"] == "1.2.3"
    processors = content["Parameters"]["Architecture"]
    assert processors["AllowedValues"] == [processors["Default"]] == [packaged.ARCHITECTURES[0]]
    code = content["Resources"]["DependenciesLayer"]["Properties"]["ContentUri"]
    assert code == "DependenciesLayer-arm64-2.zip"


def test_code_that_the_template_names_and_nobody_has_built_is_noticed_and_the_other_way_round() -> None:
    for changed in ({**ARCHIVES, "Other": "x.zip"}, {"TokenBroker": "x.zip"}):
        with pytest.raises(Failed):
            packaged.by_bucket(TEMPLATE, changed)
