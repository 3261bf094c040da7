"""What the demo is put together from: ports, an environment, processes, and what they start with."""
