"""Italian dates in digits: Django's own formats capitalise weekday and month, which is wrong in Italian."""

DATE_FORMAT = "j/n/Y"
DATETIME_FORMAT = "j/n/Y H:i"
