"""The topics of SNS that a stack tells: whether they are there, before anything is built."""

from botocore.exceptions import ClientError

from deploying.aws import DENIED, Account, told
from deploying.errors import Refused
from deploying.parameters import Values
from sfmint_values.aws_codes import code_of

ALARMS = "AlarmTopicArn"
TOPICS = (ALARMS, "RotationTopicArn")
_ABSENT = {"NotFound", "NotFoundException"}
_AWS_KEY = "alias/aws/sns"


def check_topics(account: Account, values: Values) -> None:
    """Check that the topics that parameters name can be told.

    A topic of another account may hide from us, so what it does not answer is left to the deploy.

    Args:
        account: where the stack is.
        values: of the parameters.

    Raises:
        Refused: a topic does not exist, is in another region, or is encrypted so that alarms cannot reach it.
    """
    for parameter in TOPICS:
        if arn := values.get(parameter, ""):
            _check(account, parameter, arn)


def _check(account: Account, parameter: str, arn: str) -> None:
    region, owner = arn.split(":")[3:5]
    if region != account.region:
        raise Refused(
            f"{parameter} names a topic in {region}, and the stack is in {account.region}. Name one of there."
        )
    try:
        found = account.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    except ClientError as error:
        code = code_of(error)
        if code in _ABSENT:
            make = account.command(f"sns create-topic --name {arn.rpartition(':')[2]}")
            raise Refused(f"{parameter} names {arn}, which does not exist. Correct it, or make it: {make}") from None
        if code in DENIED and owner != account.number():
            return
        with told(Refused):
            raise
    if parameter == ALARMS and found.get("KmsMasterKeyId") == _AWS_KEY:
        raise Refused(
            f"{parameter} names a topic under the key {_AWS_KEY}, which CloudWatch may not use. "
            "Encrypt it under a key of yours whose policy lets cloudwatch.amazonaws.com use it."
        )
