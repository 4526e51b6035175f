"""Rights of an administrator, each by its label in Setup: that is where a person looks for it.

Source: Salesforce Help, "User Permissions and Access"; Metadata API Developer Guide v67, "Special Access Rules" of each type;
Salesforce Help 005197683 (consumer key and secret of an external client app).
"""

from dataclasses import dataclass

DEPLOY = "Modify Metadata Through Metadata API Functions"
MAKE_APPS = "Create, edit, and delete External Client Apps"
SEE_APPS = "View all External Client Apps, view their settings, and edit their policies"
SEE_KEYS = "View External Client App Consumer Secrets in Metadata"
ASSIGN = "Assign Permission Sets"
SEE_SETUP = "View Setup and Configuration"
USE_API = "API Enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked of the org, and the right that it takes.

    Attributes:
        words: to follow "to".
        right: its label.
    """

    words: str
    right: str


TO_DEPLOY = Task(words="deploy the app", right=DEPLOY)
TO_SEE_APPS = Task(words="see the org's apps", right=SEE_APPS)
TO_SEE_KEYS = Task(words="read the app's settings", right=SEE_KEYS)
TO_SEE_SETUP = Task(words="read the org's users and permission sets", right=SEE_SETUP)
TO_ASSIGN = Task(words="assign the permission set", right=ASSIGN)
TO_TIE = Task(words="let the permission set's holders use the app", right=SEE_APPS)
