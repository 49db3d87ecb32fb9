"""Models: networks, their files and what they say about themselves."""
