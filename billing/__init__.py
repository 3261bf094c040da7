"""Tollgate's one app: everything between a Stigg price list and a Stripe card field."""
