"""Static files as they are served: hashed, compressed, and the layers of the stylesheet put into one file."""

import re
from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'@import "([\w-]+\.css)";')


class StaticFiles(CompressedManifestStaticFilesStorage):
    """We write small stylesheets; a browser asks for one. In development the imports work as they stand."""

    def post_process(self, paths, **options):
        if STYLESHEET in paths:

            def read(name):
                storage, path = paths[name]
                with storage.open(path) as file:
                    return file.read().decode()

            whole = IMPORT.sub(lambda found: read(f"css/{found[1]}"), read(STYLESHEET))
            Path(self.path(STYLESHEET)).write_text(whole)
            paths = paths | {STYLESHEET: (self, STYLESHEET)}
        yield from super().post_process(paths, **options)
