"""Pages: how fast the server makes them, how soon a slow browser shows them, and what they ask of Stripe and Stigg."""
