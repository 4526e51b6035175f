"""Makes the pages of the site out of those of the repository, which are written for GitHub."""
