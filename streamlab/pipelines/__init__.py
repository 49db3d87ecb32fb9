"""Pipelines: graphs of tools, and the services that run frames and files through them."""
