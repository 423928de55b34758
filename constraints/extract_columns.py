"""Finding tables and CSV whose columns are named."""

from __future__ import annotations

import re

from .extract_reading import Reading, unique
from .phrases import DIRECTIVE, LIST, anything, one_of
from .phrases_quotes import BARE_COLUMNS

__all__ = ["columns", "is_columns"]

_TABLE = one_of(r"\b(?:tables?|tablas?|tableaux?|spreadsheets?)\b|表格|の表|表に|表で")
_CSV = anything(r"\bcsv\b|CSV")
_COLUMNS_BEFORE = one_of(
    r"\b(?:columns?|headers?|header row)(?:\s+(?:named|called|titled|labell?ed|are|should be|must be"
    r"|being))?\s*[:,(]?\s*(?:in (?:this|that) order)?\s*[:,(]?\s*\Z",
    r"\bcolumns,\s+in this order:?\s*\Z|\bthe columns are\s*\Z|\bonly columns are\s*\Z",
    r"\b(?:columnas|cabecera)(?:,?\s+en este orden)?(?:\s+(?:llamadas|son|tiene las columnas))?\s*[:(]?\s*\Z",
    r"\b(?:colonnes|en-tête)(?:,?\s+dans cet ordre)?(?:\s+(?:nommées|sont|a les colonnes))?\s*[:(]?\s*\Z",
    r"(?:列|列名|表头|栏|按顺序只有)(?:按顺序|依次|分别)?(?:恰好)?(?:为|是|包括|有)?\s*[:：]?\s*\Z",
    r"(?:列が?|ヘッダー|ヘッダーの列)は?(?:この順(?:に|で)?)?(?:ちょうど)?\s*\Z|回答には、?\s*\Z|この順[にで]\s*\Z",
)
_COLUMNS_AFTER = one_of(
    r"\s*(?:这几列|等?[一二三四五六\d]列|(?:的|だけ|という|の)?列(?:だけ)?|だけで|columns?\b|as (?:the )?columns?\b"
    r"|in (?:the )?(?:header|columns))"
)


def is_columns(before: str, after: str) -> bool:
    """Tells whether quotations are names of columns, by what stands before and after them."""
    return bool(
        (_TABLE.search(before + after) or _CSV.search(before + after))
        and (_COLUMNS_BEFORE.search(before) or _COLUMNS_AFTER.match(after))
    )


def _column_wish(reading: Reading, names: list[str], span: tuple[int, int], before: str, after: str) -> None:
    names = [name for name in names if any(map(str.isalnum, name))]
    if len({name.casefold() for name in names}) < len(names) or not 2 <= len(names) <= 30:
        return
    if any(re.search(r"一[栏列]|另一|第[一二]", name) for name in names):
        return
    if any(name.count(left) != name.count(right) for name in names for left, right in ("()", "（）", "[]")):
        return
    if any(len(name) > 60 or len(name.split()) > 6 for name in names) or not DIRECTIVE.search(before + after):
        return
    sentence = before + reading.text[slice(*span)] + after
    if _CSV.search(sentence):
        whole = re.search(
            r"\b(?:only|entire|whole|nothing but|solo|toda|toute|entera|que du)\b|整个|只输出|全部|全体|だけ",
            sentence,
            re.IGNORECASE,
        )
        reading.add("data.csv", {"columns": names}, span, bool(whole))
    elif _TABLE.search(sentence):
        loose = re.search(
            r"\b(?:html|latex|sql|database|excel|word|such as|like|e\.g|including|etc)\b|等列|数据库|等",
            sentence,
            re.IGNORECASE,
        )
        reading.add("table.columns", {"columns": names}, span, not loose and not reading.is_of_part(span[0], before))


def columns(reading: Reading) -> None:
    """Finds tables and CSV whose columns are named."""
    text = reading.text
    for match in LIST.finditer(text):
        before, after = reading.around(*match.span())
        # The table may be named in the sentence before.
        before = text[max(0, match.start() - max(len(before), 100)) : match.start()]
        if is_columns(before, after):
            _column_wish(reading, unique(reading.quotes(*match.span())), match.span(), before, after)
    for match in BARE_COLUMNS.finditer(text):
        before, after = reading.around(*match.span())
        groups = match.groupdict()
        name = next(name for name in ("columns", "columns2", "columns3") if groups[name])
        if (groups["colon"] or groups["colon2"] or groups["colon3"]) and _TABLE.search(before + match.group()):
            parts = re.split(
                r"\s*[,，、|]\s*(?:and\s+|y\s+|et\s+)?|\s+(?:and|y|et)\s+", reading.said(*match.span(name))
            )
            _column_wish(reading, unique(parts), match.span(), before, after)
