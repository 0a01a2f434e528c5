import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    """Literal names for two columns, and how long the date has agreed with the monotonic clock."""

    dependencies = [("contacts", "0001_initial")]

    operations = [
        migrations.RenameField("arrival", "mark", "fingerprint"),
        migrations.RenameField("workerheartbeat", "busy_until", "locked_until"),
        migrations.AddField("workerheartbeat", "date_held", models.DurationField(default=datetime.timedelta)),
        migrations.AlterField(
            "accessentry",
            "action",
            models.CharField(
                choices=[('opened', 'opened'), ('taken', 'taken in hand'), ('given_back', 'given back'), ('answered', 'answered'), ('closed', 'closed'), ('spam', 'marked as spam'), ('not_spam', 'marked as not spam'), ('noted', 'note added'), ('changed', 'assignment or retention changed'), ('searched', 'searched by address'), ('exported', 'exported'), ('erased', 'erased'), ('withdrawn', 'withdrawn by the patient'), ('expired', 'erased at the end of its retention')],
                max_length=10,
                verbose_name="action",
            ),
        ),
        migrations.AlterModelOptions(
            "accessentry",
            options={"ordering": ["-at", "-pk"], "verbose_name": "access", "verbose_name_plural": "access log"},
        ),
    ]
