"""What became of a token or a call: from the row and the logs of the functions."""
