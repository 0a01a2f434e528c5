"""Split heading and meaning by situation; wording that staff edited is kept."""

import hashlib

from django.db import migrations, models

import questionnaire.rules

FIELDS = ("heading", "text", "meaning", "safety_net", "family_note")
SPEAKS_TO = {"contact": ["diagnosed", "patches", "family"], "reassure": ["none"]}
# Digests of the seed texts.
UNEDITED = {
    "contact": "07b65de03a09b9b6",
    "reassure": "40717014d2516ebf",
}


def digest(outcome) -> str:
    words = "\n".join(getattr(outcome, f"{name}_{language}") or "" for name in FIELDS for language in ("it", "en"))
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def carry_words(apps, schema_editor):
    """Delete unedited rows, which load_content creates again; copy edited ones to the meanings."""
    database = schema_editor.connection.alias
    outcomes = apps.get_model("questionnaire", "Outcome").objects.using(database)
    meanings = apps.get_model("questionnaire", "Meaning").objects.using(database)
    loaded_seeds = apps.get_model("clinic", "LoadedSeed").objects.using(database)
    for outcome in outcomes.all():
        if digest(outcome) == UNEDITED[outcome.key]:
            loaded_seeds.filter(name=f"questionnaire/outcomes/{outcome.key}").delete()
            outcome.delete()
            continue
        for key in SPEAKS_TO[outcome.key]:
            words = {"heading": outcome.heading_it, "text": outcome.meaning_it}
            for language in ("it", "en"):
                words[f"heading_{language}"] = getattr(outcome, f"heading_{language}")
                parts = [getattr(outcome, f"meaning_{language}")]
                if key == "family":
                    parts.insert(0, getattr(outcome, f"family_note_{language}"))
                words[f"text_{language}"] = "\n\n".join(part for part in parts if part)
            meanings.create(key=key, **words)
            loaded_seeds.get_or_create(name=f"questionnaire/meanings/{key}")


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0001_initial'),
        ('questionnaire', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Meaning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[(questionnaire.rules.Situation['DIAGNOSED'], 'with a diagnosis'), (questionnaire.rules.Situation['PATCHES'], 'with white patches and no diagnosis'), (questionnaire.rules.Situation['FAMILY'], 'with a relative who has vitiligo, and nothing else'), (questionnaire.rules.Situation['NONE'], 'with three times no')], editable=False, max_length=10, unique=True, verbose_name='patient')),
                ('heading', models.CharField(max_length=160, verbose_name='heading')),
                ('heading_it', models.CharField(max_length=160, null=True, verbose_name='heading')),
                ('heading_en', models.CharField(max_length=160, null=True, verbose_name='heading')),
                ('text', models.TextField(verbose_name='what it means')),
                ('text_it', models.TextField(null=True, verbose_name='what it means')),
                ('text_en', models.TextField(null=True, verbose_name='what it means')),
            ],
            options={
                'verbose_name': 'meaning of an outcome',
                'verbose_name_plural': 'meanings of the outcomes',
            },
        ),
        migrations.RunPython(carry_words, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='outcome',
            name='family_note',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='family_note_en',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='family_note_it',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='heading',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='heading_en',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='heading_it',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='meaning',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='meaning_en',
        ),
        migrations.RemoveField(
            model_name='outcome',
            name='meaning_it',
        ),
        migrations.AddField(
            model_name='outcome',
            name='urgent_signs',
            field=models.TextField(blank=True, help_text='One sign per line.', verbose_name='see a doctor soon if'),
        ),
        migrations.AddField(
            model_name='outcome',
            name='urgent_signs_en',
            field=models.TextField(blank=True, help_text='One sign per line.', null=True, verbose_name='see a doctor soon if'),
        ),
        migrations.AddField(
            model_name='outcome',
            name='urgent_signs_it',
            field=models.TextField(blank=True, help_text='One sign per line.', null=True, verbose_name='see a doctor soon if'),
        ),
        migrations.AlterField(
            model_name='outcome',
            name='safety_net',
            field=models.TextField(help_text='One sign per line. Never empty.', verbose_name='see a doctor if'),
        ),
        migrations.AlterField(
            model_name='outcome',
            name='safety_net_en',
            field=models.TextField(help_text='One sign per line. Never empty.', null=True, verbose_name='see a doctor if'),
        ),
        migrations.AlterField(
            model_name='outcome',
            name='safety_net_it',
            field=models.TextField(help_text='One sign per line. Never empty.', null=True, verbose_name='see a doctor if'),
        ),
    ]
