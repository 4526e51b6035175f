"""`sfmint`: keys, connections and tokens from a person's terminal."""
