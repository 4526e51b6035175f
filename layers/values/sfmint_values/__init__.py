"""What the core and the client of sfmint share. It imports neither, and needs the standard library only."""
