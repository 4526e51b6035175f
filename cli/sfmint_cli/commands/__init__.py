"""One module for each command, named as it is, with the command as `command`; each is imported when it is called."""
