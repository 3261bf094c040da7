"""State to GraphQL values: one module per kind of object, nothing decided here.

Each function answers with every field of its GraphQL type. What leads to another large object, or back to
one already open, is a callable, which the executor asks only when the field was selected.
"""
