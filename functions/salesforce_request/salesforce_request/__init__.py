"""What salesforce_request consists of beside its handler."""
