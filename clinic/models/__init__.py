"""The clinic's facts and people, revisions of content, sign-ins, drills, and the site's internal tables."""

from django.db import models
from django.db.models import F, Q

from clinic.models.drills import Drill
from clinic.models.people import Professional
from clinic.models.profile import ClinicProfile, Closure, OpeningHours
from clinic.models.revisions import Revision
from clinic.models.sign_ins import SharedCache, SignInEntry
from clinic.models.sign_offs import SignOff

__all__ = [
    "ClinicProfile",
    "Closure",
    "ContentVersion",
    "Drill",
    "KeyInUse",
    "LoadedSeed",
    "OpeningHours",
    "Professional",
    "Revision",
    "SharedCache",
    "SignInEntry",
    "SignOff",
]


class ContentVersion(models.Model):
    """A number that grows with every change of public content and invalidates cached pages."""

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="contentversion_is_one_row")]

    def __str__(self):
        return str(self.number)

    @classmethod
    def bump(cls) -> None:
        """Invalidate cached pages; call it in the transaction that changes public content."""
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.get_or_create(pk=1, defaults={"number": 1})

    @classmethod
    def current(cls) -> int:
        return cls.objects.filter(pk=1).values_list("number", flat=True).first() or 0


class LoadedSeed(models.Model):
    """A piece of initial content that was loaded: it is never loaded again, even if staff delete it."""

    name = models.CharField(max_length=120, unique=True)
    loaded_at = models.DateTimeField(auto_now_add=True)
    # What it said: what changes in it is suggested to editors (clinic.seeds). NULL: loaded before this was kept.
    content = models.JSONField(null=True)

    def __str__(self):
        return self.name


class KeyInUse(models.Model):
    """The one-way fingerprint of a key that data in this database needs (clinic.encryption.fingerprints)."""

    name = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "fingerprint"], name="keyinuse_once")]

    def __str__(self):
        return f"{self.name} {self.fingerprint[:8]}"
