"""Static files storage: hashed names, compressed files, and the stylesheet's imports inlined."""

import re
from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'@import "([\w-]+\.css)";')


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Inline the imports of css/site.css, so that a browser requests one file. In development they stay imports."""

    def post_process(self, paths, **options):
        if STYLESHEET in paths:

            def read(name):
                storage, path = paths[name]
                with storage.open(path) as file:
                    return file.read().decode()

            bundled = IMPORT.sub(lambda match: read(f"css/{match[1]}"), read(STYLESHEET))
            Path(self.path(STYLESHEET)).write_text(bundled)
            paths = paths | {STYLESHEET: (self, STYLESHEET)}
        yield from super().post_process(paths, **options)
