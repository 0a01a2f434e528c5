import json

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from contacts.management.address import read_address
from contacts.models import AccessEntry
from contacts.privacy import access_log, subject_access


class Command(BaseCommand):
    help = "Print everything that is stored about one person as JSON; the address is read from standard input."

    def add_arguments(self, parser):
        parser.add_argument("--with-variants", action="store_true", help="also addresses with another +tag")

    def handle(self, *, with_variants, **options):
        now = timezone.now()
        exact, variants = subject_access.leads_of(read_address())
        leads = [*exact, *variants] if with_variants else exact
        copy = subject_access.copy_of_person(leads, now=now)
        access_log.record(AccessEntry.Action.EXPORTED, [lead.reference for lead in leads], now=now)
        self.stdout.write(json.dumps(copy, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder))
