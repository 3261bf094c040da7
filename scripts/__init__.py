"""Programs that set up, show and check the project. The product does not import them."""
