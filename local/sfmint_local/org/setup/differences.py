"""Where orgs differ: what was seen in one org and not in another. A client has to live with each.

Source: docs/not-proven-here.md lists what no document decides.
"""

from dataclasses import dataclass
from typing import Literal

from sfmint_local.org.choices import one_of

type SessionEnding = Literal["none", "unapproved", "deployer_too"]
type Propagation = Literal["at_once", "late", "by_turns", "neither"]
type UnknownApp = Literal["invalid_client_id", "app_not_found"]
type WrongKey = Literal["invalid_assertion", "invalid_client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """The switches of administration, and how long its changes take.

    Attributes:
        deploy_s: how long a deployment takes, once its turn has come.
        retrieve_s: how long a retrieval takes.
        propagation_s: how long a change of an app takes until all logins see it.
        propagation: what a login sees meanwhile: the new state, the old one, either by turns, or the old one without the
            certificate that is being replaced, so that no key fits.
        unknown_app: how a login with a new app is refused while the app is not known everywhere.
        wrong_key: how a login is refused whose signature the certificate does not fit.
        makes_default_policies: policies are made for OAuth settings that are deployed without any.
        ends_sessions: whose sessions with an app end when it is switched to admin-approved users.
        takes_consumer_key: a consumer key in the file of a new app is taken, not refused.
        takes_session_timeout: policies may set the session's timeout.
        wants_org_scope: an app that is deployed again must say which org it belongs to.
        creates_connected_apps: Salesforce Support has allowed new connected apps.
        shows_consumer_key: metadata shows the consumer key to those who may see it.
        masks_consumer_secret: metadata shows the consumer secret to nobody.
        serves_credentials: the REST API tells consumer keys where its switch is on.
        lists_unused_apps: ``apps/oauth/usage`` lists an app before its first login.
    """

    deploy_s: float = 0.0
    retrieve_s: float = 0.0
    propagation_s: float = 0.0
    propagation: Propagation = "late"
    unknown_app: UnknownApp = "invalid_client_id"
    wrong_key: WrongKey = "invalid_assertion"
    makes_default_policies: bool = True
    ends_sessions: SessionEnding = "none"
    takes_consumer_key: bool = True
    takes_session_timeout: bool = True
    wants_org_scope: bool = False
    creates_connected_apps: bool = False
    shows_consumer_key: bool = True
    masks_consumer_secret: bool = False
    serves_credentials: bool = True
    lists_unused_apps: bool = True

    def check_choices(self) -> None:
        """Check the texts.

        Raises:
            ValueError: one of them is none of its choices.
        """
        one_of("propagation", self.propagation, Propagation)
        one_of("unknown_app", self.unknown_app, UnknownApp)
        one_of("wrong_key", self.wrong_key, WrongKey)
        one_of("ends_sessions", self.ends_sessions, SessionEnding)
