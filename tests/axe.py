"""What the tests in a real browser ask of axe."""

from axe_playwright_python.sync_playwright import Axe

# Without reading the stylesheets a second time: on the desk the policy refuses it, everywhere it takes a third of the
# time, and the one rule that needs it (a page locked to one orientation) has no rule of ours to find.
# Every rule of WCAG 2.2 AA counts: axe leaves the size of targets off by itself.
VIOLATIONS = """axe.run({
  resultTypes: ['violations'], preload: false, rules: {'target-size': {enabled: true}},
}).then((results) => results.violations)"""
# The rules that look at the page as it is drawn. In another size or scheme the others, which read its elements and
# texts, find again what they found.
VIOLATIONS_OF_LOOKS = """axe.run({
  resultTypes: ['violations'], preload: false,
  runOnly: ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'],
}).then((results) => results.violations)"""


def axe_violations(page):
    violations = Axe().run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in violations]
