from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts.management.address import read_address
from contacts.models import AccessEntry, Lead
from contacts.privacy import erasure, retention, subject_access


class Command(BaseCommand):
    help = (
        "Erase all leads of one person. The address is read from standard input, because the command line stays in "
        "histories and process lists. Without --yes it only prints what would be erased."
    )

    def add_arguments(self, parser):
        parser.add_argument("--with-variants", action="store_true", help="also addresses with another +tag")
        parser.add_argument("--yes", action="store_true", help="erase; without it only print what would be erased")

    def handle(self, *, with_variants, yes, **options):
        now = timezone.now()
        exact, variants = subject_access.leads_of(read_address())
        leads = [*exact, *variants] if with_variants else exact
        for lead in leads:
            self.stdout.write(f"{lead.reference} {lead.notes.count()} notes, {lead.emails.count()} emails")
        if variants and not with_variants:
            self.stdout.write(f"Not included: {len(variants)} leads of variants with another +tag (--with-variants).")
        if yes:
            chosen = Lead.objects.filter(pk__in=[lead.pk for lead in leads])
            erasure.erase(chosen, action=AccessEntry.Action.ERASED, now=now)
        self.stdout.write(
            f"{'Erased' if yes else 'Would erase'}: {len(leads)} leads. "
            f"Encrypted backups made until today contain them until {retention.backups_until(now=now)}; "
            "a restore erases them again. Also delete the emails you exchanged from the centre's mailbox."
        )
