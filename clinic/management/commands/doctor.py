import json

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone

from clinic.operations import doctor, metrics


class Command(BaseCommand):
    help = "Look at everything the site needs and say what helps; exit code 1 when something is wrong."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--quiet", action="store_true", help="say nothing about what is well (for cron)")
        parser.add_argument("--json", action="store_true", help="one line with troubles and figures (for a monitor)")

    def handle(self, *, quiet, json, **options):
        findings = list(doctor.examine(now=timezone.now()))
        if json:
            self.stdout.write(line(findings))
        else:
            for finding in findings:
                if finding.cure:
                    self.stdout.write(f"TROUBLE  {finding.check}: {finding.words}\n         {finding.cure}")
                elif not quiet:
                    self.stdout.write(f"well     {finding.check}: {finding.words}")
        if any(finding.cure for finding in findings):
            raise SystemExit(1)


def line(findings):
    """Return all of it as one line of JSON; without a database there are troubles but no figures."""
    try:
        read = metrics.read(now=timezone.now())
    except DatabaseError:
        read = {}
    return json.dumps({"trouble": [finding.check for finding in findings if finding.cure], **read})
