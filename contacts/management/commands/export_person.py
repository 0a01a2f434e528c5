import json

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from contacts import access, people
from contacts.management.address import read_address
from contacts.models import AccessEntry


class Command(BaseCommand):
    help = "Print all that is kept about one person as JSON; the address is read from standard input."

    def add_arguments(self, parser):
        parser.add_argument("--with-variants", action="store_true", help="also addresses with another +tag")

    def handle(self, *, with_variants, **options):
        now = timezone.now()
        exact, variants = people.leads_of(read_address())
        leads = [*exact, *variants] if with_variants else exact
        copy = people.copy_of_person(leads, now=now)
        access.record(AccessEntry.Action.EXPORTED, [lead.reference for lead in leads], now=now)
        self.stdout.write(json.dumps(copy, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder))
