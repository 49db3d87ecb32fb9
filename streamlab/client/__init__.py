"""The streaming client: paces frames against a schedule and accounts for every one of them."""
