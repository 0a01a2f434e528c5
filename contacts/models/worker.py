"""What the worker records about itself and its jobs."""

from datetime import timedelta

from django.db import models


class WorkerHeartbeat(models.Model):
    """When a worker last ran (the row "worker"), and when each job was last done (contacts.jobs)."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    # A worker runs the job, or waits after a failure, until then.
    locked_until = models.DateTimeField(null=True)
    # Of the row "worker": for how long the date has agreed with the monotonic clock (contacts.clocks).
    date_held = models.DurationField(default=timedelta)

    def __str__(self):
        return self.name
