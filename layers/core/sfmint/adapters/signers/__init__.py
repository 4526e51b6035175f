"""What signs assertions."""
