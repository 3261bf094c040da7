"""The pages of the console, one module each; every one is a function from the world to markup."""
