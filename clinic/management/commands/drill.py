from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.models import Drill
from clinic.operations import drills


class Command(BaseCommand):
    help = (
        "Restore the newest backup into a throw-away place as a test, compare its leads with those here, and delete "
        "everything again. The worker does this once a month; clinic doctor and the desk show the result."
    )
    requires_system_checks = []

    def handle(self, **options):
        try:
            drill = drills.run(now=timezone.now())
        except DATABASE_ERRORS as error:
            raise CommandError(errors.message(error)) from error
        if drill.outcome == Drill.Outcome.FAILED:
            raise CommandError(f"The drill failed. {drill.reason}")
        self.stdout.write(f"{drill}.")
