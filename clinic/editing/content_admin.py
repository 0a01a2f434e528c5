"""The base class of content in the admin: revisions, no silent overwriting, and cached pages that follow changes."""

from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from modeltranslation.admin import TranslationAdmin

from clinic.editing import conflicts
from clinic.editing.changes import changes
from clinic.editing.conflicts import Notes
from clinic.editing.draft_views import DraftViews
from clinic.editing.revision_views import RevisionViews
from clinic.models import ContentVersion
from clinic.models.revisions import Revision, last_snapshot, snapshot


class ContentAdmin(DraftViews, RevisionViews, TranslationAdmin):
    """Content of the site: every save is a revision, and bumps the content version so that pages are rendered again."""

    change_form_template = "admin/content/change_form.html"
    change_list_template = "admin/content/change_list.html"
    delete_confirmation_template = "admin/content/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/content/delete_selected_confirmation.html"

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form again (409), merged, if somebody else has saved or deleted the object since it was opened."""
        with transaction.atomic():
            request.before, request.notes, request.drafted = None, None, None
            request.draft = getattr(request, "draft", None)
            if request.method == "POST":
                request.POST = self.normalised(request.POST)
            row = self.locked(request, object_id) if object_id else None
            request.may_have_draft = row is not None and self.may_have_draft(row)
            if row is not None:
                request.before = snapshot(row, self.parts())
                if request.method == "POST" and self.has_change_permission(request, row):
                    request.notes = self.merge(request, row)
            elif (object_id or "").isdigit() and request.method == "POST" and self.has_add_permission(request):
                request.draft = None
                request.notes = Notes(self.last_editor(object_id), top=[_("Save again to create it again.")])
                formsets = [inline.get_formset(request) for inline in self.get_inline_instances(request)]
                conflicts.make_new(formsets, request.POST)
                object_id, form_url = None, reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_add")
            context = (extra_context or {}) | self.form_context(request, row)
            response = super().changeform_view(request, object_id, form_url, context)
            if request.drafted:
                self.keep_draft(request, row)
        if request.notes and request.notes.is_conflict:
            response.status_code = 409
        return response

    def form_context(self, request, row) -> dict:
        """Return what the form says of drafts and of colleagues; `draft` is the one that is in the form."""
        shown = (request.notes and request.notes.draft) or request.draft
        waiting = Revision.draft_of(self.model, row.pk) if row and request.method == "GET" else None
        return {
            "notes": request.notes,
            "opened": signing.dumps(request.before, compress=True),
            "draft": request.draft,
            "shown_draft": shown,
            "waiting": waiting,
            "is_overtaken": waiting and waiting.base != request.before,
            "may_have_draft": request.may_have_draft,
            "has_preview": self.has_preview,
            "show_save_and_add_another": False,
        }

    @staticmethod
    def normalised(data):
        """Return `data` with the line ends of text files: browsers send others, and nothing would be unchanged."""
        data = data.copy()
        for name, sent in data.lists():
            data.setlist(name, [value.replace("\r\n", "\n") for value in sent])
        return data

    def locked(self, request, object_id):
        """Return the object, which nobody else saves before this request ends; None if there is none."""
        row = self.get_object(request, unquote(object_id))
        if row is None or request.method != "POST":
            return row
        self.model._base_manager.select_for_update().filter(pk=row.pk).first()
        return self.get_object(request, unquote(object_id))  # again: a colleague may have saved it meanwhile

    def parts(self) -> list[str]:
        """Return the relations whose rows are edited in the same form."""
        inlines = {inline.model for inline in self.inlines}
        return [each.get_accessor_name() for each in self.opts.related_objects if each.related_model in inlines]

    def last_editor(self, key) -> str:
        saves = Revision.objects.applied().filter(model=self.opts.label_lower, key=key)
        revision = saves.select_related("author").first()
        return revision.author.get_username() if revision and revision.author else _("A colleague")

    def merge(self, request, row):
        """Return what to say about the merge of what was sent with what was saved; None if nothing else was saved."""
        opened, saved, replaced = conflicts.opened_on(request.POST), request.before, self.replaced_draft(request, row)
        is_stale = opened is not None and opened != saved
        if not is_stale and not replaced:
            return Notes("") if "_put_back" in request.POST else None
        notes = Notes(self.last_editor(row.pk) if is_stale else "", draft=replaced)
        if replaced:
            pk = request.POST.get("draft", "")
            shown = Revision.of(row).filter(pk=pk).first() if pk.isdecimal() else None
            for change in changes(self.model, shown.content if shown else opened or saved, replaced.content):
                notes.top.append(conflicts.in_words(change))
        if is_stale:
            fields = flatten_fieldsets(self.get_fieldsets(request, row))
            form = self.get_form(request, row, change=True, fields=fields)(instance=row)
            conflicts.merge_fields(form, opened["fields"], saved["fields"], request.POST, notes)
            for part, inline, formset in self.formsets_by_part(request, row):
                queryset = inline.get_queryset(request)
                unbound = formset(instance=row, prefix=formset.get_default_prefix(), queryset=queryset)
                conflicts.merge_parts(unbound, opened["parts"][part], saved["parts"][part], request.POST, notes)
        return notes

    def formsets_by_part(self, request, row):
        """Yield the relation, the inline and the formset of each kind of part."""
        for inline in self.get_inline_instances(request, row):
            part = next(each for each in self.opts.related_objects if each.related_model is inline.model)
            yield part.get_accessor_name(), inline, inline.get_formset(request, row)

    def get_form(self, request, obj=None, **kwargs):
        return conflicts.with_notes(super().get_form(request, obj, **kwargs), getattr(request, "notes", None))

    def _create_formsets(self, request, obj, change):
        formsets, inlines = super()._create_formsets(request, obj, change)
        for name, note in request.notes.fields.items() if getattr(request, "notes", None) else ():
            for form in (form for formset in formsets for form in formset.forms):
                field = name.removeprefix(f"{form.prefix}-")
                if field != name and form.errors is not None:
                    form.add_error(field or None, note)
        return formsets, inlines

    def render_change_form(self, request, context, *args, **kwargs):
        """List the errors on top, each with a link to its field, instead of only saying that there are some."""
        inlines = context["inline_admin_formsets"]
        forms = [context["adminform"].form, *(form for inline in inlines for form in inline.formset.forms)]
        if context.pop("errors", None) and not (request.notes and request.notes.is_conflict):
            context["summary"] = [
                (
                    form[name].id_for_label if name in form.fields else "",
                    form[name].label if name in form.fields else "",
                    text,
                )
                for form in forms
                for name, texts in form.errors.items()
                for text in texts
                if text != conflicts.NOT_SAVED
            ] + [("", "", text) for inline in inlines for text in inline.formset.non_form_errors()]
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        action = Revision.Action.PUBLISHED if request.draft else Revision.Action.SAVED
        self.record(request, form.instance, request.before, action)
        if request.draft:
            request.draft.delete()
        ContentVersion.bump()

    def record(self, request, row, before, action):
        after = snapshot(row, self.parts())
        Revision.record_change(row, action, before, after, author=request.user, now=timezone.now())

    def log_change(self, request, obj, message):
        """Name in the history what has changed; a save without a change is none."""
        changed = list(changes(self.model, request.before, snapshot(obj, self.parts()))) if request.before else []
        labels = ", ".join(dict.fromkeys(change.label for change in changed))
        return super().log_change(request, obj, labels) if labels else None

    def delete_model(self, request, obj):
        self.record_deletion(request, obj)
        super().delete_model(request, obj)
        ContentVersion.bump()

    def delete_queryset(self, request, queryset):
        for row in queryset:
            self.record_deletion(request, row)
        super().delete_queryset(request, queryset)
        ContentVersion.bump()

    def record_deletion(self, request, row):
        content = last_snapshot(row, self.parts())
        Revision.record(row, Revision.Action.DELETED, content, author=request.user, now=timezone.now())
