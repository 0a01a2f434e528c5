"""The site with nothing filled in looks finished, with everything designed; pictures of both: var/screenshots."""

import re

import pytest
from playwright.sync_api import Error

from tests.site import ROOT, Site

pytestmark = pytest.mark.browser
PICTURES = ROOT / "var" / "screenshots"
PAGES = {
    "home": ("/it/", "/en/"),
    "centre": ("/it/il-centro/", "/en/the-centre/"),
    "first-visit": ("/it/prima-visita/", "/en/first-visit/"),
    "costs": ("/it/costi/", "/en/costs/"),
    "children": ("/it/bambini/", "/en/children/"),
    "questions": ("/it/domande-frequenti/", "/en/questions/"),
    "contact": ("/it/contatti/", "/en/contact/"),
    "outcome": ("/it/questionario/", "/en/questionnaire/"),
}
# The Italian pages on a phone, the English ones on a desktop.
LOOKS = [({"width": 390, "height": 844}, ["light", "dark"]), ({"width": 1440, "height": 900}, ["light"])]
# Returns what nobody should see: pictures that did not load, oval portraits, sideways scrolling, empty elements.
FAULTS = """
async () => {
  const pictures = [...document.images];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.allSettled(pictures.map((picture) => picture.decode()));
  const faults = pictures.filter((picture) => !picture.naturalWidth).map((picture) => `broken: ${picture.src}`);
  const portraits = [...document.querySelectorAll(".portrait img")].map((picture) => picture.getBoundingClientRect());
  if (portraits.some(({ width, height }) => width !== height)) faults.push("oval portrait");
  if (document.documentElement.scrollWidth > innerWidth) faults.push("scrolls sideways");
  const content = "img, svg, input, textarea, select, button";
  for (const element of document.body.querySelectorAll(":not(svg, svg *, script, style, template)")) {
    const { width, height } = element.getBoundingClientRect();
    if (element.textContent.trim() || element.matches(content) || element.querySelector(content)) continue;
    if (width && height && element.checkVisibility()) faults.push(`empty: ${element.outerHTML.slice(0, 100)}`);
  }
  return faults;
}
"""


def take_pictures(browser, site, state) -> list[str]:
    """Take a picture of each page in each look; return the faults that were found."""
    faults = []
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(base_url=site.url, reduced_motion="reduce")
    for name, paths in PAGES.items():
        for path, (size, schemes) in zip(paths, LOOKS, strict=True):
            page.set_viewport_size(size)
            page.goto(path)
            if name == "outcome":
                for question, answer in {"diagnosed": "no", "family": "no", "patches": "yes"}.items():
                    page.check(f"[name={question}][value={answer}]")
                page.evaluate("document.querySelector('.self-check').submit()")
                page.wait_for_selector("main > .safety-net")
                page.wait_for_load_state()
            faults += [f"{state} {path}: {fault}" for fault in page.evaluate(FAULTS)]
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)
                take_picture(page, PICTURES / f"{name}-{state}-{size['width']}-{scheme}.jpg")
            if name == "outcome":
                sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True))
                faults += [] if len(sheets) == 1 else [f"{state} {path}: {len(sheets)} sheets for the doctor"]
    page.close()
    return faults


def take_picture(page, file):
    options = {"path": file, "full_page": True, "type": "jpeg", "quality": 80}
    try:
        page.screenshot(**options)
    except Error:
        # On a busy machine Chromium now and then says "Unable to capture screenshot".
        page.screenshot(**options)


def test_a_site_with_nothing_filled_in_looks_finished(browser, tmp_path):
    with Site(tmp_path) as site:
        assert take_pictures(browser, site, "empty") == []


def test_a_site_with_everything_filled_in_looks_designed(browser, tmp_path):
    site = Site(tmp_path)
    site.prepare()
    site.python("from tests.browser import filled; filled.fill()")
    with site:
        assert take_pictures(browser, site, "filled") == []
