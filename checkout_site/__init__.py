"""The composition root: wires the app to Django, the environment and the outside world; decides nothing."""
