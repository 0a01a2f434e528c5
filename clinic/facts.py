"""The clinic's facts for the pages: the profile with its `hours` and `closed_days`, cached in each process."""

from clinic.caching.values import CachedValue
from clinic.models import ClinicProfile


def empty_profile() -> ClinicProfile:
    profile = ClinicProfile(pk=1)
    profile.hours, profile.closed_days = [], []
    return profile


def read() -> ClinicProfile:
    profile = ClinicProfile.objects.filter(pk=1).first()
    if profile is None:
        return empty_profile()
    profile.hours, profile.closed_days = list(profile.opening_hours.all()), list(profile.closures.all())
    return profile


facts: CachedValue[ClinicProfile] = CachedValue(read, default=empty_profile)
