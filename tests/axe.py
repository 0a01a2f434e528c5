"""What the walks through a real browser ask of axe."""

# Without reading the stylesheets a second time: on the desk the policy refuses it, everywhere it takes a third of the
# time, and the one rule that needs it (a page locked to one orientation) has no rule of ours to find.
# Every rule of WCAG 2.2 AA counts: axe leaves the size of targets off by itself.
VIOLATIONS = """axe.run({
  resultTypes: ['violations'], preload: false, rules: {'target-size': {enabled: true}},
}).then((results) => results.violations)"""
