"""What an operator sees of connections, and how one is retired."""
