import clinic.encryption.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GREETINGS = {"body_it": "Gentile signora, gentile signore,", "body_en": "Dear Sir or Madam,"}


def remove_greetings(apps, schema_editor):
    """Remove the greeting that the first saved texts began with: now it is added to every text."""
    texts = apps.get_model("contacts", "SavedReply").objects.using(schema_editor.connection.alias)
    for text in texts.all():
        for name, greeting in GREETINGS.items():
            body = getattr(text, name) or ""
            if body.startswith(greeting):
                texts.filter(pk=text.pk).update(**{name: body.removeprefix(greeting).strip()})


class Migration(migrations.Migration):
    """Replies and mails to colleagues in the outbox, what they leave in the access log, and phone numbers."""

    dependencies = [
        ('contacts', '0003_inboxes_and_erased_leads'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='outboxemail',
            name='outboxemail_one_of_a_kind_an_inbox',
        ),
        migrations.AddField(
            model_name='accessentry',
            name='answered_with',
            field=models.CharField(blank=True, max_length=7, verbose_name='answered with'),
        ),
        migrations.AddField(
            model_name='accessentry',
            name='given_to',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to whom'),
        ),
        migrations.AddField(
            model_name='lead',
            name='phone',
            field=clinic.encryption.fields.EncryptedTextField(blank=True, editable=False, verbose_name='phone'),
        ),
        migrations.AddField(
            model_name='outboxemail',
            name='before',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='outboxemail',
            name='note',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='email', to='contacts.leadnote'),
        ),
        migrations.AddField(
            model_name='outboxemail',
            name='recipient',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='accessentry',
            name='action',
            field=models.CharField(choices=[('opened', 'opened'), ('taken', 'taken in hand'), ('given_back', 'given back'), ('answered', 'answered'), ('closed', 'closed'), ('spam', 'marked as spam'), ('not_spam', 'marked as not spam'), ('replied', 'reply written'), ('taken_back', 'reply taken back'), ('noted', 'note added'), ('corrected', 'note corrected'), ('removed', 'note removed'), ('given', 'given to a colleague'), ('changed', 'assignment or retention changed'), ('returned', 'address marked as refused'), ('address', 'address corrected'), ('searched', 'searched by address'), ('exported', 'exported'), ('erased', 'erased'), ('withdrawn', 'withdrawn by the patient'), ('expired', 'erased at the end of its retention')], max_length=10, verbose_name='action'),
        ),
        migrations.AlterField(
            model_name='outboxemail',
            name='kind',
            field=models.CharField(choices=[('staff', 'to the centre'), ('patient', 'to the patient'), ('reply', 'reply'), ('handover', 'to a colleague')], max_length=8, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='savedreply',
            name='body',
            field=models.TextField(help_text="Without greeting and signature: both are added, the greeting with the person's name. Others may read an email: no word about anyone's health.", verbose_name='text'),
        ),
        migrations.AlterField(
            model_name='savedreply',
            name='body_en',
            field=models.TextField(help_text="Without greeting and signature: both are added, the greeting with the person's name. Others may read an email: no word about anyone's health.", null=True, verbose_name='text'),
        ),
        migrations.AlterField(
            model_name='savedreply',
            name='body_it',
            field=models.TextField(help_text="Without greeting and signature: both are added, the greeting with the person's name. Others may read an email: no word about anyone's health.", null=True, verbose_name='text'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('address_refused', True)), fields=['created_at', 'id'], name='lead_address_refused'),
        ),
        migrations.AddConstraint(
            model_name='outboxemail',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['staff', 'patient'])), fields=('lead', 'kind', 'inbox'), name='outboxemail_one_of_a_kind_an_inbox'),
        ),
        migrations.AddConstraint(
            model_name='outboxemail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reply'), ('note__isnull', False)), models.Q(models.Q(('kind', 'reply'), _negated=True), ('note__isnull', True)), _connector='OR'), name='outboxemail_a_reply_has_its_text'),
        ),
        migrations.RunPython(remove_greetings, migrations.RunPython.noop, elidable=True),
    ]
