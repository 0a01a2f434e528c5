import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.database.errors import DATABASE_ERRORS
from clinic.operations import doctor, metrics


class Command(BaseCommand):
    help = "Check everything the site needs and say what helps; exit code 1 when something is wrong."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--quiet", action="store_true", help="print problems only (for cron)")
        parser.add_argument(
            "--json", action="store_true", help="print one line with problems and metrics (for a monitor)"
        )

    def handle(self, *, quiet, json, **options):
        findings = list(doctor.examine(now=timezone.now()))
        if json:
            self.stdout.write(line(findings))
        else:
            for finding in findings:
                if finding.hint:
                    self.stdout.write(f"TROUBLE  {finding.check}: {finding.message}\n         {finding.hint}")
                elif not quiet:
                    self.stdout.write(f"ok       {finding.check}: {finding.message}")
        if any(finding.hint for finding in findings):
            raise SystemExit(1)


def line(findings):
    """Return problems and metrics as one line of JSON; without a database there are no metrics."""
    try:
        read = metrics.read(now=timezone.now())
    except DATABASE_ERRORS:
        read = {}
    return json.dumps({"trouble": [finding.check for finding in findings if finding.hint], **read})
