"""The admin of leads and saved answers, and the two read-only ledgers."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.editing.content_admin import ContentAdmin
from clinic.facts import facts
from contacts.admin import export_admin, gone_page, lead_list, person_admin, search_page
from contacts.admin.lead_actions import lead_view
from contacts.admin.ledger_admin import AccessEntryAdmin, ConsentAdmin
from contacts.inbox import casework, reports
from contacts.models import AccessEntry, Consent, Lead, SavedReply
from contacts.references import normalise

Status = Lead.Status


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    """The inbox. The list shows no address, and the access log takes the place of Django's admin log."""

    list_display = ["reference", "received", "waited", "outcome", "language", "status", "owner", "source_page"]
    list_filter = [lead_list.StatusFilter, "outcome", "language", "owner", "created_at"]
    search_fields = ["reference"]
    sortable_by: list[str] = []
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = lead_list.CappedPaginator
    actions = ["take", "mark_answered", "close", "mark_spam", "mark_not_spam"]

    def get_urls(self):
        pages = (person_admin, search_page, export_admin)
        return [*(url for page in pages for url in page.urls(self.admin_site)), *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        # The list loads no encrypted field.
        return super().get_queryset(request).select_related("owner").defer(*Lead.ENCRYPTED)

    def get_ordering(self, request):
        return lead_list.ordering(request)

    def get_search_results(self, request, queryset, search_term):
        return (lead_list.search(queryset, search_term) if search_term else queryset), False

    def changelist_view(self, request, extra_context=None):
        reference = normalise(request.GET.get("q", "")) if self.has_view_permission(request) else None
        if reference and (found := Lead.objects.filter(reference=reference).values_list("pk", flat=True).first()):
            return redirect("admin:contacts_lead_change", found)
        if reference and (entry := gone_page.erasure_of(reference)):
            return gone_page.gone_page(request, entry)
        return super().changelist_view(request, (extra_context or {}) | {"title": _("Leads")})

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        reports.set_waiting(changelist.result_list, facts.current(), now=timezone.now())
        return changelist

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            lead = Lead.objects.select_related("owner").get(pk=unquote(object_id))
        except (Lead.DoesNotExist, ValidationError):
            return gone_page.of_erased_lead(request, unquote(object_id))
        return lead_view(request, lead)

    def history_view(self, request, object_id, extra_context=None):
        if not self.has_change_permission(request):
            raise PermissionDenied
        return redirect("admin:contacts_lead_change", object_id)

    def log_change(self, request, obj, message):
        """Log nothing in Django's admin log: the access log is the history and has its own retention."""

    @admin.display(description=_("received"))
    def received(self, lead):
        return date_format(timezone.localtime(lead.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("waiting"), empty_value="")
    def waited(self, lead):
        if lead.is_late:
            return format_html('<strong class="late">{} · {}</strong>', lead.waited, _("late"))
        return lead.waited

    @admin.action(description=_("I'll take them"), permissions=["change"])
    def take(self, request, queryset):
        self.change_status(request, queryset, Status.IN_PROGRESS)

    @admin.action(description=_("Mark answered"), permissions=["change"])
    def mark_answered(self, request, queryset):
        self.change_status(request, queryset, Status.ANSWERED)

    @admin.action(description=_("Close"), permissions=["change"])
    def close(self, request, queryset):
        self.change_status(request, queryset, Status.CLOSED)

    @admin.action(description=_("They are spam"), permissions=["change"])
    def mark_spam(self, request, queryset):
        self.change_status(request, queryset, Status.SUSPECTED)

    @admin.action(description=_("They are not spam"), permissions=["change"])
    def mark_not_spam(self, request, queryset):
        self.change_status(request, queryset.filter(status=Status.SUSPECTED), Status.NEW)

    def change_status(self, request, queryset, to):
        now = timezone.now()
        changed, unchanged, has_more = casework.change_status_of_all(queryset, to, actor=request.user, now=now)
        message = ngettext("%(count)d lead changed.", "%(count)d leads changed.", changed) % {"count": changed}
        if unchanged:
            rest = ngettext("%(count)d not changed.", "%(count)d not changed.", unchanged)
            message += " " + rest % {"count": unchanged}
        if has_more:
            limit = {"limit": casework.MAX_AT_ONCE}
            message += " " + _("At most %(limit)d are changed at once: repeat the action for the others.") % limit
        self.message_user(request, message, messages.SUCCESS if changed else messages.WARNING)


@admin.register(SavedReply)
class SavedReplyAdmin(ContentAdmin):
    list_display = ["title", "position"]


admin.site.register(Consent, ConsentAdmin)
admin.site.register(AccessEntry, AccessEntryAdmin)
