"""Italian dates in figures: Django's own write weekday and month with a capital, as no Italian does."""

DATE_FORMAT = "j/n/Y"
DATETIME_FORMAT = "j/n/Y H:i"
