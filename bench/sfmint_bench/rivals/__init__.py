"""What sfmint is measured against: each a function as somebody else would write it, and alone in its file."""
