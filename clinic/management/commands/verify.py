from django.core.management.base import BaseCommand

from clinic.verify.__main__ import add_arguments, verify
from clinic.verify.site import Site


class Command(BaseCommand):
    help = "Check a running site from outside, as any visitor could; exit code 1 when something is wrong."
    requires_system_checks = []

    def add_arguments(self, parser):
        add_arguments(parser)

    def handle(self, *, url, connect, connect_plain, ca, **options):
        if not verify(Site(url, connect, connect_plain, ca)):
            raise SystemExit(1)
