"""All models of contacts."""

from contacts.models.emails import OutboxEmail, SavedReply
from contacts.models.leads import Arrival, Lead, LeadNote
from contacts.models.ledgers import AccessEntry, Consent
from contacts.models.worker import WorkerHeartbeat

__all__ = ["AccessEntry", "Arrival", "Consent", "Lead", "LeadNote", "OutboxEmail", "SavedReply", "WorkerHeartbeat"]
