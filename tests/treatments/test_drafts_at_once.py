"""Workers on either database that publish at the same moment: each draft is published once."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from tests.postgres import throw_away_database
from tests.site import Site

WORKERS = 3
DRAFTS = """
from django.utils import timezone
from clinic.models.revisions import Revision, snapshot
from treatments.models import Page
parts = ["sections", "faqs", "sources"]
pages = Page.objects.filter(sections__isnull=False).distinct()
for page in pages:
    base, content = (snapshot(page, parts) for _each in range(2))
    content["fields"]["title_it"] = f"Bozza {page.pk}"
    content["parts"]["sections"].append(content["parts"]["sections"][0] | {"pk": -1, "heading_it": "Nuova"})
    Revision.record(page, "draft", content, author=None, now=timezone.now(), base=base, publish_at=timezone.now())
print(len(pages))
"""
PUBLISH = """
import time
from django.utils import timezone
from clinic.editing.publishing import publish_due
time.sleep(max(0, {start} - time.time()))
print(publish_due(now=timezone.now()))
"""
RESULT = """
from clinic.models import Revision
from treatments.models import Page, Section
print(Revision.objects.filter(action="published").count(), Revision.objects.filter(action="draft").count(),
      Page.objects.filter(title_it__startswith="Bozza").count(), Section.objects.filter(heading_it="Nuova").count())
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_draft_is_published_once_however_many_workers_run(database, tmp_path):
    with throw_away_database() if database == "postgresql" else nullcontext() as url:
        site = Site(tmp_path, **({"DATABASE_URL": url} if url else {}))
        site.prepare()
        drafts = int(site.python(DRAFTS))
        code = PUBLISH.format(start=time.time() + 5)
        with ThreadPoolExecutor(WORKERS) as pool:
            published = list(pool.map(lambda _worker: int(site.python(code)), range(WORKERS)))
        assert sum(published) == drafts
        assert site.python(RESULT).split() == [str(drafts), "0", str(drafts), str(drafts)]
