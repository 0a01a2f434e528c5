"""What a check raises."""


class Problem(Exception):
    """Raised by a check with two arguments: what is wrong, and what helps."""
