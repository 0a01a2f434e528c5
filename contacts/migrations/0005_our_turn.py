from django.db import migrations, models
from django.db.models import Case, F, Index, When


def fill_our_turn_since(apps, schema_editor):
    """It has been our turn since the lead was received, as was counted until now."""
    leads = apps.get_model("contacts", "Lead").objects.using(schema_editor.connection.alias)
    leads.update(our_turn_since=F("created_at"))


class Migration(migrations.Migration):
    """Whose turn it is: leads wait from the moment it became ours, which may be a day to come."""

    dependencies = [("contacts", "0004_replies_phone_and_handover")]

    operations = [
        migrations.RemoveIndex("lead", "lead_waiting"),
        migrations.RemoveIndex("lead", "lead_mine"),
        migrations.RemoveField("lead", "waiting_since"),
        migrations.AddField(
            "lead",
            "our_turn_since",
            models.DateTimeField(editable=False, null=True, verbose_name="our turn since"),
        ),
        migrations.RunPython(fill_our_turn_since, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            "lead",
            "waiting_since",
            models.GeneratedField(
                expression=Case(When(status__in=["new", "progress"], then="our_turn_since")),
                output_field=models.DateTimeField(null=True),
                db_persist=True,
            ),
        ),
        migrations.AddIndex("lead", Index(fields=["waiting_since", "id"], name="lead_waiting")),
        migrations.AddIndex("lead", Index(fields=["owner", "waiting_since", "id"], name="lead_mine")),
        migrations.AddConstraint(
            "lead",
            models.CheckConstraint(
                condition=models.Q(("status", "suspected"), ("our_turn_since__isnull", False), _connector="OR"),
                name="lead_is_somebodys_turn",
            ),
        ),
        migrations.AlterField(
            "accessentry",
            "action",
            models.CharField(
                choices=[('opened', 'opened'), ('taken', 'taken in hand'), ('given_back', 'given back'), ('answered', 'answered'), ('closed', 'closed'), ('spam', 'marked as spam'), ('not_spam', 'marked as not spam'), ('waiting', 'waiting for the patient'), ('undone', 'last change taken back'), ('replied', 'reply written'), ('taken_back', 'reply taken back'), ('noted', 'note added'), ('corrected', 'note corrected'), ('removed', 'note removed'), ('given', 'given to a colleague'), ('changed', 'assignment or retention changed'), ('returned', 'address marked as refused'), ('address', 'address corrected'), ('searched', 'searched by address'), ('exported', 'exported'), ('erased', 'erased'), ('withdrawn', 'withdrawn by the patient'), ('expired', 'erased at the end of its retention')],
                max_length=10,
                verbose_name="action",
            ),
        ),
    ]
