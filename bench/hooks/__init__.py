"""The webhook path: taking events in, working them off, and which server to run it on. `make bench-hooks`."""
