"""The personal data of the centre's professionals and staff: in clinic.models and in the tables of packages."""

from django.conf import settings

from clinic.personal_data import Personal, Whose

WITH_THE_ACCOUNT = "as long as the account exists"

PERSONAL_FIELDS = [
    Personal(
        "clinic.ClinicProfile: doctor_title medical_register health_director data_protection_officer",
        what="titles and register numbers of the centre's professionals",
        why="the law wants them on the site",
        kept="as long as they are true",
        whose=Whose.CENTRE,
    ),
    Personal(
        "auth.User: *",
        what="account: name to sign in with, full name, last sign-in",
        why="to let only staff in, each with an account of their own",
        kept=WITH_THE_ACCOUNT,
        whose=Whose.STAFF,
    ),
    Personal(
        "otp_totp.TOTPDevice: * otp_static.StaticDevice: * otp_static.StaticToken: *",
        what="second factor: the key shared with the phone, backup codes",
        why="to let only staff in, each with an account of their own",
        kept=WITH_THE_ACCOUNT,
        whose=Whose.STAFF,
    ),
    Personal(
        "sessions.Session: *",
        what="session: who is signed in",
        why="to stay signed in",
        kept="until sign-out; void after 12 hours and deleted in the next night",
        whose=Whose.STAFF,
    ),
    Personal(
        "axes.AccessAttempt: * axes.AccessAttemptExpiration: * axes.AccessFailureLog: * axes.AccessLog: *",
        what="failed attempts to sign in: keyed hash of the account, internet address, browser",
        why="to lock out who guesses passwords",
        kept="until the next night, two days at most",
        whose=Whose.STAFF,
    ),
    Personal(
        "clinic.Revision: author",
        what="who of the staff saved which text of the site, and when",
        why="to know who changed what, and to restore it",
        kept=f"{settings.KEEP_REVISION_DAYS} days; without the name once the account is deleted",
        whose=Whose.STAFF,
    ),
    Personal(
        "clinic.Revision: content title",
        what="earlier texts of the site, with the names of professionals that stood in them",
        why="to compare and restore them",
        kept=f"{settings.KEEP_REVISION_DAYS} days; of what was deleted, {settings.KEEP_DELETED_CONTENT_DAYS} days",
        whose=Whose.CENTRE,
    ),
    Personal(
        "admin.LogEntry: *",
        what="who of the staff changed which page or setting, and when",
        why="to know who changed what",
        kept=f"{settings.KEEP_ACCESS_DAYS} days",
        whose=Whose.STAFF,
    ),
]

NOT_PERSONAL = """
    clinic.ClinicProfile: name legal_name street postal_code city directions phone email certified_email vat_number
        company_register health_authorisation processors answer_within_hours
    clinic.OpeningHours: profile weekday opens closes
    clinic.Closure: profile first_day last_day reason
    clinic.ContentVersion: number
    clinic.LoadedSeed: name loaded_at
    clinic.Revision: model key action saved_at
    clinic.KeyInUse: name fingerprint
    auth.Permission: *
    auth.Group: *
    contenttypes.ContentType: *
"""
