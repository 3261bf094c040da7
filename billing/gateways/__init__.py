"""The only doors to the network. They return typed snapshots, raise `billing.errors` and know no models."""
