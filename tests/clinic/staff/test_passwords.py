import pytest
from django.core.exceptions import ValidationError

from clinic.staff.passwords import CommonWordPasswordValidator
from tests.staff import PASSWORD


@pytest.mark.parametrize(
    "password", ["Password2026!", "P4ssw0rd!2026", "MilanoMilano1", "!!!Vitiligine!!!", "q1w2e3r4t5y6"]
)
def test_a_common_word_with_decoration_is_refused(password):
    with pytest.raises(ValidationError):
        CommonWordPasswordValidator().validate(password)


@pytest.mark.parametrize("password", [PASSWORD, "x7#Lwe$92kdTq", "correct horse battery staple"])
def test_an_uncommon_password_is_taken(password):
    CommonWordPasswordValidator().validate(password)
