"""A stateful stand-in for Stripe's and Stigg's services on loopback: `python -m sandbox`.

It knows nothing of the application it serves and imports none of it.
"""
