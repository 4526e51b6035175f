"""What checkov finds in the template and we leave as it is, each with its reason."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One finding.

    Attributes:
        check: its id in checkov.
        wanted: what checkov asks for, in a few words.
        resources: a regular expression that matches ``TYPE.LOGICAL_ID`` of each resource that is meant.
        because: why it stays.
        unless: the parameter that ends it; where that is set, checkov must find nothing.
    """

    check: str
    wanted: str
    resources: str
    because: str
    unless: str = ""

    def covers(self, check: str, resource: str) -> bool:
        """Tell whether a finding is this one, whatever is set."""
        return check == self.check and re.fullmatch(self.resources, resource) is not None


_FUNCTION = r"AWS::Lambda::Function\.\w+"

ACCEPTED = (
    Accepted(
        check="CKV_AWS_111",
        wanted="no write in IAM without a condition on the resource",
        resources=r"AWS::IAM::ManagedPolicy\.NetworkPolicy",
        because="Lambda makes and deletes the network interfaces of a function in a VPC with its role, and AWS knows no resource "
        "for them before they are made. A second statement denies the functions' own code these calls.",
    ),
    Accepted(
        check="CKV_AWS_115",
        wanted="reserved concurrency",
        resources=r"AWS::Lambda::Function\.Token(Broker|Keeper)",
        because="A reservation takes from the account's pool, so only the account's owner can tell how much.",
        unless="ReservedConcurrency",
    ),
    Accepted(
        check="CKV_AWS_115",
        wanted="reserved concurrency",
        resources=r"AWS::Lambda::Function\.(?!Token)\w+",
        because="These run as often as their callers and schedules start them. Nobody waits for a share of theirs.",
    ),
    Accepted(
        check="CKV_AWS_116",
        wanted="a dead letter queue",
        resources=_FUNCTION,
        because="Callers wait for the answer and get the error. What a schedule starts is started anew by its next tick, and an "
        "event kept for later would act on a state that has passed.",
    ),
    Accepted(
        check="CKV_AWS_117",
        wanted="a VPC",
        resources=_FUNCTION,
        because="A VPC protects what is inside it, and the functions reach only AWS and Salesforce.",
        unless="SubnetIds",
    ),
    Accepted(
        check="CKV_AWS_119",
        wanted="a customer managed key for the table",
        resources=r"AWS::DynamoDB::Table\.Table",
        because="Each token in it is sealed under the stack's own key before it is written.",
        unless="TableKeyArn",
    ),
    Accepted(
        check="CKV_AWS_158",
        wanted="a customer managed key for logs",
        resources=r"AWS::Logs::LogGroup\.\w+",
        because="The lines hold no secret, and CloudWatch encrypts them under a key of its own.",
        unless="LogsKeyArn",
    ),
    Accepted(
        check="CKV_AWS_173",
        wanted="a customer managed key for environment variables",
        resources=_FUNCTION,
        because="The variables hold names and limits and no secret. Lambda encrypts them under a key of its own, and one of ours "
        "would be one more call of KMS in each cold start.",
    ),
)
