"""Which of the environment's settings a client in somebody's own function obeys: those of the AWS SDK, and no others."""

from pathlib import Path

import pytest
from botocore import loaders
from botocore.session import Session

from adapters.peers import authority, listening, tls_in_front_of
from client.answers import an_answer
from lambda_service import LambdaService, alias_arn
from sfmint_client import SfmintError, TokenClient


def token_by(aws_models: loaders.Loader) -> str:
    session = Session()
    session.register_component("data_loader", aws_models)
    return TokenClient("my-org", alias_arn=alias_arn(), session=session).get_token().access_token


@pytest.mark.parametrize(("variable", "trusted"), [("AWS_CA_BUNDLE", True), ("SSL_CERT_FILE", False)])
def test_the_sdk_s_variable_names_the_authorities(
    variable: str,
    aws_models: loaders.Loader,
    lambda_service: LambdaService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    trusted: bool,
) -> None:
    context, ca = authority(tmp_path)
    lambda_service.answer_with(an_answer(), an_answer())
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, ca)
    with listening(tls_in_front_of(context, lambda_service.url)) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"https://localhost:{port}")
        if trusted:
            assert token_by(aws_models)
        else:
            with pytest.raises(SfmintError, match="AWS_CA_BUNDLE"):
                token_by(aws_models)
