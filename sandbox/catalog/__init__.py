"""The catalogues that the sandbox's Stigg can sell, as YAML anyone can edit, and their reader."""
