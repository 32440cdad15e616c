"""One kind of error for what a person can put right."""


class BadInput(ValueError):
    """Its text is one sentence or two for the user: what was given, and what would have been right.

    instead: {setting: value} of what can be had in its place, for a page to go back to.
    """

    def __init__(self, sentence: str, instead: dict | None = None):
        super().__init__(sentence)
        self.instead = instead or {}
