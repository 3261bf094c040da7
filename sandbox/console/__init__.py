"""The control panel of the sandbox: a JSON API for tests and pages for people."""
