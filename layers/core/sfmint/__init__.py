"""sfmint: Salesforce access tokens for AWS, minted once and shared.

The package is flat, and dependencies point one way: `bootstrap` puts the adapters behind the `ports` that `broker`,
`keeper` and `mint` speak to; `protocol` and `writes` decide without I/O; the values below know nothing of where they
come from.
"""
