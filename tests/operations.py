"""The steps of docs/operations.md, to be taken by a test as an operator takes them."""

import re

from tests.site import ROOT


def steps(after: str) -> str:
    """Return the first block of commands that follows the words `after`."""
    _before, found, rest = (ROOT / "docs/operations.md").read_text().partition(after)
    assert found, after
    return re.search(r"```sh\n(.*?)```", rest, re.DOTALL)[1]
