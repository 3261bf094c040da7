"""One user flow per module: a step across two systems is a function here. Views call exactly one of them."""
