"""What mail servers say, as they say it, and what each refusal is about."""

import pytest

from contacts.mail.refusals import enhanced_code, is_no_such_address

ADDRESS, OTHER = True, False
REFUSALS = [
    # Gmail
    (550, "5.1.1 The email account that you tried to reach does not exist. Please try\n5.1.1 double-checking the "
          "recipient's email address for typos or\n5.1.1 unnecessary spaces. https://support.google.com/mail/?p=NoSuchUser",
     ADDRESS),
    (550, "5.2.1 The email account that you tried to reach is disabled. https://support.google.com/mail/?p=DisabledUser",
     ADDRESS),
    (552, "5.2.2 The email account that you tried to reach is over quota. https://support.google.com/mail/?p=OverQuotaPerm",
     OTHER),
    (550, "5.4.5 Daily user sending limit exceeded. https://support.google.com/a/answer/166852", OTHER),
    (550, "5.7.26 This mail has been blocked because the sender is unauthenticated.\n5.7.26 DKIM failed", OTHER),
    (550, "5.7.1 [203.0.113.5] Our system has detected that this message is likely unsolicited mail.", OTHER),
    # Postfix
    (550, "5.1.1 <anna@example.org>: Recipient address rejected: User unknown in local recipient table", ADDRESS),
    (550, "5.1.1 <anna@example.org>: Recipient address rejected: User unknown in relay recipient table", ADDRESS),
    (550, "5.1.1 <spam.policy@example.org>: Recipient address rejected: User unknown in virtual table", ADDRESS),
    (550, "5.1.2 <anna@exmaple.org>: Recipient address rejected: Domain not found", ADDRESS),
    (554, "5.7.1 <anna@example.org>: Relay access denied", OTHER),
    (554, "5.7.1 Service unavailable; Client host [203.0.113.5] blocked using zen.spamhaus.org", OTHER),
    (553, "5.1.8 <site@clinic.example>: Sender address rejected: Domain not found", OTHER),
    (550, "5.1.0 <site@clinic.example>: Sender address rejected: User unknown in virtual mailbox table", OTHER),
    (554, "5.7.1 <anna@example.org>: Recipient address rejected: Access denied", OTHER),
    (554, "5.7.1 <anna@example.org>: Recipient address rejected: Please see http://www.openspf.org/why", OTHER),
    (552, "5.3.4 Message size exceeds fixed limit", OTHER),
    # Exchange and Outlook
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient anna@example.org not found by SMTP lookup", ADDRESS),
    (550, "5.4.1 Recipient address rejected: Access denied. [AM4PEPF00027A65.eurprd04.prod.outlook.com]", ADDRESS),
    (550, "5.5.0 Requested action not taken: mailbox unavailable", ADDRESS),
    (550, "5.7.1 Service unavailable, Client host [203.0.113.5] blocked using Spamhaus.", OTHER),
    (550, "5.7.60 SMTP; Client does not have permissions to send as this sender", OTHER),
    (550, "SC-001 (COL004) Unfortunately, messages from 203.0.113.5 weren't sent, for policy reasons.", OTHER),
    (550, "5.7.1 Unable to relay", OTHER),
    (550, "5.7.1 relaying denied", OTHER),
    # Exim and cPanel
    (550, "No Such User Here", ADDRESS),
    (550, "Unrouteable address", ADDRESS),
    (550, "Unknown user", ADDRESS),
    (550, "Verification failed for <site@clinic.example>\nNo Such User Here\nSender verify failed", OTHER),
    (550, "relay not permitted", OTHER),
    (550, "authentication required", OTHER),
    # qmail
    (550, "sorry, no mailbox here by that name. (#5.1.1)", ADDRESS),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", OTHER),
    (511, "sorry, no mailbox here by that name (#5.1.1 - chkuser)", ADDRESS),
    # Sendmail
    (550, "5.1.1 <anna@example.org>... User unknown", ADDRESS),
    (550, "5.1.2 <anna@exmaple.org>... Host unknown (Name server: exmaple.org: host not found)", ADDRESS),
    (550, "5.7.1 <anna@example.org>... Relaying denied. Proper authentication required.", OTHER),
    # Yahoo, GMX, iCloud, Comcast
    (554, "delivery error: dd This user doesn't have a yahoo.com account (anna@example.org) [0]", ADDRESS),
    (552, "1 Requested mail action aborted, mailbox full", OTHER),
    (550, "Requested action not taken: mailbox unavailable\ninvalid DNS MX or A/AAAA resource record", OTHER),
    (550, "5.1.6 recipient no longer on server: anna@example.org", ADDRESS),
    (550, "5.1.0 Address rejected.", ADDRESS),
    (554, "5.7.1 [CS01] Message blocked due to the reputation of the sending IP", OTHER),
    # Italian servers
    (550, "5.1.1 <anna@example.org> utente sconosciuto", ADDRESS),
    (550, "Casella inesistente", ADDRESS),
    (550, "mittente non autorizzato", OTHER),
    # The domain, as a smart host says it
    (550, "Host or domain name not found. Name service error for name=exmaple.org type=A: Host not found", ADDRESS),
    (550, "5.4.4 Invalid domain: no such domain", ADDRESS),
    # A server that says next to nothing
    (550, "<anna@example.org> unknown", ADDRESS),
    (550, "unknown", ADDRESS),
    (554, "no", OTHER),
    (550, "", OTHER),
    (550, "5.0.0 rejected", OTHER),
    # Not for ever
    (450, "4.1.1 <anna@example.org>: Recipient address rejected: unverified address", OTHER),
    (452, "4.2.2 The email account that you tried to reach is over quota", OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "is_address"), REFUSALS)
def test_only_no_such_mailbox_or_domain_is_about_the_address(code, text, is_address):
    assert is_no_such_address(code, text) is is_address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.7.1 blocked", "5.7.1"),
        ("(#5.1.1)", "5.1.1"),
        ("host 192.5.7.1 refused", ""),
        ("[5.1.1.20] refused", ""),
        ("<a5.1.1@example.org> refused", ""),
        ("5.1.10 not found.", "5.1.10"),
    ],
)
def test_a_code_is_not_part_of_a_network_address_or_an_email_address(text, code):
    assert enhanced_code(text) == code
