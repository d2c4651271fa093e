"""Markdown as a host reads it: rendered, then searched for what it would turn into links and notifications."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

ACTS = re.compile(
    r"@[A-Za-z0-9]"
    r"|#\d"
    r"|\b(?:https?|ftp)://"
    r"|\bwww\.[a-z]"
    r"|\b(?:GH|GHSA|CVE)-\d"
    r"|[\w.+-]+@[\w-]+\.\w"
    r"|[!~%$&^]\w"
    r"|:\w*[a-z][\w+-]*:|:(?:[+-]1|100|1234):",
    re.IGNORECASE,
)
"""What GitHub and GitLab look for in each text outside of code."""
VOID = {"hr", "br", "img", "input", "meta"}


@dataclass
class Page(HTMLParser):
    """The elements of a rendered comment: what is in each, and whether they nest."""

    rows: list[list[str]] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if not {"code", "pre"} & set(self.open):
            self.loose.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def read(markdown: str) -> Page:
    """Return a comment as it is shown; everything in it nests."""
    page = Page()
    page.feed(MarkdownIt("js-default", {"html": True, "linkify": False}).render(markdown))
    page.close()
    assert page.open == []
    return page


def acts(page: Page) -> list[str]:
    """Return every text that a host would turn into something else."""
    return [text for text in page.loose if ACTS.search(text)]
