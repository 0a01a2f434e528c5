from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.seeds import load_people
from contacts.inbox.replies import load_replies
from questionnaire.content import load_wording
from treatments.content import load_pages


class Command(BaseCommand):
    help = "Load the first pages, texts and saved answers: once each; a later change is suggested as a draft."

    def handle(self, **options):
        now = timezone.now()
        pages, people, words, replies = (
            load(now=now) for load in (load_pages, load_people, load_wording, load_replies)
        )
        self.stdout.write(
            f"Content: {pages} pages, {people} people, {words} questions and outcomes, {replies} saved answers loaded."
        )
