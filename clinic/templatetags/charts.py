"""{% bar_chart %}: a bar chart as SVG, with the same numbers in a table."""

from django import template

register = template.Library()
HEIGHT, STEP, BAR = 120, 40, 28


@register.inclusion_tag("clinic/_bar_chart.html")
def bar_chart(name, title, rows, series):
    """Draw `rows` of (label, [a number per series]) as stacked bars; `name` is the prefix of the HTML ids."""
    highest = max([sum(numbers) for _label, numbers in rows] + [1])
    bars = []
    for place, (label, numbers) in enumerate(rows):
        parts, top = [], HEIGHT
        for number, number_of_series in zip(numbers, range(1, len(numbers) + 1), strict=True):
            # Integers: with a decimal comma, as in Italian, the SVG would be invalid.
            height = round(number * HEIGHT / highest)
            top -= height
            parts.append({"y": top, "height": height, "series": number_of_series})
        x = place * STEP
        bars.append({"label": label, "x": x, "middle": x + BAR // 2, "parts": parts, "total": sum(numbers), "top": top})
    return {
        "name": name,
        "title": title,
        "rows": rows,
        "series": series,
        "bars": bars,
        "bar_width": BAR,
        "width": len(rows) * STEP,
        "total": sum(bar["total"] for bar in bars),
    }
