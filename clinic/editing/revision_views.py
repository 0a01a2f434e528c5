"""The history of content in the admin: who saved what and when, comparison with today, restoring, undoing deletion."""

from datetime import timedelta
from difflib import SequenceMatcher

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join, strip_tags
from django.utils.translation import gettext as _

from clinic.editing.changes import changes
from clinic.models import ContentVersion
from clinic.models.revisions import Revision, restore, snapshot


class RevisionViews:
    """Pages of a ModelAdmin: the history of an object, one revision beside today's content, what was deleted."""

    def get_urls(self):
        name = self.opts.label_lower.replace(".", "_")
        return [
            path("deleted/", self.admin_site.admin_view(self.deleted_view), name=f"{name}_deleted"),
            path("revision/<int:pk>/", self.admin_site.admin_view(self.revision_view), name=f"{name}_revision"),
            *super().get_urls(),
        ]

    def page(self, request, template, **context):
        return TemplateResponse(
            request, template, self.admin_site.each_context(request) | {"opts": self.opts} | context
        )

    def history_view(self, request, object_id, extra_context=None):
        """List the revisions, each with what it changed."""
        row = get_object_or_404(self.model, pk=object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        revisions, public = list(Revision.of(row).select_related("author")[:100]), None
        for revision in reversed(revisions):
            before = revision.base or public
            changed = changes(self.model, before, revision.content) if before else []
            revision.labels = list(dict.fromkeys(change.label for change in changed))
            public = public if revision.base else revision.content
        title = _("History: %s") % row
        return self.page(request, "admin/content/history.html", title=title, original=row, revisions=revisions)

    def revision_view(self, request, pk):
        """Show a revision beside today's content; a POST restores it, unless it is a draft, which is published."""
        revision = get_object_or_404(Revision, pk=pk, model=self.opts.label_lower)
        row = self.model._base_manager.filter(pk=revision.key).first()
        may = self.has_change_permission(request, row) if row else self.has_add_permission(request)
        if not may:
            raise PermissionDenied
        is_draft = revision.action == Revision.Action.DRAFT
        if request.method == "POST" and not is_draft:
            return self.restore_revision(request, revision)
        context = {"title": _("Revision: %s") % revision.title, "revision": revision, "original": row}
        context |= self.comparison(revision, row) | {"is_draft": is_draft}
        return self.page(request, "admin/content/revision.html", **context)

    def comparison(self, revision, row) -> dict:
        """Return what differs between a revision and today's content, the later on the right."""
        empty = {"fields": {}, "parts": {part: [] for part in revision.content["parts"]}}
        sides = [(_("As it was"), revision.content), (_("Now"), snapshot(row, self.parts()) if row else empty)]
        if revision.action == Revision.Action.DRAFT:
            sides = [sides[1], (_("Draft"), revision.content)]
        (left, before), (right, after) = sides
        rows = [(each.label, *compared(each.before, each.after)) for each in changes(self.model, before, after)]
        return {"left": left, "right": right, "sides": rows}

    def restore_revision(self, request, revision):
        """Give the object the content of `revision` and say so, or why that cannot be."""
        back = reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_revision", args=[revision.pk])
        try:
            with transaction.atomic():
                old = self.model._base_manager.select_for_update().filter(pk=revision.key).first()
                before = snapshot(old, self.parts()) if old else None
                if before and before.items() <= revision.content.items():
                    messages.info(request, _("It already reads like this: nothing was changed."))
                    return HttpResponseRedirect(back)
                row = restore(self.model, revision.key, revision.content)
                if old is None:
                    self.recreated(row)
                self.record(request, row, before, Revision.Action.RESTORED)
                ContentVersion.bump()
        except (ValidationError, IntegrityError) as error:
            reasons = " ".join(getattr(error, "messages", []))
            messages.error(request, _("This cannot be restored as it was.") + f" {reasons}")
            return HttpResponseRedirect(back)
        messages.success(request, _("Restored: %s.") % row)
        return HttpResponseRedirect(self.changed_page(row))

    def recreated(self, row):
        """Do what else the return of a deleted object takes, in the same transaction; ValidationError: it cannot be."""

    def changed_page(self, row):
        return reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_change", args=[row.pk])

    def deleted_view(self, request):
        """List what was deleted and can still be restored."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        since = timezone.now() - timedelta(days=settings.KEEP_DELETED_CONTENT_DAYS)
        rows = Revision.objects.filter(
            model=self.opts.label_lower, action=Revision.Action.DELETED, saved_at__gte=since
        ).exclude(key__in=self.model._base_manager.values("pk"))
        title = _("Deleted in the last %d days") % settings.KEEP_DELETED_CONTENT_DAYS
        return self.page(request, "admin/content/deleted.html", title=title, revisions=rows.select_related("author"))


def compared(before: str, after: str) -> tuple[str, str]:
    """Return both texts without formatting, with the words that differ marked."""
    one, other = (strip_tags(text.replace("<", " <")).split() for text in (before, after))
    blocks = SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes()
    left = [("del" if kind != "equal" else "span", " ".join(one[a:b])) for kind, a, b, _c, _d in blocks if a < b]
    right = [("ins" if kind != "equal" else "span", " ".join(other[c:d])) for kind, _a, _b, c, d in blocks if c < d]
    marked = "<{0}>{1}</{0}>"
    return format_html_join(" ", marked, left), format_html_join(" ", marked, right)
