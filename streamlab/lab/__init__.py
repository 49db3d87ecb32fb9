"""The lab: pictures of what happened to frames, and in time everything to learn from them."""
