"""The Stripe.js stand-in: the script for the page and the frames that hold its fields."""
