"""Every fault in every state: brought about, measured, and told as a page."""
