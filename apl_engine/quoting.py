"""Which values of an input a message may quote.

Any column of any file may be given in place of another. So what a message quotes is not decided by
the name of the column alone, but by the value: what an identifier of a practitioner or a birth date
looks like is never quoted, and of a column most of whose values are wrong, which may be another
one, only what can be nothing else than a mistyped value of that column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Compiled at first use: most commands never quote a value.
#: What stands in place of text that is not shown.
HIDDEN = "(not shown)"
# RPPS, ADELI, SIRET, social security: eight digits or more, in groups or not; what follows a
# decimal mark counts, since 1.0123456789e10 is an identifier too.
_LONG_NUMBER = r"\d(?:[ \xa0\u2009\u202f.,'_/-]?\d){7}"
# Two codes of communes, each shorter: 01001-01002.
_PAIR = r"(?<![\dA-Za-z])(?:\d{5}|2[AB]\d{3})(?:-|: | / | )(?=(?:\d{5}|2[AB]\d{3})(?!\d))"
_THOUSANDS = r"[+-]?\d{1,3}(?:[ \xa0\u2009\u202f.,']\d{3}){1,2}(?:[.,]\d{1,2})?"
_AMOUNT = r"[+-]?(?:\d{1,7}(?:[.,]\d{1,2})?|\d{0,3}[.,]\d+)"
_MONTHS = (
    r"(?:janv|jan|f[ée]v|feb|mars?|avr|apr|mai|may|juin|june?|juil|july?|ao[uû]t|aug|sept?|oct|nov"
    r"|d[ée]c)[a-zé]*\.?"
)
_DAY = (
    r"(?<!\d)(?:\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)?\d\d)"
    r"(?!\d)"
    rf"|\d{{1,2}}(?:er)?[-/. ]?{_MONTHS}[-/. ]?\d{{2,4}}|{_MONTHS}[-/. ]\d{{1,2}},? \d{{2,4}}"
)
# From 2012 on nobody was born who practises; days of events and of acts are of these years.
_RECENT = (
    r"(?<!\d)(?:20(?:1[2-9]|[2-9]\d)[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]20(?:1[2-9]|[2-9]\d))"
    r"(?:[ T]00:00:00)?(?!\d)"
)
# P000123, A7F3-20: letters among three digits or more, longer than a code of a commune.
_MIXED = r"(?a)(?=[\w-]*[A-Za-z])(?=(?:[\w-]*?\d){3})[A-Za-z\d][\w-]{5,}"
# Of INSEE and spreadsheets: Y15T19, AGED65, COM_2019, 750s, 1e+308.
_KNOWN = (
    r"PT[\dHMS.]+|[A-Z]{1,2}_?(?:LT|GE)?\d{1,3}(?:T\d{1,3})?|[A-Z]+_(?:19|20)\d\d"
    r"|\d[\d.,]*(?:min|sec|ans|EUR|km)|\d(?:\.\d{1,6})?[eE][+-]?\d{1,3}"
)

_OF_BAND = (
    r"(?i)(?=.*[a-zà+_<>≥≤–-])[\s<>≥≤+_–-]*(?:(?:\d{1,3}|ans?|ann?[ée]es?|et|ou|plus|moins|de|à|a|y"
    r"|lt|ge|t|to|years?|and|over|under|total)[\s<>≥≤+_–-]*){1,7}"
)
_OF_NUMBER = (
    r"(?i)\s*[+-]\s*\d[\d\s.,]*|\s*\d*[.,]\d+\s*|\s*[+-]?\d[\d\s.,:]*\s*(?:€|%|eur|euros?|ans?"
    r"|actes?|acts?|etp|h|hab\.?|m|mn|min\.?|minutes?|s|sec|km|°)\s*|\d{1,2}:\d{2}(?::\d{2})?"
    r"|[+-]?(?:nan|inf)|\d(?:\.\d{1,6})?e[+-]?\d{1,3}|[+-]?\d{1,7}\.0|n\.?[acds]\.?|n/a|null|none"
    r"|true|false|vrai|faux|-+"
)
_LONGEST, _LONGEST_OF_ANY = 30, 300
_ROWS_OF_A_LABEL = 3
#: So few wrong rows of a publisher's file are quoted, if only they look like no person's.
FEW = 3


def is_quotable(text: str) -> bool:
    """Return whether a value cannot be an identifier or a birth date of a person, by its form.

    Parameters
    ----------
    text : str
        Of any column.

    Returns
    -------
    bool
        False for eight digits or more, grouped or not, but for two codes of communes; days in any
        notation; letters among three digits or more, longer than a code of a commune; in any part
        of the text.
    """
    if text.isalpha() or len(text) < 6:
        return True
    if len(text) > _LONGEST_OF_ANY:
        return False
    if re.fullmatch(_AMOUNT, text) or re.fullmatch(_THOUSANDS, text):
        return True
    apart = re.sub(_PAIR, lambda pair: pair[0][:5] + " | ", text)
    if not is_name(apart):
        return False
    return all(re.fullmatch(_KNOWN, word) for word in re.findall(_MIXED, apart))


def is_name(text: str) -> bool:
    """Return whether a name, as of a column or a file, holds no identifier or birth date."""
    text = re.sub(_RECENT, " | ", text)
    return not (re.search(_LONG_NUMBER, text) or re.search(_DAY, text, re.IGNORECASE))


def reason_of(error: BaseException) -> str:
    """Return the first line of what a parser says of a file, without what it quotes of a row."""
    line = next(iter(str(error).strip().splitlines()), "")
    # Names of types stay.
    quoted = r"(?<!\w)([`'\"])(?!(?:str|[fiu]\d+|bool|date|Schema)\1).*?(?:\1|$)"
    line = re.sub(quoted, "...", line)[:200]
    return line if line and is_name(line) else type(error).__name__


def is_cell(text: str) -> bool:
    """Return whether a text is a long number or a day, and so a cell of a row, not a name."""
    return bool(re.fullmatch(rf"\s*(?:\d[\d \xa0\u202f.-]{{6,}}\d|{_DAY})\s*", text))


def quotable(
    values: Iterable[str], kind: str, *, foreign: bool, known: Iterable[str] = ()
) -> list[str]:
    """Return those of some wrong values of a column that a message may quote.

    Parameters
    ----------
    values : iterable of str
        As they stand in the file.
    kind : str
        Of the column: "commune", "number", "band" or "code", see `schemas.Column`; or "label", of
        which few different ones stand in many rows.
    foreign : bool
        Whether most values of the column are wrong: it may be another one.
    known : iterable of str
        Codes of communes.

    Returns
    -------
    list of str
    """
    communes = frozenset(known)

    def may(text: str) -> bool:
        if not is_quotable(text) or len(text) > _LONGEST:
            return False
        if kind in ("commune", "code") and re.search(r"\d{6}", text):
            return False
        return not foreign or _is_unmistakable(text, kind, communes)

    return [text for text in values if may(text)]


def _is_unmistakable(text: str, kind: str, communes: frozenset[str]) -> bool:
    """Return whether a value can be nothing else than a mistyped one of a kind of column."""
    if kind == "commune":
        plain = re.sub(r"\.0$", "", text.strip()).upper().zfill(5)
        return plain in communes or bool(re.fullmatch(r"2[AB]\d{3}", plain))
    if kind == "band":
        return bool(re.fullmatch(_OF_BAND, text))
    if kind in ("number", "integer"):
        # What stands for no number, such as s for a secret, is as short.
        return bool(re.fullmatch(r"\D{1,2}", text)) or bool(re.fullmatch(_OF_NUMBER, text))
    return False


def are_labels(distinct: int, rows: int) -> bool:
    """Return whether so few different texts stand in so many rows that they identify nobody."""
    return rows >= _ROWS_OF_A_LABEL * distinct


def is_of_most(wrong: int, rows: int, few: int = 0) -> bool:
    """Return whether so many rows, more than a few, are wrong that it may be another column."""
    return wrong > few and wrong * 2 > rows
