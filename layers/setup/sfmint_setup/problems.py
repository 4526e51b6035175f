"""Why a deployment fails, in words; what is not known is quoted, for many texts are known from one org only.

Source: Metadata API Developer Guide v67, "DeployMessage"; answers of orgs that people have written down.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sfmint_setup.component import PLACES
from sfmint_setup.records import Problem
from sfmint_setup.rights import DEPLOY, MAKE_APPS, SEE_APPS
from sfmint_values.foreign import Foreign
from sfmint_values.redaction import redacted
from sfmint_values.vocabulary import REST

MOST = 20  # problems that are told
TIMEOUT_REFUSED = "SessionTimeoutRefused"
_LONGEST_WORDS = 4096  # characters that are understood


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A problem, by what the org says of it.

    Attributes:
        code: what a program may tell it by.
        said: words in lower case, all of which are said.
        cause: one sentence.
        remedy: one sentence.
    """

    code: str
    said: tuple[str, ...]
    cause: str
    remedy: str


_GIVE = "Give it in Setup, in a permission set or the profile of the administrator, then run this again."
KNOWN = (
    Known(
        code="RightMissing",
        said=("modifymetadata",),
        cause=f'The administrator lacks the right "{DEPLOY}".',
        remedy=_GIVE,
    ),
    Known(
        code="RightMissing",
        said=("not available for deploy",),
        cause=f'The org does not take components of this type from this administrator, who lacks the right "{SEE_APPS}"'
        f' or "{MAKE_APPS}", or External Client Apps are off.',
        remedy=f"{_GIVE} External Client Apps are turned on in Setup, External Client App Settings.",
    ),
    Known(
        code="RightMissing",
        said=("insufficient access",),
        cause=f'The administrator may not change this component: the right "{MAKE_APPS}" or "{SEE_APPS}" is missing.',
        remedy=_GIVE,
    ),
    Known(
        code=TIMEOUT_REFUSED,
        said=("invalid plugin settings",),
        cause="This org does not take a session time-out, or settings of JWT-based tokens, from a file.",
        remedy="Set the session time-out in Setup, in the policies of the app, to the token_lifetime.",
    ),
    Known(
        code="DuplicateComponent",
        said=("duplicate value found", "externalclientapplicationid"),
        cause="The app has a component of this kind already, under another name.",
        remedy="Run this again: what is there is then changed in place.",
    ),
    Known(
        code="NameTaken",
        said=("duplicate",),
        cause="The org has an app of that name already, or a Connected App that stands in its way.",
        remedy="Look at it with `sfmint app show NAME`, and give the connection another NAME.",
    ),
    Known(
        code="ScopesRefused",
        said=("problem with your scope",),
        cause="The org does not know one of the scopes: metadata has names of its own for them, such as Api.",
        remedy="Run this again with the scopes as they are; report it if it lasts.",
    ),
    Known(
        code="AppMissing",
        said=("no externalclientapplication named",),
        cause="The settings name an app that the org does not have.",
        remedy="Deploy all files together, the app's own among them.",
    ),
    Known(
        code="OauthSettingsMissing",
        said=("valid oauth settings configuration",),
        cause="The app has no OAuth settings that its global settings could belong to.",
        remedy="Deploy all files together, the OAuth settings among them.",
    ),
    Known(
        code="CertificateRefused",
        said=("certificate",),
        cause="The org does not take the certificate.",
        remedy="Give one certificate as PEM: RSA of 2048 bits or more, under 4 KB, without a chain; `sfmint keys check KEY"
        " CERT` tells.",
    ),
    Known(
        code="ConsumerKeyRefused",
        said=("consumer key",),
        cause="The org does not take a consumer key from a file: it makes its own.",
        remedy="Leave the consumer key out; it is read once the app is there.",
    ),
    Known(
        code="ElementUnknown",
        said=("invalid at this location in type",),
        cause="The org's version of the Metadata API does not know an element of the files.",
        remedy="Compare the org's release with the version in package.xml; deploy without the element that it names.",
    ),
    Known(
        code="SessionExpired",
        said=("invalid_session_id",),
        cause="The administrator's session has ended.",
        remedy="Log in again, then run this again: it goes on where it was.",
    ),
)
_UNKNOWN = Known(
    code="DeployFailed",
    said=(),
    cause="The org does not take a component.",
    remedy="See what it says; Setup, Deployment Status has the whole of it.",
)


def problem_of(component: Foreign, said: Foreign, sent: Collection[str] = ()) -> Problem:
    """Return a problem in words.

    Args:
        component: type and full name, or empty.
        said: the org's words.
        sent: types and full names of the deployment's own components: they are known here, so they are no secrets.
    """
    words = said[:_LONGEST_WORDS].lower()
    known = next((each for each in KNOWN if all(part in words for part in each.said)), _UNKNOWN)
    shown = redacted(said, vocabulary=REST)
    place = component if component in sent or component in PLACES else redacted(component, vocabulary=REST)
    of_what = f" of {place}" if place else ""
    return Problem(
        code=known.code,
        component=place,
        said=shown,
        cause=f'{known.cause.removesuffix(".")}: the deployment{of_what} was refused with "{shown}".',
        remedy=known.remedy,
    )


def problems_of(result: Mapping[str, Any], sent: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return the problems of a `deployResult`: of components, or else of the deployment as a whole; see `problem_of`."""
    details = result.get("details")
    failures = details.get("componentFailures") if isinstance(details, Mapping) else None
    listed = failures if isinstance(failures, list) else [failures]
    of_components = tuple(
        problem_of(f"{_text(each, 'componentType')} {_text(each, 'fullName')}".strip(), _text(each, "problem"), sent)
        for each in listed[:MOST]
        if isinstance(each, Mapping)
    )
    if of_components:
        return of_components
    code, message = _text(result, "errorStatusCode"), _text(result, "errorMessage")
    return (problem_of("", f"{code} {message}".strip()),) if code or message else ()


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
