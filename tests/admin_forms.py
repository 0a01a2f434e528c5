"""Reads the forms of an admin page, for tests that fill them in without a browser."""

from html.parser import HTMLParser


class Form(HTMLParser):
    """The names and values of the forms in an admin page, as a browser would submit them."""

    def __init__(self, html):
        super().__init__()
        self.values, self.select, self.area = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "input" and given.get("name") and given.get("type") not in {"submit", "file", "search"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self.values[given["name"]] = given.get("value") or ""
        elif tag == "textarea":
            self.area = given["name"]
            self.values[self.area] = ""
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and "selected" in given:
            self.values[self.select] = given["value"]

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
