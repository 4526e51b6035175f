"""A release: a commit with its version, and what people install, rebuilt byte for byte from that commit."""
