"""The clinic's facts as pages show them, with `hours` and `closed_days` beside the profile's own fields."""

from clinic.caching.values import CachedValue
from clinic.models import ClinicProfile


def blank() -> ClinicProfile:
    profile = ClinicProfile(pk=1)
    profile.hours, profile.closed_days = [], []
    return profile


def read() -> ClinicProfile:
    profile = ClinicProfile.objects.filter(pk=1).first()
    if profile is None:
        return blank()
    profile.hours, profile.closed_days = list(profile.opening_hours.all()), list(profile.closures.all())
    return profile


facts: CachedValue[ClinicProfile] = CachedValue(read, blank=blank)
