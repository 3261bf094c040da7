"""What the webhook path promises, under fire. `make chaos`; nothing here is needed by `make test`."""
