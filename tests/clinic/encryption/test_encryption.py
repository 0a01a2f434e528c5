from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Case, Count, F, Max, TextField, Value, When
from django.db.models.functions import Cast, Concat, Length, Upper
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.encryption import fields, fingerprints
from clinic.encryption.fields import WrongKey, decrypt, encrypt
from clinic.models import KeyInUse
from contacts.intake.receive import NewRequest, receive
from contacts.models import Lead, LeadNote
from questionnaire.rules import Answers
from tests.staff import SECRET, make_staff

pytestmark = pytest.mark.django_db
PERSONAL = ["email", "name", "message", "answers"]


@pytest.fixture
def lead():
    request = NewRequest(
        email="anna@example.org",
        name="Anna",
        message="How long does a visit take?",
        answers=Answers(diagnosed=True, family=False, patches=True),
        language="it",
    )
    lead = receive(request, now=timezone.now())
    return Lead.objects.get(pk=lead.pk)


def stored(*columns, table="contacts_lead"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table}")
        return cursor.fetchall()


def free(lead):
    """Return `lead` without the consent that stands in the way of a plain delete."""
    lead.consent.delete()
    return lead


@given(st.text())
def test_what_is_encrypted_comes_back_whole_and_never_looks_the_same_twice(text):
    assert decrypt(encrypt(text)) == text
    assert encrypt(text) != encrypt(text)


@given(st.text(max_size=200))
def test_no_text_but_ours_is_ever_taken_for_ours(text):
    with pytest.raises(WrongKey):
        decrypt(text)


def test_the_database_holds_ciphertext_and_the_instance_the_text(lead):
    assert lead.email == "anna@example.org"
    assert lead.answers == {"diagnosed": True, "family": False, "patches": True}
    for value in stored(*PERSONAL)[0]:
        assert value.startswith("gAAAA")
    assert Lead.objects.values_list(*PERSONAL).get() == (lead.email, lead.name, lead.message, lead.answers)
    assert Lead.objects.values("name", "reference").get() == {"name": "Anna", "reference": lead.reference}


@pytest.mark.parametrize(
    "write",
    [
        lambda lead: Lead.objects.update(name="Bea"),
        lambda lead: (setattr(lead, "name", "Bea"), lead.save()),
        lambda lead: (setattr(lead, "name", "Bea"), lead.save(update_fields=["name"])),
        lambda lead: (setattr(lead, "name", "Bea"), Lead.objects.bulk_update([lead], ["name"])),
        lambda lead: Lead.objects.update_or_create(pk=lead.pk, defaults={"name": "Bea"}),
        lambda lead: (free(lead).delete(), setattr(lead, "name", "Bea"), Lead.objects.bulk_create([lead])),
    ],
)
def test_every_way_of_writing_encrypts_once(lead, write):
    write(lead)
    ciphertext = stored("name")[0][0]
    assert decrypt(ciphertext) == "Bea"
    lead.name = "stale"
    lead.refresh_from_db()
    assert lead.name == "Bea"


REFUSED = {
    "exact": lambda: Lead.objects.filter(email="anna@example.org"),
    "None": lambda: Lead.objects.filter(email=None),
    "in": lambda: Lead.objects.filter(email__in=["anna@example.org"]),
    "icontains": lambda: Lead.objects.filter(message__icontains="visit"),
    "regex": lambda: Lead.objects.filter(message__regex="visit"),
    "exclude": lambda: Lead.objects.exclude(name="Anna"),
    "over a relation": lambda: LeadNote.objects.filter(lead__email="anna@example.org"),
    "json key": lambda: Lead.objects.filter(answers__diagnosed=True),
    "transform": lambda: Lead.objects.filter(email__length=5),
    "order_by": lambda: Lead.objects.order_by("email"),
    "order_by backwards": lambda: Lead.objects.order_by("-email"),
    "order_by F": lambda: Lead.objects.order_by(F("email").desc()),
    "order_by over a relation": lambda: LeadNote.objects.order_by("lead__email"),
    "order_by alias": lambda: Lead.objects.alias(x=F("email")).order_by("x"),
    "order_by and count": lambda: Lead.objects.annotate(n=Count("notes")).order_by("email"),
    "earliest": lambda: Lead.objects.earliest("email"),
    "distinct": lambda: Lead.objects.values_list("email").distinct(),
    "F": lambda: Lead.objects.filter(source_page=F("email")),
    "F as a column": lambda: Lead.objects.annotate(x=F("email")),
    "F over a relation": lambda: LeadNote.objects.annotate(x=F("lead__email")),
    "function": lambda: Lead.objects.annotate(x=Upper("email")),
    "length": lambda: Lead.objects.annotate(x=Length("email")),
    "cast": lambda: Lead.objects.annotate(x=Cast("email", TextField())),
    "concat": lambda: Lead.objects.annotate(x=Concat("reference", Value(" "), "email", output_field=TextField())),
    "case": lambda: Lead.objects.annotate(x=Case(When(name__isnull=False, then=F("name")), output_field=TextField())),
    "group": lambda: Lead.objects.values("email").annotate(n=Count("pk")).values_list("n"),
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_a_query_may_only_read_an_encrypted_field(lead, query):
    with pytest.raises(FieldError, match="is encrypted"):
        list(query())


@pytest.mark.parametrize(
    "write",
    [
        lambda: Lead.objects.aggregate(Max("email")),
        lambda: Lead.objects.update(source_page=F("email")),
        lambda: Lead.objects.update(email=F("name")),
        lambda: Lead.objects.update(email=F("reference")),
        lambda: Lead.objects.update(email=Value("in clear")),
        lambda: Lead.objects.update(email=Concat(Value("in "), Value("clear"))),
        lambda: LeadNote.objects.create(lead=Lead.objects.get(), text=Value("in clear")),
    ],
)
def test_no_expression_reads_or_writes_an_encrypted_field(lead, write):
    with pytest.raises(FieldError, match="is encrypted"):
        write()


def test_reading_counting_and_isnull_work(lead):
    LeadNote.objects.create(lead=lead, text="called")
    assert Lead.objects.filter(answers__isnull=False, email__isnull=False).get() == lead
    assert not Lead.objects.filter(answers__isnull=True).exists()
    assert Lead.objects.annotate(n=Count("notes")).get().n == 1
    assert LeadNote.objects.select_related("lead").get().lead.email == "anna@example.org"
    assert LeadNote.objects.values_list("text", "lead__name").get() == ("called", "Anna")
    assert Lead.objects.defer("email").get().email == "anna@example.org"
    assert Lead.objects.filter(notes__isnull=False).count() == 1
    assert Lead.objects.filter(answers__isnull=False).update(source_page="/it/") == 1
    lead.full_clean()


def test_a_wrong_key_raises_and_never_gives_ciphertext(lead, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    for read in (lambda: Lead.objects.get(), lambda: list(Lead.objects.values_list("email")), lead.refresh_from_db):
        with pytest.raises(WrongKey, match="FIELD_KEYS"):
            read()
    assert Lead.objects.only("reference").get().reference == lead.reference


def test_a_dump_holds_ciphertext_and_loads_back_without_a_second_encryption(lead, tmp_path, settings):
    dump = tmp_path / "dump.json"
    call_command("dumpdata", "contacts.lead", output=str(dump), verbosity=0)
    text = dump.read_text()
    assert lead.reference in text
    assert not any(word in text for word in ("anna@", "Anna", "visit", "diagnosed"))
    free(lead).delete()
    call_command("loaddata", str(dump), verbosity=0)
    again = Lead.objects.get()
    assert [getattr(again, name) for name in PERSONAL] == [getattr(lead, name) for name in PERSONAL]
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(Exception, match="FIELD_KEYS"):
        call_command("loaddata", str(dump), verbosity=0)


def test_a_text_that_only_looks_like_a_dump_is_refused_not_guessed(lead):
    with pytest.raises(ValidationError):
        LeadNote(lead=lead, text=fields.DUMPED + "x").clean_fields()


def test_staff_read_and_write_encrypted_notes_in_the_admin(lead):
    field = LeadNote._meta.get_field("text").formfield()
    assert field.clean("called back") == "called back"
    note = LeadNote.objects.create(lead=lead, author=get_user_model().objects.create(username="bea"), text="x")
    assert "x" not in str(note)


# --- Keys that come and go ---


def rotate(*arguments):
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def test_rotation_rewrites_everything_with_the_newest_key_and_can_be_run_again(lead, settings):
    LeadNote.objects.create(lead=lead, text="called")
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    fingerprints.verify()
    settings.FIELD_KEYS = [new, old]
    with pytest.raises(CommandError, match="restart web and worker"):
        rotate()
    fingerprints.verify()  # what a start does
    assert "5 values" in rotate()
    assert "0 values" in rotate()
    settings.FIELD_KEYS = [new]
    again = Lead.objects.get()
    assert [getattr(again, name) for name in PERSONAL] == [getattr(lead, name) for name in PERSONAL]
    assert again.notes.get().text == "called"


def test_rotation_rewrites_the_secrets_of_phones_and_recovery_codes(settings):
    anna, bruno = make_staff(), make_staff("bruno")
    RecoveryCodes.activate(anna)
    codes = {"migrated_codes": [encrypt("q5m3olm4"), encrypt("a2b3c4d5")], "used_mask": 0}
    Authenticator.objects.create(user=bruno, type="recovery_codes", data=codes)
    before = [factor.wrap().get_unused_codes() for factor in Authenticator.objects.filter(type="recovery_codes")]
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    fingerprints.verify()
    assert "4 values rewritten" in rotate()
    assert "0 values rewritten" in rotate()
    settings.FIELD_KEYS = [new]
    after = [factor.wrap().get_unused_codes() for factor in Authenticator.objects.filter(type="recovery_codes")]
    assert after == before
    phones = Authenticator.objects.filter(type="totp")
    assert [decrypt(phone.data["secret"]) for phone in phones] == [SECRET, SECRET]


def test_rotation_stops_at_what_no_key_reads_and_changes_nothing_there(lead, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    fingerprints.verify()
    before = stored(*PERSONAL)
    with pytest.raises(CommandError, match="FIELD_KEYS"):
        rotate()
    assert stored(*PERSONAL) == before


@pytest.mark.parametrize("name", ["FIELD_KEYS", "DIGEST_KEY", "SECRET_KEY"])
def test_the_start_is_refused_with_keys_that_cannot_read_the_data(settings, name):
    fingerprints.verify()
    value = getattr(settings, name)
    setattr(settings, name, [Fernet.generate_key().decode()] if name == "FIELD_KEYS" else "x" * 40)
    with pytest.raises(ImproperlyConfigured, match=f"another {name}: put back"):
        fingerprints.verify()
    with pytest.raises(CommandError, match=f"another {name}: put back"):
        call_command("check")
    setattr(settings, name, value)
    fingerprints.verify()
    call_command("check", verbosity=0)


def test_a_secret_key_changed_on_purpose_is_told_once(settings):
    fingerprints.verify()
    settings.SECRET_KEY = "y" * 40
    for refused in (rotate, fingerprints.verify):
        with pytest.raises((CommandError, ImproperlyConfigured), match="rotate_keys --new-secret-key"):
            refused()
    rotate("--new-secret-key")
    fingerprints.verify()
    settings.DIGEST_KEY = "x" * 40
    with pytest.raises(CommandError, match="another DIGEST_KEY"):
        rotate("--new-secret-key")


def test_a_new_secret_key_holds_though_a_new_field_key_waits_for_a_restart(settings):
    """On a site restored from a backup that is older than its newest field key."""
    fingerprints.verify()
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    settings.SECRET_KEY = "y" * 40
    assert "The new secret key is accepted" in rotate("--new-secret-key")
    fingerprints.verify()


def test_an_older_key_may_go_only_after_the_rotation(settings):
    fingerprints.verify()
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    fingerprints.verify()
    settings.FIELD_KEYS = [new]
    with pytest.raises(ImproperlyConfigured):
        fingerprints.verify()
    settings.FIELD_KEYS = [new, old]
    rotate()
    settings.FIELD_KEYS = [new]
    fingerprints.verify()
    assert KeyInUse.objects.filter(name="FIELD_KEYS").count() == 1
    assert not any(key in str(stored("name", "fingerprint", table="clinic_keyinuse")) for key in (old, new))
