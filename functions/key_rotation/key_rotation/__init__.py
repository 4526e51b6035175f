"""What key_rotation consists of beside its handler."""
