"""Sessions: one connection's frames, what becomes of each of them, and who is live."""
