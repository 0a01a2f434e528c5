from django.core.management.base import BaseCommand
from django.utils import timezone

from questionnaire.content import load_words
from treatments.content import load_pages


class Command(BaseCommand):
    help = "Load the first pages, questions and outcomes: once each, never over what staff wrote or deleted."

    def handle(self, **options):
        pages = load_pages(now=timezone.now())
        words = load_words()
        self.stdout.write(f"Content: {pages} pages and {words} questions and outcomes loaded.")
