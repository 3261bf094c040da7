"""Snapshots from a gateway become rows here: idempotent, and the newer read of the truth wins."""
