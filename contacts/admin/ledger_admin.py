"""The read-only admin of the two ledgers."""

from django.contrib import admin
from django.utils.text import capfirst

from contacts import references


class LedgerAdmin(admin.ModelAdmin):
    """A read-only list: the site adds the rows, and the purge deletes them."""

    show_full_result_count = False
    list_display_links = None
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": capfirst(self.opts.verbose_name_plural)})

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ConsentAdmin(LedgerAdmin):
    list_display = ["given_at", "purpose", "version", "language", "form", "withdrawn_at", "erased_at"]


class AccessEntryAdmin(LedgerAdmin):
    """The access log; its search box takes references."""

    list_display = ["at", "actor", "action", "reference"]
    list_filter = ["action", "actor"]
    list_select_related = ["actor"]
    sortable_by: list[str] = []
    search_fields = ["reference"]

    def get_search_results(self, request, queryset, search_term):
        reference = references.normalise(search_term)
        return queryset.filter(reference=reference) if search_term else queryset, False
