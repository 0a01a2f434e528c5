"""Whether the process lives and can serve, for whatever watches it; strangers learn nothing more."""

import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

LEAST_FREE_BYTES = 50 * 1024 * 1024


@require_safe
@never_cache
def livez(request):
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """503 when the database does not answer, lacks migrations, or the disk is full."""
    is_ready = disk_has_room() and database_is_ready()
    return HttpResponse(
        "ok\n" if is_ready else "not ready\n", content_type="text/plain", status=200 if is_ready else 503
    )


def disk_has_room() -> bool:
    try:
        disk = os.statvfs(settings.VAR_DIR)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize >= LEAST_FREE_BYTES


def database_is_ready() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False
