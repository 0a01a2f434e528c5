"""What the desk's home says to owners about the last drill."""

from django import template
from django.utils import timezone

from clinic.models import Drill

register = template.Library()


@register.inclusion_tag("admin/home/drill.html")
def last_drill():
    """Render what the last drill found; nothing before the first."""
    drill = Drill.objects.first()
    return {"drill": drill, "is_late": drill and drill.is_late(now=timezone.now())}
