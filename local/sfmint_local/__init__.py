"""The local stack: the embedded AWS, the embedded Salesforce org, and the demo that drives both."""
