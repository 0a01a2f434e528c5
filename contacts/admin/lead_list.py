"""Columns, filter, order and paging of the inbox; each reads an index, so a million leads are as fast as a thousand."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.facts import facts
from contacts.inbox import reports
from contacts.models import Lead
from contacts.references import prefix_range
from questionnaire.rules import OutcomeKey

Status = Lead.Status
ADVICE = {OutcomeKey.CONTACT: _("get in touch"), OutcomeKey.REASSURE: _("no need")}


@admin.display(description=_("Reference"))
def reference(lead):
    return lead.reference


@admin.display(description=_("name and message"))
def who(lead):
    return format_html(
        '<bdi class="name">{}</bdi> <span class="words" dir="auto" lang="{}">{}</span>',
        lead.name,
        lead.language,
        reports.first_words(lead),
    )


@admin.display(description=_("waiting"))
def turn(lead):
    """For how long it waits for us, or until when for the patient; without turn its status and when it arrived."""
    if lead.is_late:
        text = format_html('<strong class="late">{} · {}</strong>', lead.waited, _("late"))
    elif lead.waits_until:
        text = gettext("patient, until %(day)s") % {"day": short_day(lead.waits_until)}
    else:
        text = lead.waited or f"{lead.get_status_display()} · {short_day(timezone.localdate(lead.created_at))}"
    if lead.address_refused:
        return format_html('{} <strong class="late refused">{}</strong>', text, _("email refused"))
    return text


def short_day(day) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


@admin.display(description=_("assigned to"))
def whose(lead):
    return lead.owner.get_username() if lead.owner else "–"


@admin.display(description=_("language"))
def language(lead):
    return lead.language.upper()


@admin.display(description=_("questionnaire"), empty_value="")
def advice(lead):
    return ADVICE.get(lead.outcome)


def columns() -> list:
    """Return the columns after the reference; the owner may switch names and messages off (clinic facts)."""
    return [*([who] if facts.current().names_in_lists else []), turn, whose, language, advice]


def loaded(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Return `leads` with what the columns show: no encrypted field that nobody sees is loaded."""
    return leads.select_related("owner").defer(*reports.unseen(facts.current()))


class CappedPaginator(Paginator):
    """Counts up to MAX_COUNT rows: counting a million takes a second."""

    MAX_COUNT = 1000

    @cached_property
    def count(self):
        return self.object_list[: self.MAX_COUNT].count()


class StatusFilter(admin.SimpleListFilter):
    """Shows by default the leads of which it is our turn; a search finds leads of any status."""

    title = _("status")
    parameter_name = "status"
    OUR_TURN, SPAM, ALL = "open", "spam", "all"

    def lookups(self, request, model_admin):
        others = [(value, label) for value, label in Status.choices if value not in reports.VIEWS]
        return [*reports.VIEWS.items(), *others, (self.SPAM, _("Spam")), (self.ALL, _("All leads"))]

    def value(self):
        return super().value() or self.OUR_TURN

    def choices(self, changelist):
        for value, label in [(self.OUR_TURN, _("Waiting for an answer")), *self.lookup_choices]:
            without = [self.parameter_name] if value == self.OUR_TURN else []
            query = {} if value == self.OUR_TURN else {self.parameter_name: value}
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(query, without),
                "display": label,
            }

    def queryset(self, request, queryset):
        now = timezone.now()
        if self.value() in reports.VIEWS:
            return queryset.filter(reports.condition(self.value(), request.user, facts.current(), now=now))
        if self.value() == self.SPAM:
            return queryset.filter(status=Status.SUSPECTED, our_turn_since=None)
        if self.value() in Status:
            return queryset.filter(status=self.value())
        if self.value() == self.ALL or request.GET.get("q"):
            return queryset
        return queryset.our_turn(now=now)


def ordering(request) -> list[str]:
    """Return the order for the chosen status, for which there is an index."""
    if request.GET.get("q"):
        return ["reference"]
    status = request.GET.get(StatusFilter.parameter_name, StatusFilter.OUR_TURN)
    if status in {StatusFilter.OUR_TURN, "mine", "waiting", "late"}:
        return ["waiting_since", "pk"]
    return ["created_at", "pk"] if status in Lead.OPEN else ["-created_at", "-pk"]


def search(leads: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Return the leads whose reference starts with `text`, in any case, with or without hyphen."""
    bounds = prefix_range(text)
    return leads.filter(reference__range=bounds) if bounds else leads.none()
