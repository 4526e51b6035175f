from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.aws_access import AwsAccess
from sfmint.cache_backend import DynamoDb
from sfmint.settings import InvalidSettings, Settings
from sfmint_values.secret import Secret

ENVIRONMENT = {
    "SFMINT_STACK": "acme",
    "SFMINT_CONNECTIONS": "orders,billing",
    "SFMINT_TABLE": "acme-Table-1",
    "SFMINT_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/1",
    "SFMINT_MEMORY_TRUST_SECONDS": "30",
    "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
    "SFMINT_TOKEN_HOSTS": "",
    "SFMINT_HTTPS_PROXY": "",
    "SFMINT_BUILD": "",
    "SSL_CERT_FILE": "",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a secret key",
}


def settings(**changes: str) -> Settings:
    return Settings.from_environment(ENVIRONMENT | changes)


def test_a_brokers_environment_is_read() -> None:
    assert settings() == Settings(
        stack="acme",
        connections=frozenset({"orders", "billing"}),
        cache=DynamoDb("acme-Table-1"),
        key_arn="arn:aws:kms:eu-central-1:123456789012:key/1",
        memory_trust_s=30,
        login_budget=240,
        token_hosts=frozenset(),
        https_proxy=None,
        https_proxy_secret=None,
        build="",
        refresh_interval_s=0,
        ca_bundle=None,
        aws=AwsAccess(
            region="eu-central-1",
            url_suffix="amazonaws.com",
            key_id="AKIAEXAMPLE",
            secret_key=Secret("a secret key"),
            session_token=None,
            endpoints={},
        ),
    )


def test_metrics_have_the_namespace_that_the_template_names_or_sfmint_s_own() -> None:
    assert settings().metrics_namespace == settings(POWERTOOLS_METRICS_NAMESPACE="").metrics_namespace == "sfmint"
    assert settings(POWERTOOLS_METRICS_NAMESPACE="acme").metrics_namespace == "acme"


def test_what_may_be_empty_is_read_where_it_is_not(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    full = settings(SFMINT_HTTPS_PROXY="http://proxy:3128", SFMINT_BUILD="b1", SSL_CERT_FILE=str(bundle))
    assert (full.https_proxy, full.build, full.ca_bundle) == ("http://proxy:3128", "b1", str(bundle))


def test_authorities_that_are_not_there_are_told_by_the_variable() -> None:
    with pytest.raises(InvalidSettings, match="SSL_CERT_FILE names no file"):
        settings(SSL_CERT_FILE="/opt/ca.pem")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("SFMINT_HTTPS_PROXY", "https://proxy.example"),
        ("SFMINT_HTTPS_PROXY", "proxy.example:3128"),
        ("AWS_ENDPOINT_URL", "htps://aws.example"),
        ("AWS_ENDPOINT_URL_KMS", "vpce-1.example"),
        ("AWS_ENDPOINT_URL_KMS", "https://vpce-1.example:abc"),
        ("AWS_ENDPOINT_URL_KMS", "https://vpce-1.example/path"),
        ("AWS_ENDPOINT_URL_KMS", "https://somebody:canary@vpce-1.example"),
        ("AWS_ENDPOINT_URL_SSM", "https://[vpce-1.example"),
    ],
)
def test_a_url_that_is_more_or_less_than_a_place_is_refused_by_its_variable_alone(name: str, url: str) -> None:
    with pytest.raises(InvalidSettings, match=f"^{name} is no URL") as refused:
        settings(**{name: url})
    assert "example" not in str(refused.value)


def test_a_slash_after_a_place_does_no_harm() -> None:
    assert settings(AWS_ENDPOINT_URL="https://aws.example/").aws.url("kms") == "https://aws.example"


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SFMINT_REFRESH_RATE", raising=False)
    assert Settings.from_environment() == settings()


def test_a_role_s_session_token_belongs_to_its_credentials() -> None:
    assert settings(AWS_SESSION_TOKEN="a session token").aws.session_token == Secret("a session token")


def test_a_service_may_answer_elsewhere() -> None:
    aws = settings(
        AWS_ENDPOINT_URL="http://127.0.0.1:4566", AWS_ENDPOINT_URL_SECRETS_MANAGER="https://vpce-1.example"
    ).aws
    assert (aws.url("kms"), aws.url("secretsmanager")) == ("http://127.0.0.1:4566", "https://vpce-1.example")


def test_only_this_machine_is_asked_in_clear_text() -> None:
    for host in ("127.0.0.1:4566", "127.1.2.3", "localhost:80", "[::1]:4566"):
        assert settings(AWS_ENDPOINT_URL=f"http://{host}").aws.url("kms") == f"http://{host}"
    for host in ("10.0.0.1", "localstack:4566", "127.0.0.1.example", "127.example", "localhost.example", "aws.example"):
        with pytest.raises(InvalidSettings, match=r"^AWS_ENDPOINT_URL_SSM is http, and keys.* Name it with https\.$"):
            settings(AWS_ENDPOINT_URL_SSM=f"http://{host}")


@pytest.mark.parametrize("value", ["true", "True", " TRUE "])
def test_places_of_the_environments_own_may_be_ignored(value: str) -> None:
    ignoring = settings(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=value, AWS_ENDPOINT_URL="http://evil.example")
    assert ignoring.aws.url("kms") == "https://kms.eu-central-1.amazonaws.com"
    assert ignoring.own_endpoints == ()


@pytest.mark.parametrize(
    ("fips", "dual_stack", "host"),
    [
        ("true", "false", "kms-fips.eu-central-1.amazonaws.com"),
        ("", "TRUE", "kms.eu-central-1.api.aws"),
        ("true", "true", "kms-fips.eu-central-1.api.aws"),
        ("false", "", "kms.eu-central-1.amazonaws.com"),
    ],
)
def test_the_sdks_switches_choose_the_hosts(fips: str, dual_stack: str, host: str) -> None:
    chosen = settings(AWS_USE_FIPS_ENDPOINT=fips, AWS_USE_DUALSTACK_ENDPOINT=dual_stack)
    assert chosen.aws.url("kms") == f"https://{host}"


@pytest.mark.parametrize(
    "name", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]
)
@pytest.mark.parametrize("value", ["yes", "1", "on", "ture"])
def test_a_switch_that_says_neither_is_not_taken_for_off(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"^{name} is neither true nor false"):
        settings(**{name: value})


@pytest.mark.parametrize("switch", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_a_switch_and_a_place_of_ones_own_contradict_each_other(switch: str) -> None:
    with pytest.raises(InvalidSettings, match="AWS_ENDPOINT_URL_KMS names a place of your own"):
        settings(**{switch: "true", "AWS_ENDPOINT_URL_KMS": "https://vpce-1.example"})


def test_a_partition_whose_dual_stack_hosts_are_not_known_is_told() -> None:
    with pytest.raises(InvalidSettings, match="no such hosts in this partition"):
        settings(AWS_USE_DUALSTACK_ENDPOINT="true", SFMINT_URL_SUFFIX="amazonaws.example")


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("", set()),
        ("localhost:8443", {"localhost:8443"}),
        (" Localhost:8443 , proxy.example,, ", {"localhost:8443", "proxy.example"}),
        ("proxy.example:443", {"proxy.example"}),
    ],
)
def test_token_hosts_are_a_list_written_as_origins_are_compared(value: str, hosts: set[str]) -> None:
    assert settings(SFMINT_TOKEN_HOSTS=value).token_hosts == hosts


@pytest.mark.parametrize(
    "name",
    [
        "SFMINT_STACK",
        "SFMINT_TABLE",
        "SFMINT_KEY_ARN",
        "SFMINT_MEMORY_TRUST_SECONDS",
        "SFMINT_LOGIN_BUDGET_PER_HOUR",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ],
)
def test_a_missing_or_empty_variable_is_named(name: str) -> None:
    for environment in (
        ENVIRONMENT | {name: ""},
        {other: ENVIRONMENT[other] for other in ENVIRONMENT if other != name},
    ):
        with pytest.raises(InvalidSettings, match=f"{name} is not set. Deploy"):
            Settings.from_environment(environment)


@pytest.mark.parametrize("name", ["SFMINT_MEMORY_TRUST_SECONDS", "SFMINT_LOGIN_BUDGET_PER_HOUR"])
@pytest.mark.parametrize("value", ["-1", "1.5", "ten", " 1", "٣", "²", "0x10"])
def test_what_is_no_whole_number_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is no whole number"):
        settings(**{name: value})


@pytest.mark.parametrize(("value", "trust_s"), [("0", 0), ("60", 60), ("61", 60), ("9999", 60)])
def test_memory_is_trusted_for_a_minute_at_most(value: str, trust_s: float) -> None:
    assert settings(SFMINT_MEMORY_TRUST_SECONDS=value).memory_trust_s == trust_s


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        ("off", 0),
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(2 hours)", 7200),
        ("rate(1 day)", 86_400),
    ],
)
def test_a_refresh_rate_is_so_many_seconds(rate: str, seconds: float) -> None:
    assert settings(SFMINT_REFRESH_RATE=rate).refresh_interval_s == seconds


@pytest.mark.parametrize("rate", ["", "5 minutes", "rate(0 minutes)", "rate(5 seconds)", "cron(* * * * ? *)", "OFF"])
def test_what_is_no_rate_is_refused_with_an_example(rate: str) -> None:
    with pytest.raises(InvalidSettings, match=r"rate\(5 minutes\)"):
        settings(SFMINT_REFRESH_RATE=rate)


SDKS_OWN = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_USE_FIPS_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


@given(changes=st.dictionaries(st.sampled_from([*ENVIRONMENT, *SDKS_OWN, "SFMINT_REFRESH_RATE"]), st.text()))
def test_any_environment_is_settings_or_refused(changes: dict[str, str]) -> None:
    try:
        made = settings(**changes)
    except InvalidSettings:
        return
    assert 0 <= made.memory_trust_s <= 60
