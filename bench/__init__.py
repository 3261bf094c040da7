"""Side-by-side measurements: what a user would take instead, on the same machine in the same run. Ratios count."""
