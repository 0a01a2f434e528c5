"""The clinic's facts as pages show them, with `hours`, `closed_days` and `signed_off` beside the profile's own fields."""

from clinic.caching.values import CachedValue
from clinic.models import ClinicProfile, SignOff


def blank() -> ClinicProfile:
    profile = ClinicProfile(pk=1)
    profile.hours, profile.closed_days, profile.signed_off = [], [], set()
    return profile


def read() -> ClinicProfile:
    profile = ClinicProfile.objects.filter(pk=1).first() or blank()
    profile.signed_off = set(SignOff.objects.values_list("kind", flat=True))
    if profile._state.adding:
        return profile
    profile.hours, profile.closed_days = list(profile.opening_hours.all()), list(profile.closures.all())
    return profile


facts: CachedValue[ClinicProfile] = CachedValue(read, blank=blank)
