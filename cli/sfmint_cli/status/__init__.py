"""What the rows of a stack say, in words."""
