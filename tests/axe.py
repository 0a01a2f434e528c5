"""What the walks through a real browser ask of axe."""

# Without reading the stylesheets a second time: on the desk the policy refuses it, everywhere it takes a third of the
# time, and the one rule that needs it (a page locked to one orientation) has no rule of ours to find.
VIOLATIONS = "axe.run({resultTypes: ['violations'], preload: false}).then((results) => results.violations)"
