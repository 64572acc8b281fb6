"""What the styles of a DOCX say about a paragraph, in whatever language they are named."""

import re
from dataclasses import dataclass
from typing import Any

# lxml brings no types of its own.
Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Word keeps the English names of its own styles inside; the ids are localised.
_HEADING = re.compile(r"(?:heading|pennawd)\s*([1-9])$", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|teitl)$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|contents)\s*(?:heading|\d)", re.IGNORECASE)
_LIST = re.compile(r"list (?:bullet|number)", re.IGNORECASE)
_MAX_DEPTH = 20
_MAX_OUTLINE = 8


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a paragraph is by its style; `heading_level` is 0 where it is no heading."""

    heading_level: int = 0
    is_list: bool = False
    is_contents: bool = False
    is_bold: bool = False


class Styles:
    """The styles of one document.

    Args:
        element: the root of the part styles.xml.
    """

    def __init__(self, element: Element) -> None:
        self._styles = {
            style.get(_W + "styleId"): style for style in element.iterchildren(_W + "style")
        }
        self._default = next(
            (
                key
                for key, style in self._styles.items()
                if style.get(_W + "type") == "paragraph"
                and style.get(_W + "default") in ("1", "true")
            ),
            None,
        )
        self._known: dict[str | None, ParagraphStyle] = {}

    def find(self, paragraph: Element) -> ParagraphStyle:
        """Return what the paragraph's own settings and its style make of it."""
        properties = paragraph.find(_W + "pPr")
        if properties is None:
            return self._of_style(self._default)
        reference = properties.find(_W + "pStyle")
        named = self._of_style(self._default if reference is None else reference.get(_W + "val"))
        level = _outline_level(properties)
        numbered = _numbering(properties)
        return ParagraphStyle(
            heading_level=named.heading_level if level is None else level,
            is_list=named.is_list if numbered is None else numbered,
            is_contents=named.is_contents,
            is_bold=named.is_bold,
        )

    def _of_style(self, key: str | None) -> ParagraphStyle:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._resolve(key)
        return known

    def _resolve(self, key: str | None) -> ParagraphStyle:
        """Return what a style says, or the styles that it is based on."""
        level: int | None = None
        numbered: bool | None = None
        bold: bool | None = None
        is_contents = is_listed = False
        for _ in range(_MAX_DEPTH):
            style = self._styles.get(key)
            if style is None:
                break
            name = _value(style.find(_W + "name")) or ""
            properties = style.find(_W + "pPr")
            is_contents = is_contents or bool(_CONTENTS.match(name))
            is_listed = is_listed or bool(_LIST.match(name))
            if level is None:
                level = _named_level(name)
            if properties is not None:
                level = _outline_level(properties) if level is None else level
                numbered = _numbering(properties) if numbered is None else numbered
            weight = style.find(f"{_W}rPr/{_W}b")
            bold = is_on(weight) if bold is None and weight is not None else bold
            key = _value(style.find(_W + "basedOn"))
        return ParagraphStyle(
            heading_level=0 if is_contents else level or 0,
            is_list=is_listed if numbered is None else numbered,
            is_contents=is_contents,
            is_bold=bool(bold),
        )


def _named_level(name: str) -> int | None:
    match = _HEADING.match(name)
    if match:
        return int(match[1])
    return 1 if _TITLE.match(name) else None


def _outline_level(properties: Element) -> int | None:
    value = _value(properties.find(_W + "outlineLvl"))
    if value is None or not value.isdecimal():
        return None
    return int(value) + 1 if int(value) <= _MAX_OUTLINE else 0


def _numbering(properties: Element) -> bool | None:
    number = properties.find(f"{_W}numPr/{_W}numId")
    return None if number is None else number.get(_W + "val") != "0"


def _value(element: Element) -> str | None:
    return None if element is None else element.get(_W + "val")


def is_on(element: Element) -> bool:
    """Return whether a switch is there and not turned off."""
    return element is not None and (element.get(_W + "val") or "1").lower() not in (
        "0",
        "false",
        "off",
    )
