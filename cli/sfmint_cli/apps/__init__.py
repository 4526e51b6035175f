"""The app of a connection in an org: made, written as files, looked at."""
