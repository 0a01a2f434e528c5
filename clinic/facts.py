"""The clinic's facts for the pages: the profile with `hours`, `closed_days`, `people` and `signed_off`, cached."""

from clinic.caching.values import CachedValue
from clinic.models import ClinicProfile, Professional, SignOff


def empty_profile() -> ClinicProfile:
    return ClinicProfile(pk=1)


def read() -> ClinicProfile:
    profile = ClinicProfile.objects.filter(pk=1).first()
    if profile is None:
        profile = empty_profile()
    else:
        profile.hours, profile.closed_days = list(profile.opening_hours.all()), list(profile.closures.all())
    profile.people = list(Professional.objects.select_related("portrait"))
    profile.signed_off = set(SignOff.objects.values_list("kind", flat=True))
    return profile


facts: CachedValue[ClinicProfile] = CachedValue(read, default=empty_profile)
