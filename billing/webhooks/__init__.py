"""Messages from Stigg and Stripe: stored once, acknowledged fast, worked later, never lost."""
