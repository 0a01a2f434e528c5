"""Drafts in the admin: content that waits beside what visitors see, to be previewed, compared and published."""

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.editing import form_data
from clinic.editing.moments import MomentField, day_and_hour
from clinic.models.revisions import Revision, number_new_parts, snapshot


class DraftViews:
    """The page of the draft of an object, and the buttons of a form that make nothing public.

    Each object has one draft at most. Its page is the form of the object as it will be sent to publish it, so that
    validation, previews and merging with what colleagues saved meanwhile are those of any form.
    """

    has_preview = False

    def may_have_draft(self, row) -> bool:
        """Return whether visitors see `row`: of anything else each save is a draft already."""
        return True

    def preview_page(self, request, row, language):
        """Return the page that visitors see `row` on, if `has_preview`."""
        raise NotImplementedError

    def words_of_draft(self, row) -> str:
        return _("Saved as a draft: visitors see the text as it was.")

    def get_urls(self):
        name = self.opts.label_lower.replace(".", "_")
        draft = path("<int:pk>/draft/", self.admin_site.admin_view(self.draft_view), name=f"{name}_draft")
        return [draft, *super().get_urls()]

    def draft_view(self, request, pk):
        """Show the form with the draft in it; a POST is that form, or one of the buttons beside the public content."""
        with transaction.atomic():
            row = self.locked(request, str(pk))
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            request.draft = Revision.draft_of(self.model, pk)
            if "opened" in request.POST:
                return self.changeform_view(request, str(pk))
            if row is None:
                messages.warning(request, _("This was deleted: restore it here first, then its draft is there again."))
                return HttpResponseRedirect(reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_deleted"))
            if not request.draft or request.POST.get("draft", str(request.draft.pk)) != str(request.draft.pk):
                messages.warning(
                    request, _("This draft does not wait any more: it was changed, published or discarded.")
                )
                return HttpResponseRedirect(self.changed_page(row))
            if "_discard" in request.POST:
                request.draft.discard()
                messages.success(request, _("The draft was discarded. It stays in the history."))
                return HttpResponseRedirect(self.changed_page(row))
            if "_schedule" in request.POST:
                return self.schedule_draft(request, row)
            return self.draft_form(request, row, request.POST)

    def draft_form(self, request, row, buttons):
        """Treat the draft as a form that was sent with `buttons`; without any it is only shown."""
        request.POST = self.data_of_draft(request, row)
        request.POST.update({name: "1" for name in buttons if name.startswith("_")} or {"_put_back": "1"})
        request.method = "POST"
        return self.changeform_view(request, str(row.pk))

    def schedule_draft(self, request, row):
        """Publish the draft at the moment that was sent, which may be now; without one, take its date away."""
        try:
            moment = MomentField(required=False).clean(request.POST.get("publish_at", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.changed_page(row))
        if moment and moment <= timezone.now():
            return self.draft_form(request, row, ["_save"])
        request.draft.publish_at = moment
        request.draft.save(update_fields=["publish_at"])
        words = _("The draft will be published on %s at %s.") % day_and_hour(moment) if moment else ""
        messages.success(request, words or _("The draft waits, without a date."))
        return HttpResponseRedirect(self.changed_page(row))

    def data_of_draft(self, request, row):
        """Return what the form of `row`, opened when the draft was saved, would send to make the draft public."""
        data, draft = QueryDict(mutable=True), request.draft
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        values = form_data.form_values(self.model, draft.content["fields"])
        form = self.get_form(request, row, change=True, fields=fields)(instance=row, initial=values)
        data.update(form_data.untouched(form))
        for part, _inline, formset in self.formsets_by_part(request, row):
            form_data.rows_of_draft(formset, row.pk, draft.base["parts"][part], draft.content["parts"][part], data)
        data.update({"opened": signing.dumps(draft.base, compress=True), "draft": str(draft.pk)})
        return data

    def response_add(self, request, obj, post_url_continue=None):
        return self.unsaved(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self.unsaved(request, obj) or super().response_change(request, obj)

    def unsaved(self, request, row):
        """Answer a button that makes nothing public, and roll back what the form saved; None for the other buttons."""
        language = next((each for each, _name in settings.LANGUAGES if f"_preview_{each}" in request.POST), None)
        if language and self.has_preview:
            response = self.preview_page(request, row, language)
        elif "_draft" in request.POST and request.may_have_draft:
            request.drafted = number_new_parts(snapshot(row, self.parts()), request.before)
            messages.success(request, self.words_of_draft(row))
            response = HttpResponseRedirect(self.changed_page(row))
        else:
            return None
        transaction.set_rollback(True)
        return response

    def keep_draft(self, request, row):
        """Store what the form would have saved; the draft before it stays in the history, its date stays."""
        earlier, now = Revision.draft_of(self.model, row.pk), timezone.now()
        publish_at = earlier.publish_at if earlier and earlier.publish_at and earlier.publish_at > now else None
        if earlier:
            earlier.discard()
        Revision.record(
            row, Revision.Action.DRAFT, request.drafted,
            author=request.user, now=now, base=request.before, publish_at=publish_at,
        )  # fmt: skip

    def replaced_draft(self, request, row):
        """Return the draft that the form would replace or publish over, although it did not show it; else None."""
        if not (request.draft or "_draft" in request.POST):
            return None
        draft = Revision.draft_of(self.model, row.pk)
        return draft if draft and request.POST.get("draft") != str(draft.pk) else None
