"""sfmint: Salesforce access tokens for AWS, minted once and shared.

The way of a request: `request` checks the event, `use_cases` answer it by the shared `row`, and where a login is due
they ask `salesforce`. All I/O is done by `adapters`, behind the `ports`, within the times of `aws_access.budget`;
`bootstrap` puts the two together.
"""
