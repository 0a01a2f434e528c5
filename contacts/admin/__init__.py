"""The admin of leads and saved answers, and the two read-only ledgers."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.editing.content_admin import ContentAdmin
from clinic.facts import facts
from contacts.admin import export_admin, gone_page, lead_changes, lead_list, person_admin, search_page
from contacts.admin.lead_actions import lead_view
from contacts.admin.ledger_admin import AccessEntryAdmin, ConsentAdmin
from contacts.inbox import reports
from contacts.models import AccessEntry, Consent, Lead, SavedReply
from contacts.references import normalise


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    """The inbox. The list shows no address, and the access log takes the place of Django's admin log."""

    list_filter = [lead_list.StatusFilter, "outcome", "language", "owner", "created_at"]
    search_fields = ["reference"]
    sortable_by: list[str] = []
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = lead_list.CappedPaginator
    actions = lead_changes.for_list()

    def get_urls(self):
        pages = (person_admin, search_page, export_admin, lead_changes)
        return [*(url for page in pages for url in page.urls(self.admin_site)), *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        return lead_list.loaded(super().get_queryset(request))

    def get_list_display(self, request):
        return [lead_list.reference, *lead_list.columns()]

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


@admin.register(SavedReply)
class SavedReplyAdmin(ContentAdmin):
    list_display = ["title", "position"]

    def may_have_draft(self, reply):
        return False


admin.site.register(Consent, ConsentAdmin)
admin.site.register(AccessEntry, AccessEntryAdmin)
