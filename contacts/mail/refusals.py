"""Judges why a mail server refused an email: because the mailbox or its domain does not exist, or for another reason.

Sources: RFC 3463 and 5321 for the codes; Postfix, Exim, Sendmail, qmail, cPanel, Gmail, Outlook, Exchange, Yahoo, GMX,
Aruba and Libero for the words.
"""

import re

# Of the server's words these say nothing: an address or a link may contain any of the words below.
ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>,;:]+>?")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
ENHANCED_CODE = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
# 5.1.7 and 5.1.8 are about the sender's address.
NO_SUCH_ADDRESS = re.compile(r"5\.1\.(?![78]$)\d+")
MAILBOX = r"(?:user|mailbox|mail ?box|recipient|addressee|account|address|alias|domain(?: name)?|host|person|customer)"
NOBODY = (
    r"(?:unknown|not (?:be )?found|unrecogni[sz]ed|(?:does|do)(?: not|n't) exist|not exist|is not known|doesn't have)"
)

ABOUT_THE_SENDER = re.compile(
    r"\bsenders?\b|\bmail from\b|\bfrom (?:address|domain|header)|\breturn[- ]path|\benvelope[- ]from|\bhelo\b|\behlo\b"
    r"|\bclient (?:host|does not)|\breverse dns|\bptr\b|\bhostname|\bmittente",
    re.IGNORECASE,
)
NOBODY_THERE = re.compile(
    rf"\b{MAILBOX}\b[^.;]{{0,60}}?\b{NOBODY}"
    rf"|\b(?:unknown|no such|invalid|non-?existent|bad destination|inactive|disabled)(?: \w+)? {MAILBOX}\b"
    rf"|\bno (?:{MAILBOX}|\w+) (?:here )?(?:by|with|of) that name|\bno {MAILBOX} here"
    rf"|\b(?:is )?not (?:a (?:known|valid)|our) (?:user|recipient|{MAILBOX})"
    rf"|\b{MAILBOX}\b[^.;]{{0,60}}?\b(?:disabled|inactive|deactivated|closed|no longer (?:exists|available|valid))"
    r"|\bunrouteable|\bunroutable|\brecipnotfound|recipientnotfound|\bno longer accepts mail|^unknown\b"
    r"|\b(?:utente|destinatario|casella|indirizzo|dominio|account)\b[^.;]{0,40}?"
    r"(?:sconosciut|inesistente|non esist|non trovat|disattivat|disabilitat)"
    r"|\b(?:utilisateur|destinataire) inconnu|\bempf\u00e4nger unbekannt",
    re.IGNORECASE,
)
ABOUT_SOMETHING_ELSE = re.compile(
    r"polic|\bspam|\bblock|blacklist|black list|blocklist|listed|\brbl\b|\bdnsbl|reputation|quota|\bfull\b|storage"
    r"|limit|too many|exceed|\brate\b|relay(?:ing)? |unable to relay|authenticat|not authori[sz]ed|\bspf\b|\bdkim\b"
    r"|\bdmarc\b|\bdns\b|\bvirus|malware|content|size|too large|permission|suspicious|unsolicited|\btls\b|encrypt",
    re.IGNORECASE,
)
WEAK_SIGNS = re.compile(
    rf"\b{MAILBOX} (?:is )?(?:unavailable|not available|rejected|invalid)\b|\binvalid recipient", re.IGNORECASE
)


def enhanced_code(text: str) -> str:
    """Return the first RFC 3463 code in `text`, such as 5.1.1, or ""."""
    found = ENHANCED_CODE.search(ADDRESS.sub("", text))
    return found[0] if found else ""


def is_no_such_address(code: int, text: str) -> bool:
    """Return whether a server that refused with `code` and `text` said that the recipient's mailbox does not exist."""
    if not 500 <= code < 600:
        return False
    enhanced = enhanced_code(text)
    words = LINK.sub(" ", ADDRESS.sub(" address ", text))
    words = " ".join(ENHANCED_CODE.sub(" ", words).split()).strip(" -#()")
    if ABOUT_THE_SENDER.search(words):
        return False
    if NOBODY_THERE.search(words):
        return True
    # Exchange Online's answer for a mailbox that is not in the directory of its organisation.
    if enhanced == "5.4.1" and "recipient address rejected" in words.lower():
        return True
    if ABOUT_SOMETHING_ELSE.search(words):
        return False
    is_about_policy = enhanced.startswith("5.7.")
    return bool(NO_SUCH_ADDRESS.fullmatch(enhanced)) or (not is_about_policy and bool(WEAK_SIGNS.search(words)))
