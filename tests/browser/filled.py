"""Fills in everything that the clinic can, with a portrait and a room drawn here: no person is shown."""

from datetime import date, time

from PIL import Image, ImageDraw

from clinic.models import ClinicProfile, Closure, ContentVersion, OpeningHours, Professional
from treatments.models import Photo, Section

FACTS = {
    "name_it": "Centro Vitiligine di Prova", "name_en": "Example Vitiligo Centre",
    "legal_name": "Centro di Prova S.r.l.", "vat_number": "01234567890", "company_register": "REA MI-0000000",
    "health_director": "dott.ssa Anna Prova, medico chirurgo", "health_authorisation": "n. 1 del 2 marzo 2020",
    "street": "Via di Prova 1", "postal_code": "20100", "city": "Milano",
    "directions_it": "Metropolitana M1, fermata Prova.\n\nSecondo piano, con ascensore.",
    "directions_en": "Underground M1, Prova stop.\n\nSecond floor, with a lift.",
    "phone": "+39 02 0000 0000", "email": "centro@example.org", "certified_email": "centro@pec.example.org",
    "processors": "Server di Prova S.r.l.", "answer_within_hours": 16,
}  # fmt: skip
PERSON = {
    "title_it": "medico chirurgo, specialista in dermatologia", "title_en": "physician, specialist in dermatology",
    "medical_order": "Ordine dei Medici di Milano", "order_number": "00000",
    "languages_it": "italiano, inglese", "languages_en": "Italian, English",
    "words_it": "Una visita comincia dall'ascolto: poi guardiamo insieme la pelle.",
    "words_en": "A visit begins with listening: then we look at the skin together.",
}  # fmt: skip


def portrait() -> Photo:
    """Draw a head and shoulders in plain shapes."""
    picture = Image.new("RGB", (900, 1200), "#dae7e5")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((130, 780, 770, 1500), fill="#1f4f57")
    draw.ellipse((290, 300, 610, 720), fill="#c99872")
    draw.pieslice((270, 260, 630, 640), 180, 360, fill="#4a2e21")
    photo = Photo(alt_it="Ritratto disegnato", alt_en="A drawn portrait")
    photo.save_picture(picture)
    return photo


def room() -> Photo:
    """Draw a room in plain shapes."""
    picture = Image.new("RGB", (1600, 1000), "#f3ece2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 720, 1600, 1000), fill="#c99872")
    draw.rectangle((180, 140, 640, 560), fill="#dae7e5", outline="#65574d", width=12)
    draw.rounded_rectangle((820, 520, 1420, 760), 40, fill="#1f4f57")
    photo = Photo(alt_it="Lo studio, disegnato", alt_en="The consulting room, drawn")
    photo.save_picture(picture)
    return photo


def fill() -> None:
    clinic, _new = ClinicProfile.objects.update_or_create(pk=1, defaults=FACTS)
    for weekday in range(5):
        for opens, closes in [(9, 13), (14, 19)]:
            OpeningHours.objects.create(profile=clinic, weekday=weekday, opens=time(opens), closes=time(closes))
    days = {"first_day": date(2098, 12, 1), "last_day": date(2098, 12, 2)}
    Closure.objects.create(profile=clinic, **days, reason_it="Lavori", reason_en="Building work")
    Professional.objects.update(**PERSON, portrait=portrait())
    for kind in ("the-centre", "first-visit"):
        section = Section.objects.filter(page__slug_en=kind).first()
        section.photo = room()
        section.save()
    ContentVersion.bump()
