"""What stands behind the ports: Secrets Manager, Parameter Store, the keeper, the org's Setup, KMS, SNS."""
