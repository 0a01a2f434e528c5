from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from clinic.models import SharedCache, SignInEntry
from contacts import jobs
from contacts.models import WorkerHeartbeat

pytestmark = pytest.mark.django_db


def test_what_is_kept_about_sign_ins_goes_when_its_time_is_over(settings, django_user_model, capsys):
    now = timezone.now()
    staff = django_user_model.objects.create(username="olga")
    for days in (settings.KEEP_ACCESS_DAYS - 1, settings.KEEP_ACCESS_DAYS + 1):
        at = now - timedelta(days=days)
        LogEntry.objects.create(user=staff, action_flag=CHANGE, object_repr="Home", action_time=at)
        SignInEntry.objects.create(account=staff, event="refused", at=at)
    for seconds in (-10, 60):
        cache.set(f"{seconds}", [1.0], seconds + 20)
    SharedCache.objects.filter(expires__lt=now + timedelta(seconds=30)).update(expires=now - timedelta(seconds=1))
    for hours in (23, 25):
        ends = now + timedelta(hours=24 - hours)
        Session.objects.create(session_key=f"{hours}", session_data="", expire_date=ends)
    call_command("forget_sign_ins")
    assert capsys.readouterr().out == (
        "Deleted: 1 counts of wrong attempts, 1 entries of the record of sign-ins, 1 entries of the admin's history, "
        "0 revisions.\n"
    )
    assert (Session.objects.get().session_key, SharedCache.objects.count()) == ("23", 1)
    assert LogEntry.objects.count() == SignInEntry.objects.count() == 1
    assert "forget_sign_ins" in jobs.DAILY


def test_history_and_record_are_not_deleted_by_a_date_in_doubt(django_user_model, settings):
    staff = django_user_model.objects.create(username="olga")
    LogEntry.objects.create(user=staff, action_flag=CHANGE, object_repr="Home", action_time=timezone.now())
    SignInEntry.objects.create(account=staff, event="refused", at=timezone.now())
    WorkerHeartbeat.objects.create(name="purge_leads", at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=settings.KEEP_ACCESS_DAYS + 1)):
        call_command("forget_sign_ins")
    assert LogEntry.objects.count() == SignInEntry.objects.count() == 1
