"""Static files storage: hashed names, compressed files, and the stylesheet's imports inlined."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET, SCRIPTS = "css/site.css", "js/"
STYLE_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
SCRIPT_COMMENT = re.compile(r"^\s*(//[^\n]*\n|/\*.*?\*/\n)", re.DOTALL | re.MULTILINE)
IMPORT = re.compile(r'@import "([\w-]+\.css)";')


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Inline the imports of css/site.css and remove the comments of our own styles and scripts; not in development."""

    def post_process(self, paths, **options):
        def read(name):
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        smaller = {name: SCRIPT_COMMENT.sub("", read(name)) for name in paths if name.startswith(SCRIPTS)}
        if STYLESHEET in paths:
            bundled = IMPORT.sub(lambda match: read(f"css/{match[1]}"), read(STYLESHEET))
            smaller[STYLESHEET] = STYLE_COMMENT.sub("", bundled)
        for name, text in smaller.items():
            Path(self.path(name)).write_text(text)
        yield from super().post_process(paths | {name: (self, name) for name in smaller}, **options)


@cache
def stylesheet() -> str:
    """Return the collected css/site.css, which cached pages carry in themselves; '' where nothing is collected."""
    if not isinstance(staticfiles_storage, StaticFiles):
        return ""
    with staticfiles_storage.open(staticfiles_storage.stored_name(STYLESHEET)) as file:
        return file.read().decode()


@cache
def stylesheet_source() -> str:
    """Return what the Content-Security-Policy calls that text."""
    return f"'sha256-{b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()}'"
