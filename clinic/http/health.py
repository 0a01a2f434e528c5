"""Health checks: /livez (the process runs) and /readyz (it can serve); they reveal nothing else."""

import os

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.caching.values import CachedValue
from clinic.database.errors import DATABASE_ERRORS

LEAST_FREE_BYTES = 50 * 1024 * 1024


@require_safe
@never_cache
def livez(request):
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """503 if the database does not answer or lacks migrations, or the disk is full; checked once a second at most."""
    is_ready = readiness.current()
    return HttpResponse(
        "ok\n" if is_ready else "not ready\n", content_type="text/plain", status=200 if is_ready else 503
    )


def disk_has_room(*, least_bytes: int = LEAST_FREE_BYTES) -> bool:
    try:
        disk = os.statvfs(settings.VAR_DIR)
    except OSError:
        return False
    return not disk.f_flag & os.ST_RDONLY and disk.f_bavail * disk.f_frsize >= least_bytes


def missing_migrations() -> int:
    """Return how many migrations the database lacks; raises one of DATABASE_ERRORS when it does not answer."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_ready() -> bool:
    try:
        return disk_has_room() and not missing_migrations()
    except DATABASE_ERRORS:
        return False


readiness: CachedValue[bool] = CachedValue(is_ready, seconds=1)
