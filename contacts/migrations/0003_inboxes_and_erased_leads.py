from django.db import migrations, models

from clinic.encryption.fields import WrongKey
from contacts import addresses

BATCH = 1000


def find_people_by_cleaned_addresses(apps, schema_editor):
    """Compute the digests of addresses that were stored before they were cleaned; a row that no key reads stays."""
    leads = apps.get_model("contacts", "Lead").objects.using(schema_editor.connection.alias)
    pks = list(leads.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        try:
            update(leads, batch)
        except WrongKey:
            for pk in batch:
                try:
                    update(leads, [pk])
                except WrongKey:
                    continue


def update(leads, pks):
    for pk, email, stored in list(leads.filter(pk__in=pks).values_list("pk", "email", "email_digest")):
        # An address of plain characters is what it was.
        if not email.isascii() and (digest := addresses.digest(email)) != stored:
            leads.filter(pk=pk).update(email_digest=digest)


class Migration(migrations.Migration):
    """One email for each address of the centre, digests of cleaned addresses, links to erased leads explained."""

    dependencies = [("contacts", "0002_literal_names_and_date_held")]

    operations = [
        migrations.RemoveConstraint("outboxemail", "outboxemail_one_of_a_kind_a_lead"),
        migrations.AddField("outboxemail", "inbox", models.PositiveSmallIntegerField(default=0)),
        migrations.AddConstraint(
            "outboxemail",
            models.UniqueConstraint(fields=("lead", "kind", "inbox"), name="outboxemail_one_of_a_kind_an_inbox"),
        ),
        migrations.AddField("accessentry", "erased_lead", models.UUIDField(editable=False, null=True)),
        migrations.AddIndex(
            "accessentry",
            models.Index(
                fields=["erased_lead"],
                condition=models.Q(("erased_lead__isnull", False)),
                name="accessentry_erased_lead",
            ),
        ),
        migrations.AddIndex("lead", models.Index(fields=["owner", "waiting_since", "id"], name="lead_mine")),
        migrations.RunPython(find_people_by_cleaned_addresses, migrations.RunPython.noop, elidable=True),
    ]
