"""The centre's inbox: leads, their notes, and the proofs of consent."""

from django.contrib import admin

from contacts import person_admin
from contacts.ledger_admin import AccessEntryAdmin, ConsentAdmin
from contacts.models import AccessEntry, Consent, Lead, LeadNote


class NoteInline(admin.StackedInline):
    model = LeadNote
    extra = 1
    fields = ["text"]


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    """No address in the list: it shows on opening one lead."""

    list_display = ["reference", "created_at", "status", "outcome", "language", "owner", "source_page"]
    list_filter = ["status", "outcome", "language", "owner"]
    search_fields = ["reference"]
    readonly_fields = [
        "reference",
        "created_at",
        "language",
        "source_page",
        "email",
        "name",
        "message",
        "answers",
        "outcome",
    ]
    fields = [*readonly_fields, "status", "owner", "keep_until", "keep_reason"]
    inlines = [NoteInline]

    def get_urls(self):
        return [*person_admin.urls(self.admin_site), *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def save_formset(self, request, form, formset, change):
        for note in formset.save(commit=False):
            note.author = note.author or request.user
            note.save()
        formset.save_m2m()


admin.site.register(Consent, ConsentAdmin)
admin.site.register(AccessEntry, AccessEntryAdmin)
