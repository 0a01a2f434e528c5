#!/usr/bin/env python
"""Run the site's commands."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError:
        sys.exit("Django is not installed here: run `make run`, or `pip install -r requirements.txt`.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The site cannot start: {error}")
    except OperationalError as error:
        from clinic.database import errors

        sys.exit(errors.message(error))


if __name__ == "__main__":
    main()
