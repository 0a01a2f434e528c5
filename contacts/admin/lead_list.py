"""Filter, order, search and paging of the inbox; each reads an index, so a million leads are as fast as a thousand."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clinic.facts import facts
from contacts.inbox.working_time import late_before
from contacts.models import Lead
from contacts.references import prefix_range

Status = Lead.Status


class CappedPaginator(Paginator):
    """Counts up to MAX_COUNT rows: counting a million takes a second."""

    MAX_COUNT = 1000

    @cached_property
    def count(self):
        return self.object_list[: self.MAX_COUNT].count()


class StatusFilter(admin.SimpleListFilter):
    """Shows open leads by default; a search finds leads of any status."""

    title = _("status")
    parameter_name = "status"
    OPEN, MINE, LATE, ALL = "open", "mine", "late", "all"

    def lookups(self, request, model_admin):
        return [(self.MINE, _("My leads")), (self.LATE, _("Overdue")), *Status.choices, (self.ALL, _("All leads"))]

    def value(self):
        return super().value() or self.OPEN

    def choices(self, changelist):
        for value, label in [(self.OPEN, _("Open leads")), *self.lookup_choices]:
            without = [self.parameter_name] if value == self.OPEN else []
            query = {} if value == self.OPEN else {self.parameter_name: value}
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(query, without),
                "display": label,
            }

    def queryset(self, request, queryset):
        if self.value() == self.MINE:
            return queryset.open().filter(owner=request.user)
        if self.value() == self.LATE:
            return queryset.filter(waiting_since__lt=late_before(facts.current(), now=timezone.now()))
        if self.value() in Status:
            return queryset.filter(status=self.value())
        if self.value() == self.ALL or request.GET.get("q"):
            return queryset
        return queryset.open()


def ordering(request) -> list[str]:
    """Return the order for the chosen status, for which there is an index."""
    if request.GET.get("q"):
        return ["reference"]
    status = request.GET.get(StatusFilter.parameter_name, StatusFilter.OPEN)
    if status in {StatusFilter.OPEN, StatusFilter.MINE, StatusFilter.LATE}:
        return ["waiting_since", "pk"]
    return ["created_at", "pk"] if status in Lead.OPEN else ["-created_at", "-pk"]


def search(leads: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Return the leads whose reference starts with `text`, in any case, with or without hyphen."""
    bounds = prefix_range(text)
    return leads.filter(reference__range=bounds) if bounds else leads.none()
