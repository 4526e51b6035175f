"""What runs in MiniStack's process, under its interpreter: it imports nothing else of ours. `launcher` installs it."""
