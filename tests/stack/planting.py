"""Puts a text into each kind of place that a search for leaks reads: silence would be worth nothing if it saw none of them."""

import gzip
import json
import time

from sfmint_local.embedded_stack import STACK, EmbeddedStack


def plant(stack: EmbeddedStack, text: str) -> None:
    """Put a text into every place."""
    aws = stack.aws
    [table] = aws.dynamodb.list_tables()["TableNames"]
    aws.dynamodb.put_item(TableName=table, Item={"pk": {"S": "planted"}, "sealed": {"B": text.encode()}})
    for said in (text, "something else"):  # what is written over is kept
        aws.parameters.put_parameter(Name="/planted", Value=json.dumps({"token": said}), Type="String", Overwrite=True)
    aws.topics.publish(TopicArn=stack.parameters["RotationTopicArn"], Message=text)
    aws.s3.put_object(
        Bucket=aws.s3.list_buckets()["Buckets"][0]["Name"], Key="planted", Body=gzip.compress(text.encode())
    )
    group, stream = f"/aws/lambda/{STACK}-token-broker", "planted"
    aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    at = int(time.time() * 1000)
    aws.logs.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": at, "message": f"Bearer {text}"}]
    )
    keeper = f"{STACK}-token-keeper"
    aws.functions.update_function_configuration(FunctionName=keeper, Description=text)
    aws.functions.publish_version(FunctionName=keeper)  # likewise
    aws.functions.update_function_configuration(FunctionName=keeper, Description="something else")
    stack.functions.said.append(text)
    (stack.folder / "planted.log").write_text(text)
