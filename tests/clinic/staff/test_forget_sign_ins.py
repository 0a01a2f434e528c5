from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from contacts import jobs
from contacts.models import WorkerHeartbeat

pytestmark = pytest.mark.django_db


def test_traces_of_staff_go_when_their_time_is_over(settings, django_user_model, capsys):
    now = timezone.now()
    staff = django_user_model.objects.create(username="olga")
    for days in (settings.KEEP_ACCESS_DAYS - 1, settings.KEEP_ACCESS_DAYS + 1):
        action_time = now - timedelta(days=days)
        LogEntry.objects.create(user=staff, action_flag=CHANGE, object_repr="Home", action_time=action_time)
    for minutes in (14, 16):
        attempt = AccessAttempt.objects.create(username=f"{minutes}", failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(minutes=minutes))
    for hours in (23, 25):
        ends = now + timedelta(hours=24 - hours)
        Session.objects.create(session_key=f"{hours}", session_data="", expire_date=ends)
    call_command("forget_sign_ins")
    assert capsys.readouterr().out == "Deleted: 1 failed sign-ins, 1 entries of the admin's history, 0 revisions.\n"
    assert (Session.objects.get().session_key, AccessAttempt.objects.get().username) == ("23", "14")
    assert LogEntry.objects.count() == 1
    assert "forget_sign_ins" in jobs.DAILY


def test_the_history_is_not_deleted_by_a_date_in_doubt(django_user_model, settings):
    staff = django_user_model.objects.create(username="olga")
    LogEntry.objects.create(user=staff, action_flag=CHANGE, object_repr="Home", action_time=timezone.now())
    WorkerHeartbeat.objects.create(name="purge_leads", at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=settings.KEEP_ACCESS_DAYS + 1)):
        call_command("forget_sign_ins")
    assert LogEntry.objects.count() == 1
