"""Photographs and their files: those of a deleted one are kept out of reach for as long as it can be restored."""

import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from PIL import Image

from clinic.models import Revision
from treatments.images import ENCODERS, renditions, widths_of

# The folder of MEDIA_ROOT for the files of deleted photographs; clinic.urls serves only photos/.
DELETED = "deleted/"


class Photo(models.Model):
    """One photograph; its files have random names and never change, so that browsers may cache them for ever."""

    name = models.CharField(max_length=16, unique=True, editable=False)
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)
    alt = models.CharField(
        _("what it shows"), max_length=250, help_text=_("In words, for those who do not see it. In both languages.")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(alt_it__isnull=False, alt_en__isnull=False) & ~Q(alt_it="") & ~Q(alt_en=""),
                name="photo_says_what_it_shows_in_both_languages",
            ),
        ]

    def __str__(self):
        return self.alt or self.alt_it or ""

    def file(self, width: int, extension: str) -> str:
        return f"photos/{self.name}-{width}.{extension}"

    def files(self) -> list[str]:
        return [self.file(width, extension) for width in widths_of(self.width) for extension in ENCODERS]

    def srcset(self, extension: str) -> str:
        return ", ".join(
            f"{default_storage.url(self.file(width, extension))} {width}w" for width in widths_of(self.width)
        )

    @property
    def avif(self) -> str:
        return self.srcset("avif")

    @property
    def webp(self) -> str:
        return self.srcset("webp")

    @property
    def largest(self) -> str:
        return default_storage.url(self.file(self.width, "webp"))

    def save_picture(self, picture: Image.Image) -> None:
        """Save the row with the files of `picture`; the files of a replaced picture are deleted on commit."""
        earlier = self.files() if self.name else []
        self.name, (self.width, self.height) = secrets.token_hex(8), picture.size
        for width, extension, content in renditions(picture):
            default_storage.save(self.file(width, extension), ContentFile(content))
        try:
            self.save()
        except Exception:
            remove(self.files())
            raise
        transaction.on_commit(lambda: remove(earlier))

    def take_files_back(self) -> None:
        """Put the files of a deleted photograph in place again, on commit; ValidationError if they are gone."""
        files = self.files()
        if not all(default_storage.exists(DELETED + file) for file in files):
            raise ValidationError(_("The files of this photograph are no longer kept."))
        transaction.on_commit(lambda: move({DELETED + file: file for file in files}))


def remove(files: list[str]) -> None:
    for file in files:
        default_storage.delete(file)


def move(names: dict[str, str]) -> None:
    for old, new in names.items():
        with default_storage.open(old) as content:
            default_storage.save(new, content)
        default_storage.delete(old)


@receiver(post_delete, sender=Photo)
def set_files_aside(instance: Photo, **kwargs) -> None:
    """Move the files with the deletion of the row, however it is deleted, to where the site serves none."""
    transaction.on_commit(lambda: move({file: DELETED + file for file in instance.files()}))


def forget_deleted() -> None:
    """Delete the files of deleted photographs that no revision can restore any more."""
    deleted = Revision.objects.filter(model=Photo._meta.label_lower, action=Revision.Action.DELETED)
    kept = {content["hidden"]["name"] for content in deleted.values_list("content", flat=True)}
    folder = f"{DELETED}photos"
    names = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
    remove([f"{folder}/{name}" for name in names if name.split("-")[0] not in kept])
