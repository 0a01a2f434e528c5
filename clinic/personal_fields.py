"""The personal data of the centre's professionals and staff: in clinic.models and in the tables of packages."""

from django.conf import settings

from clinic.personal_data import Personal, Whose

WITH_THE_ACCOUNT = "as long as the account exists"

PERSONAL_FIELDS = [
    Personal(
        "clinic.ClinicProfile: health_director data_protection_officer",
        what="names and titles of the health director and the data protection officer",
        why="required by law on the site",
        kept="as long as they are true",
        whose=Whose.CENTRE,
    ),
    Personal(
        "clinic.Professional: position name title medical_order order_number languages words portrait",
        what="who works at the centre: name, title, Order and number, languages, portrait, own words",
        why="so that patients know whom they meet, and can check it in the public register",
        kept="as long as the person works at the centre",
        whose=Whose.CENTRE,
    ),
    Personal(
        "clinic.SignOff: name",
        what="who confirmed that the site does what its notice says",
        why="to show who answers for it",
        kept="as long as the confirmation holds",
        whose=Whose.STAFF,
    ),
    Personal(
        "auth.User: *",
        what="account: name to sign in with, full name, address for invitation and news of leads, last sign-in",
        why="access for staff only, each with an account of their own",
        kept=WITH_THE_ACCOUNT,
        whose=Whose.STAFF,
    ),
    Personal(
        "mfa.Authenticator: *",
        what="second factor: the key shared with the phone and the recovery codes (encrypted), public keys of passkeys",
        why="access for staff only, each with an account of their own",
        kept=WITH_THE_ACCOUNT,
        whose=Whose.STAFF,
    ),
    Personal(
        "sessions.Session: *",
        what="session: who is signed in",
        why="to stay signed in",
        kept="until sign-out; invalid after 12 hours and deleted the next night",
        whose=Whose.STAFF,
    ),
    Personal(
        "clinic.SharedCache: cache_key value expires",
        what="counts of wrong attempts to sign in, by a keyed hash of account and internet address, and their times",
        why="to lock accounts whose password is being guessed",
        kept="15 minutes, deleted in the next night",
        whose=Whose.STAFF,
    ),
    Personal(
        "clinic.SignInEntry: at event account name_digest actor",
        what="who signed in or out, was refused, or changed an account, and when; an unknown name as a keyed hash",
        why="to know who had access, and to notice attacks",
        kept=f"{settings.KEEP_ACCESS_DAYS} days",
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
        "clinic.Revision: content base title",
        what="earlier texts and drafts of the site, with the names of professionals that stood in them",
        why="to compare and restore them",
        kept=f"{settings.KEEP_REVISION_DAYS} days; of what was deleted, {settings.KEEP_DELETED_CONTENT_DAYS} days",
        whose=Whose.CENTRE,
    ),
    Personal(
        "admin.LogEntry: *",
        what="which member of staff changed which page or setting, and when",
        why="to know who changed what",
        kept=f"{settings.KEEP_ACCESS_DAYS} days",
        whose=Whose.STAFF,
    ),
]

NOT_PERSONAL = """
    clinic.ClinicProfile: name legal_name street postal_code city directions phone email certified_email vat_number
        company_register health_authorisation processors answer_within_hours names_in_lists
    clinic.OpeningHours: profile weekday opens closes
    clinic.Closure: profile first_day last_day reason
    clinic.SignOff: kind signed_on
    clinic.ContentVersion: number
    clinic.Drill: at outcome backup leads seconds reason
    clinic.LoadedSeed: name loaded_at content
    clinic.Revision: model key action saved_at publish_at
    clinic.KeyInUse: name fingerprint
    account.EmailAddress: *
    account.EmailConfirmation: *
    auth.Permission: *
    auth.Group: *
    contenttypes.ContentType: *
"""
