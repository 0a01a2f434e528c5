"""The structured data (schema.org, JSON-LD) of a page; it states nothing that the page does not show."""

import json
import re
from html import unescape

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DERMATOLOGY = "https://schema.org/Dermatology"
# The escapes of django.utils.html.json_script: no text can end the script element or begin another.
ESCAPES = [("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")]
BLOCK_END = re.compile(r"</(?:p|li|h3|tr|t[dh])>|<br>")


def plain(html: str) -> str:
    """Return the plain text of formatted text as a reader sees it, with a space between its blocks."""
    return " ".join(unescape(strip_tags(BLOCK_END.sub(" ", html))).split())


def compact(**properties) -> dict:
    """Return the properties that have a value; `type` and `id` become "@type" and "@id"."""
    own = {"type": "@type", "id": "@id"}
    return {own.get(name, name): value for name, value in properties.items() if value not in (None, "", [], {})}


def clinic_node(clinic, *, site: str) -> dict:
    address = compact(
        type="PostalAddress",
        streetAddress=clinic.street,
        postalCode=clinic.postal_code,
        addressLocality=clinic.city,
        addressCountry="IT",
    )
    hours = [
        compact(
            type="OpeningHoursSpecification",
            dayOfWeek=f"https://schema.org/{DAYS[stretch.weekday]}",
            opens=f"{stretch.opens:%H:%M}",
            closes=f"{stretch.closes:%H:%M}",
        )
        for stretch in clinic.hours
    ]
    return compact(
        type="MedicalClinic",
        id=f"{site}/#clinic",
        name=clinic.display_name,
        legalName=clinic.legal_name,
        url=f"{site}/",
        address=address,
        telephone=clinic.phone,
        email=clinic.email,
        vatID=clinic.vat_number,
        medicalSpecialty=DERMATOLOGY,
        openingHoursSpecification=hours,
    )


def person_node(person, *, site: str) -> dict:
    """Return a person of the centre: a physician only with the Order and number that anyone can check."""
    is_physician = person.medical_order and person.order_number
    return compact(
        type="IndividualPhysician" if is_physician else "Person",
        name=person.name,
        description=person.title,
        identifier=f"{person.medical_order} {person.order_number}" if is_physician else None,
        image=site + person.portrait.largest if person.portrait else None,
        **{"practicesAt" if is_physician else "worksFor": {"@id": f"{site}/#clinic"}},
    )


def page_node(page, *, url: str, language: str, site: str, faqs, sources) -> dict:
    """Return the node of the page; its frequent questions are its main entity."""
    is_home = page.kind == "home"
    subject = {"condition": "MedicalCondition", "treatment": "MedicalProcedure"}.get(page.kind)
    return compact(
        type=["WebPage" if is_home else "MedicalWebPage", *(["FAQPage"] if faqs else [])],
        id=url,
        url=url,
        name=page.title,
        description=page.summary,
        inLanguage=language,
        isPartOf={"@id": f"{site}/#site"},
        publisher={"@id": f"{site}/#clinic"},
        about=compact(type=subject, name=page.title, relevantSpecialty=DERMATOLOGY) if subject else None,
        audience=None if is_home else {"@type": "Patient"},
        specialty=None if is_home else DERMATOLOGY,
        citation=[source["text"] for source in sources],
        lastReviewed=page.reviewed_on.isoformat() if page.reviewed_by else None,
        reviewedBy=compact(type="Person", name=page.reviewed_by) if page.reviewed_by else None,
        mainEntity=[
            compact(
                type="Question",
                name=faq.question,
                acceptedAnswer=compact(type="Answer", text=plain(faq.html)),
            )
            for faq in faqs
        ],
    )


def article_node(page, *, url: str, language: str, site: str) -> dict:
    return compact(
        type="Article",
        headline=page.title,
        description=page.summary,
        datePublished=page.published_at.isoformat(),
        inLanguage=language,
        mainEntityOfPage={"@id": url},
        publisher={"@id": f"{site}/#clinic"},
    )


def breadcrumb_node(crumbs: list[tuple[str, str]]) -> dict:
    items = [
        compact(type="ListItem", position=position, name=name, item=url)
        for position, (name, url) in enumerate(crumbs, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def describe(page, *, clinic, site, url, language, faqs, sources, crumbs, shows_people=False) -> dict:
    """Return the structured data of a public page, as one graph."""
    graph = [
        compact(type="WebSite", id=f"{site}/#site", url=f"{site}/", name=clinic.display_name),
        clinic_node(clinic, site=site),
        page_node(page, url=url, language=language, site=site, faqs=faqs, sources=sources),
    ]
    if page.kind != "home":
        graph.append(breadcrumb_node(crumbs))
    if shows_people:
        graph += [person_node(person, site=site) for person in clinic.people]
    if page.kind == "news":
        graph.append(article_node(page, url=url, language=language, site=site))
    return {"@context": "https://schema.org", "@graph": graph}


def script(data: dict) -> SafeString:
    """Return `data` as a JSON-LD script element, which no browser runs and no text in it can close."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escape in ESCAPES:
        text = text.replace(character, escape)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above
