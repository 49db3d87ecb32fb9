"""The server: what both hosts share, and the standalone one."""
