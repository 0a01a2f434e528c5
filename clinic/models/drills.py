"""The last drill: whether the newest backup, restored as a test, would bring the site back."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q


class Drill(models.Model):
    """What the last drill found (clinic.operations.drills): one row, nothing personal."""

    class Outcome(models.TextChoices):
        """How far the drill went; the labels are for the operator."""

        RESTORED = "restored", "restored, compared and deleted again"
        DECRYPTED = "decrypted", "decrypted to its end, not restored: the database's role lacks CREATEDB"
        READ = "read", "read to its end, not opened: BACKUP_KEY is not on this server"
        FAILED = "failed", "failed"

    LATE_AFTER = timedelta(days=40)

    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome)
    backup = models.CharField(max_length=40, blank=True)
    leads = models.PositiveIntegerField(default=0)
    seconds = models.FloatField()
    # Of one that failed.
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="drill_is_one_row")]

    def __str__(self):
        leads = f" (leads: {self.leads})" if self.outcome == self.Outcome.RESTORED else ""
        return f"{self.backup} {self.get_outcome_display()}{leads}, in {self.seconds} seconds"

    def is_late(self, *, now: datetime) -> bool:
        return now - self.at > self.LATE_AFTER
