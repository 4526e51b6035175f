"""What a command says where AWS says no, or nothing: whichever command it is."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, SSLError
from werkzeug.wrappers import Response

from cli.cloud_formation import DENIED, EXPIRED, INVALID, CloudFormation
from cli.command_line import CommandLine
from cli.conftest import Account
from lambda_service import LambdaService, Refusal
from sfmint_cli.aws_account import asking
from sfmint_cli.result import Failed
from sfmint_client.aws_error import BAD_CREDENTIALS, in_our_words
from sfmint_client.errors import NotConfigured
from wsgi_service import serving

if TYPE_CHECKING:
    from cli.conftest import WriteFile

ALLOW = ("connection", "allow", "my-org")
TOKEN = ("token", "my-org")


@pytest.fixture
def add(key_file: Path, certificate_file: Path) -> tuple[object, ...]:
    host = "https://acme.my.salesforce.com"
    files = ("--key", key_file, "--certificate", certificate_file)
    return ("connection", "add", "my-org", *files, "--consumer-key", "k", "--username", "u", "--token-host", host)


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.usefixtures("no_credentials")
def test_no_credentials(sfmint: CommandLine, add: tuple[object, ...]) -> None:
    for words in (add, ALLOW):
        ended = sfmint(*words)
        assert (ended.code, ended.cause) == (1, "There are no AWS credentials.")
        assert "--profile" in ended.remedy
    assert "No AWS credentials" in sfmint(*TOKEN).cause


@pytest.mark.parametrize(
    ("refusal", "cause"),
    [
        (EXPIRED, "The AWS credentials have expired."),
        (INVALID, "AWS does not accept the credentials."),
        (DENIED, "AWS does not let these credentials describe the stack 'sfmint' (DescribeStacks)."),
        (Refusal(400, "Throttling"), "AWS did not describe the stack 'sfmint': Throttling."),
        (Refusal(418, "Strange"), "AWS did not describe the stack 'sfmint': Strange."),
    ],
)
def test_credentials_that_aws_refuses(
    sfmint: CommandLine,
    aws_credentials: None,
    cloud_formation: CloudFormation,
    add: tuple[object, ...],
    refusal: Refusal,
    cause: str,
) -> None:
    cloud_formation.refusal = refusal
    for words in (add, ALLOW):
        ended = sfmint(*words)
        assert (ended.code, ended.cause) == (1, cause)


def test_expired_credentials_of_a_consumer(sfmint: CommandLine, lambda_service: LambdaService) -> None:
    lambda_service.ssm_refusal = Refusal(400, "ExpiredTokenException")
    assert "The AWS credentials cannot be used" in sfmint(*TOKEN).cause


def test_a_profile_that_is_not_there(sfmint: CommandLine, aws_credentials: None, add: tuple[object, ...]) -> None:
    for words in (add, ALLOW, TOKEN):
        ended = sfmint(*words, "--profile", "nobody")
        cause = "The AWS configuration has no profile 'nobody', which --profile names."
        assert (ended.code, ended.cause) == (1, cause)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "No."}}, "GetParameter")


@pytest.mark.parametrize("code", ["AuthFailure", "IncompleteSignature", *sorted(BAD_CREDENTIALS)])
def test_command_line_and_client_know_the_same_codes_of_bad_credentials(code: str) -> None:
    with pytest.raises(Failed) as failed, asking("read it"):
        raise refused(code)
    assert failed.value.name in {"NoCredentials", "ExpiredCredentials", "InvalidCredentials"}
    assert isinstance(in_our_words("SSM", refused(code)), NotConfigured)


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_a_profile_of_the_environment_that_is_not_there(
    sfmint: CommandLine,
    aws_credentials: None,
    add: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, "nope")
    for words in (add, ALLOW, TOKEN):
        assert sfmint(*words).cause == f"The AWS configuration has no profile 'nope', which {variable} names."


def test_a_configuration_that_cannot_be_read(
    sfmint: CommandLine, aws_credentials: None, write_file: "WriteFile", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(write_file("config", "no section = 1")))
    assert sfmint(*ALLOW, "--profile", "x").cause == "The AWS configuration cannot be read."


def test_no_region(
    sfmint: CommandLine, aws_credentials: None, add: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    for words in (add, ALLOW, TOKEN):
        ended = sfmint(*words)
        assert (ended.code, ended.cause) == (1, "No AWS region is known.")


@pytest.mark.parametrize("region", ["nowhere!", "no such region!", "eu_west_1", "-", "00D!x"])
def test_a_region_that_is_none(
    sfmint: CommandLine,
    aws_credentials: None,
    add: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
    region: str,
) -> None:
    for words in (add, ALLOW, TOKEN):
        assert sfmint(*words, "--region", region).cause == f"There is no AWS region {region!r}, which --region names."
    monkeypatch.setenv("AWS_REGION", region)
    assert sfmint(*TOKEN).cause == f"There is no AWS region {region!r}, which AWS_REGION names."


def test_a_region_of_the_profile_that_is_none(
    sfmint: CommandLine, aws_credentials: None, write_file: "WriteFile", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(write_file("config", "[profile x]\nregion = nowhere!\n")))
    for words in (ALLOW, TOKEN):
        ended = sfmint(*words, "--profile", "x")
        assert ended.cause == "There is no AWS region 'nowhere!', which the AWS configuration names."


def test_a_token_in_the_place_of_a_region_or_a_profile_is_not_shown(sfmint: CommandLine, aws_credentials: None) -> None:
    token = "00D000000000001AAA!" + "AQEAQ" * 20
    sfmint.phrases.add(token)
    for option in ("--region", "--profile"):
        assert "(redacted)" in sfmint(*ALLOW, option, token).cause


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("page", [b"<html>Sign in</html>", b"", b"[]", b"null", b"\xff\xfe"])
def test_a_page_that_answers_in_the_place_of_aws_is_told(
    sfmint: CommandLine,
    account: Account,
    add: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
    page: bytes,
    status: int,
) -> None:
    """Of a proxy, or of the sign-in to a network: whatever the service, and whichever command."""
    cases = {
        "CLOUDFORMATION": (add, ALLOW, ("flush", "my-org"), ("taint", "my-org", "0123456789abcdef")),
        "SSM": (ALLOW, (*ALLOW, "GET /x/", "--yes"), TOKEN),
        "SECRETS_MANAGER": (
            add,
            ("taint", "my-org", "0123456789abcdef"),
            ("connection", "add", "my-org", "--rollback"),
        ),
        "LAMBDA": (("flush", "my-org"), ("refresh", "my-org")),
    }
    with serving(Response(page, status=status, content_type="text/html")) as url:
        for service, commands in cases.items():
            with monkeypatch.context() as patch:
                patch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
                for words in commands:
                    ended = sfmint(*words)
                    assert ended.code == 1
                    assert "fault of its own" not in ended.cause
                    if status == 200 and page.startswith(b"<"):
                        assert "AWS" in ended.cause + ended.remedy
                        assert "proxy" in ended.remedy


def test_a_dead_proxy_is_named_without_its_password(
    sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sfmint.phrases.add("hunter2")
    monkeypatch.setenv("HTTPS_PROXY", "http://joe:hunter2@127.0.0.1:9")
    ended = sfmint(*ALLOW)
    assert ended.cause == (
        "The proxy 127.0.0.1:9 let no call of AWS through, when asked to describe the stack 'sfmint'."
    )
    assert "HTTPS_PROXY" in ended.remedy


def test_where_tls_is_refused_the_authority_comes_first(
    sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "botocore.httpsession.URLLib3Session.send",
        lambda _self, request: (_ for _ in ()).throw(SSLError(endpoint_url=request.url, error=OSError())),
    )
    ended = sfmint(*ALLOW)
    assert "no authority that is trusted" in ended.cause
    assert ended.remedy.startswith(
        "Where a proxy opens TLS, name a file with its certificate authority in AWS_CA_BUNDLE"
    )


def test_no_network(sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://127.0.0.1:9")
    ended = sfmint(*ALLOW)
    assert ended.cause == (
        "Nothing usable answered at http://127.0.0.1:9 when asked to describe the stack 'sfmint':"
        " EndpointConnectionError."
    )
    assert "AWS_ENDPOINT_URL_CLOUDFORMATION" in ended.remedy


def test_what_answers_in_the_place_of_aws_is_named_without_its_password(
    sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sfmint.phrases.add("hunter2")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://joe:hunter2@127.0.0.1:9/path")
    ended = sfmint(*ALLOW)
    assert "http://127.0.0.1:9 " in ended.cause
    assert "variable AWS_ENDPOINT_URL names" in ended.remedy


def test_what_answers_in_the_place_of_aws_is_told_before_it_is_asked(
    sfmint: CommandLine, account: Account, add: tuple[object, ...]
) -> None:
    """A stale variable of an emulator would get the private key without a word."""
    url = account.cloud_formation.url
    told = f"warning: {url} is asked in AWS's place (cloudformation), because AWS_ENDPOINT_URL_CLOUDFORMATION names it."
    for words in (add, ALLOW, TOKEN):
        assert told in sfmint(*words).stderr.splitlines()
        assert "warning" not in sfmint(*words, "--json").stderr


def test_what_the_profile_names_in_the_place_of_aws_is_told(
    sfmint: CommandLine, aws_credentials: None, write_file: "WriteFile", monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "[profile x]\nendpoint_url = http://joe:hunter2@127.0.0.1:9/\n"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(write_file("config", place)))
    sfmint.phrases.add("hunter2")
    said = sfmint(*ALLOW, "--profile", "x").stderr
    assert "http://127.0.0.1:9 is asked in AWS's place" in said
    assert "because the AWS configuration names it" in said


def test_an_ignored_place_is_neither_asked_nor_told(
    sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    monkeypatch.setattr(
        "botocore.httpsession.URLLib3Session.send",
        lambda _self, request: (_ for _ in ()).throw(EndpointConnectionError(endpoint_url=request.url)),
    )
    ended = sfmint(*ALLOW)
    assert "in AWS's place" not in ended.stderr
    assert ended.cause.startswith("AWS did not answer")


def test_an_aws_that_does_not_answer_is_told_with_the_region(
    sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(
        "botocore.httpsession.URLLib3Session.send",
        lambda _self, request: (_ for _ in ()).throw(EndpointConnectionError(endpoint_url=request.url)),
    )
    ended = sfmint(*ALLOW)
    assert ended.cause == "AWS did not answer when asked to describe the stack 'sfmint': EndpointConnectionError."
    assert "--region" in ended.remedy


@pytest.mark.parametrize(
    "url", ["127.0.0.1:9", "nothing", "http://", "http://[", "ftp://x", "http://x:99999", "http://x y"]
)
def test_an_address_that_is_no_url_is_told_with_its_variable(
    sfmint: CommandLine, aws_credentials: None, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
    for words in (ALLOW, TOKEN):
        ended = sfmint(*words)
        assert (ended.code, ended.cause) == (1, "The environment variable AWS_ENDPOINT_URL_LAMBDA holds no URL.")


def test_the_region_comes_from_the_option_then_aws_region_then_aws_default_region(
    sfmint: CommandLine, aws_credentials: None, cloud_formation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "in us-east-1." in sfmint(*ALLOW).cause
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert "in eu-west-1." in sfmint(*ALLOW).cause
    assert "in eu-north-1." in sfmint(*ALLOW, "--region", "eu-north-1").cause
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "in eu-west-1." in sfmint(*ALLOW).cause


def test_a_stack_in_another_region(sfmint: CommandLine, aws_credentials: None, cloud_formation: CloudFormation) -> None:
    ended = sfmint("--region", "eu-west-1", *ALLOW)
    assert ended.cause == "There is no stack 'sfmint' in eu-west-1."


def test_the_option_beats_the_environment_wherever_it_stands(
    sfmint: CommandLine, aws_credentials: None, cloud_formation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMINT_STACK", "from-environment")
    sfmint(*ALLOW)
    sfmint("--stack", "before", *ALLOW)
    sfmint(*ALLOW, "--stack", "after")
    sfmint("--stack", "before", *ALLOW, "--stack", "after")
    assert cloud_formation.asked == ["from-environment", "before", "after", "after"]


def test_a_key_that_cannot_be_read_is_told_before_aws_is_asked(
    sfmint: CommandLine, aws_credentials: None, cloud_formation: CloudFormation, add: tuple[object, ...], key_file: Path
) -> None:
    key_file.unlink()
    assert sfmint(*add).cause == f"There is no file {key_file}."
    assert cloud_formation.asked == []
