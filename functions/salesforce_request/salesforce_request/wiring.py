"""What an execution environment keeps between requests, put together in one place."""

from functools import cache
from typing import Any

from botocore.config import Config

from salesforce_request.allow_lists import AllowLists
from salesforce_request.log import RequestLog
from salesforce_request.noted_tokens import NotedTokens
from salesforce_request.settings import RequestSettings
from sfmint_client.function_proxy import open_proxy_login
from sfmint_client.function_session import function_session
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.session import session_maker
from sfmint_client.token_client import TokenClient
from sfmint_values import core_dumps
from sfmint_values.secret import Secret
from sfmint_values.system import SystemClock

READ_TIMEOUT_S = 2.0  # to connect, and to read, of what is read from AWS


class SalesforceRequest:
    """The function's settings, its log, its allow-lists, and a client for each connection."""

    def __init__(self) -> None:
        core_dumps.leave_none()
        clock = SystemClock()
        self.settings = RequestSettings.from_environment()
        self.log = RequestLog(
            clock, self._handed_out, namespace=self.settings.metrics_namespace, stack=self.settings.stack
        )
        self.log.asked_elsewhere(self.settings.own_endpoints)
        self.allow_lists = AllowLists(cache(lambda: self._reader("ssm")), self.settings.stack, clock)
        self._aws = function_session(self.settings.ca_bundle)
        self._proxy_login = open_proxy_login(self.settings, cache(lambda: self._reader("secretsmanager")), clock)
        self._new_session = session_maker(
            ca_bundle=self.settings.ca_bundle, proxy=self.settings.https_proxy, proxy_login=self._proxy_login
        )
        self._clients: dict[str, RestClient] = {}
        self._tokens: dict[str, NotedTokens] = {}

    def client(self, connection: str) -> RestClient:
        """Return the client of a connection, which keeps the connection's token while it is good, and its HTTP connections.

        Raises:
            InvalidCredentials: the secret of the proxy on the way cannot be used or may not be read.
            CacheUnavailable: Secrets Manager does not answer.
        """
        if self._proxy_login is not None:
            self._proxy_login.current()  # before anything is asked for that needs the way out
        if connection not in self._clients:
            alias_arn = f"{self.settings.broker_arn}:{connection}"
            # A request has a deadline, which a wait would outlast: its caller is told, and can wait.
            client = TokenClient(connection, alias_arn=alias_arn, rejection_wait_s=0.0, session=self._aws)
            tokens = NotedTokens(client)
            self._tokens[connection] = tokens
            self._clients[connection] = RestClient(tokens, self._new_session(), listed=self.settings.token_hosts)
        return self._clients[connection]

    def _handed_out(self, connection: str) -> tuple[Secret, ...]:
        return self._tokens[connection].secrets() if connection in self._tokens else ()

    def _reader(self, service: str) -> Any:
        config = Config(connect_timeout=READ_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries={"total_max_attempts": 2})
        return self._aws.create_client(service, config=config)
