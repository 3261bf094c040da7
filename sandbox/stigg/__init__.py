"""A stateful stand-in for Stigg: GraphQL, edge, webhooks, joined to Stripe's side over HTTP."""
