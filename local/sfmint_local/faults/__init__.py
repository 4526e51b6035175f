"""Every fault of what stands behind a token, in every state of the token, brought about and measured."""
