"""A colleague at reception, and the desk as she sees it signed in."""

import pytest

from tests.staff import make_staff, signed_in


@pytest.fixture
def anna():
    return make_staff("anna")


@pytest.fixture
def desk(anna):
    return signed_in(anna)
