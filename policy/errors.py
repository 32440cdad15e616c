"""One kind of error for what a person can put right."""


class BadInput(ValueError):
    """Its text is one sentence or two for the user: what was given, and what would have been right."""
