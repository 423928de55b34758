"""How users say amounts: a number, what is counted, and how the count relates to the number.

For each language a pattern finds the number and its noun; what stands right before and right after says the relation.
Groups: ``n`` the number, ``plus`` a sign after it, ``low`` the beginning of a range, any other the unit.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .phrases import anything, bounded
from .phrases_numbers import HAN, LATIN

__all__ = ["INVERSE", "TONGUES", "Said", "Tongue"]


class Said(NamedTuple):
    """Words that say a relation."""

    pattern: re.Pattern[str]
    relation: str
    """``at_least``, ``at_most``, ``exactly``, ``range``, ``about``, or ``in``: a number that is said plainly of the
    answer, *in 3 sentences*."""
    shift: int = 0
    """Added to the number: *under 100 words* is at most 99."""


class Tongue(NamedTuple):
    """One language's amounts."""

    amount: re.Pattern[str]
    before: tuple[Said, ...]
    """The first that ends right before the number counts."""
    after: tuple[Said, ...]
    """The first that begins right after the noun counts."""


def _before(*rows: tuple[str, str, int]) -> tuple[Said, ...]:
    return tuple(
        Said(anything(rf"(?:{words})(?:\s+(?:a\s+)?total\s+of|\s+un\s+total\s+de)?\s*\Z"), relation, shift)
        for words, relation, shift in rows
    )


def _after(*rows: tuple[str, str, int]) -> tuple[Said, ...]:
    return tuple(Said(anything(rf"\s*(?:{words})"), relation, shift) for words, relation, shift in rows)


def _low(joint: str, n: str) -> str:
    return joint.replace("N", f"(?P<low>{n})")


def _latin(nouns: str, adjectives: str, of: str) -> re.Pattern[str]:
    # Not 1.5 words, $20, #3; the second number of a range may be.
    return re.compile(
        bounded(
            rf"(?<![\w.,/$€£#])(?P<n>{LATIN})(?P<plus>\s?\+)?(?:\s?\(\d{{1,5}}\))?(?:\s(?P<more>or\s(?:mo"
            rf"re|less|fewer)))?(?:[\s-]{{1,3}}|(?<=\+)|(?<=\d)(?=w))"
            rf"(?:{of}\s)?(?:(?:{adjectives})[\s-]{{1,3}}){{0,2}}(?:{nouns})(?![\w])"
        ),
        re.IGNORECASE,
    )


_EN = Tongue(
    _latin(
        r"(?P<words>words?)|(?P<sentences>sentences?)|(?P<paragraphs>paragraphs?)"
        r"|(?P<bullets>bullet[ -]?points?|bullets"
        r"|bulleted (?:points|items))|(?P<lines>(?:non-empty )?lines?)|(?P<characters>characters?|chars)"
        r"|(?P<placeholders>place-?holders?)|(?P<parts>sections?|parts?|phrases|portions|places|text parts)"
        r"|(?P<times>times?(?! (?:to|of|for|when|zone|travel)))|(?P<numbers>numbers?)|(?P<rows>rows?)",
        r"short|long|full|complete|concise|brief|simple|english|well-written|detailed|separate|distinct|clear"
        r"|highlighted|markdown|text|italic|very|succinct|italici[sz]ed|bolded|non-empty"
        r"|[a-z]+(?=\s+bullet)|crisp|fenced",
        r"of",
    ),
    _before(
        (_low(r"\b(?:between|from)\s+N(?:\s+\w{1,12})?\s+(?:and|to)", LATIN), "range", 0),
        (_low(r"(?<![\w.,/$€£#])N(?:[\s-]words?)?\s*(?:-|–|—|to)", LATIN), "range", 0),
        (r"\b(?:at least|no fewer than|no less than|not (?:less|fewer) than)(?:\s+about)?(?:\s+a)?", "at_least", 0),
        (r"\b(?:a\s+)?min(?:imum|\.)?(?:\s+(?:length|word count))?(?:\s+of|\s+is|:)?:?", "at_least", 0),
        (
            r"\b(?:at (?:the )?(?:very )?most|no more than|not more than|no longer than|up to|within|not over)",
            "at_most",
            0,
        ),
        (r"\b(?:a\s+)?max(?:imum|\.)?(?:\s+(?:length|word count|limit))?(?:\s+of|\s+is|:)?:?", "at_most", 0),
        (
            r"(?:\bnot?|n't|n’t|\bnever|\bwithout|\bcannot)\s+(?:to\s+|be\s+)?(?:exceed(?:ing)?|longer than|more than"
            r"|go(?:ing)? (?:over|beyond|above)|surpass(?:ing)?|over)(?:\s+a(?: total)? of)?",
            "at_most",
            0,
        ),
        (
            r"\blimit(?:ed|ing)?\s+(?:\w+\s+){0,4}?to(?:\s+just)?|\b(?:word |character )?limit(?:\s+of|:|\s+is)",
            "at_most",
            0,
        ),
        (r"\b(?:under|less than|fewer than|below|shorter than)", "at_most", -1),
        (r"\b(?:more than|over|longer than|in excess of|exceed(?:s|ing)?|greater than)", "at_least", 1),
        (r"\b(?:exactly|precisely)(?:\s+in)?", "exactly", 0),
        (
            r"(?:\b(?:about|around|approximately|approx\.?|roughly|circa|nearly|almost|some|near(?:ly)?"
            r"|close to|ca\.?|say"
            r"|an average of|average|preferably|ideally|maybe|or)|~)(?:\s+an?)?",
            "about",
            0,
        ),
        (r"\b(?:in|into|using|with|be|as|to|have|has)(?:\s+(?:just|only|an?|total of|one))?", "in", 0),
        (r"\b(?:just|only)", "in", 0),
    ),
    _after(
        (
            r"(?:or|and)\s+(?:less|fewer|below|under|shorter)\b|\(?(?:max(?:imum)?|at (?:the )?most|tops|limit)\b",
            "at_most",
            0,
        ),
        (
            r"(?:or|and)\s+(?:more|above|over|longer|up)\b|\(?(?:min(?:imum)?|at (?:the )?least|at minimum)\b|\+",
            "at_least",
            0,
        ),
        (r"(?:or so|approx\w*|roughly|more or less|give or take|\(?(?:approx|ish|or around))\b", "about", 0),
        (r"or\s+(?:\d{1,5}|two|three|four|five|six)\b", "about", 0),
        (r"(?:limit)\b", "at_most", 0),
    ),
)
_ES = Tongue(
    _latin(
        r"(?P<words>palabras?)|(?P<sentences>frases?|oraciones|oración)|(?P<paragraphs>párrafos?|parrafos?)"
        r"|(?P<bullets>viñetas?|(?:puntos|ítems|elementos) de (?:viñeta|lista))|(?P<lines>líneas?"
        r"|renglones)|(?P<characters>caracteres)"
        r"|(?P<placeholders>marcador(?:es)? de posición|marcador(?:es)?)|(?P<parts>partes?|secciones|sección)"
        r"|(?P<times>ve(?:ces|z))|(?P<numbers>números?)|(?P<rows>filas?)",
        r"cort[ao]s?|breves?|sol[ao]s?|únic[ao]s?|larg[ao]s?|complet[ao]s?",
        r"de",
    ),
    _before(
        (_low(r"\b(?:entre|de)\s+N(?:\s+\w{1,12})?\s+(?:y|a|e)", LATIN), "range", 0),
        (_low(r"(?<![\w.,/$€£#])N\s*(?:-|–|—|a)", LATIN), "range", 0),
        (
            r"\b(?:al menos|por lo menos|(?:como |con un )?mínimo(?:\s+de)?:?|no menos de|un mínimo de|mín\.?)",
            "at_least",
            0,
        ),
        (r"\b(?:(?:como |un |con un )?máximo(?:\s+de)?:?|no más de|hasta|como mucho|máx\.?|a lo sumo)", "at_most", 0),
        (
            r"\bno (?:deb\w+\s+)?(?:super|exced|pas|sobrepas)\w+(?:\s+de)?(?:\s+las)?|\bsin (?:exceder"
            r"|superar|pasar de)"
            r"(?:\s+las)?|\blimit\w*\s+(?:\w+\s+){0,4}?a|\blímite de",
            "at_most",
            0,
        ),
        (r"\b(?:menos de|por debajo de)", "at_most", -1),
        (r"\b(?:más de|por encima de)", "at_least", 1),
        (r"\b(?:exactamente|ni más ni menos que|justo)", "exactly", 0),
        (r"\b(?:unas|unos|aproximadamente|alrededor de|cerca de|casi|aprox\.?)", "about", 0),
        (r"\b(?:en|con|usando|tener|tenga)(?:\s+(?:solo|sólo|solamente|un total de))?", "in", 0),
    ),
    _after(
        (r"(?:como (?:máximo|mucho)|máximo|o menos|máx\b)", "at_most", 0),
        (r"(?:como mínimo|mínimo|o más|por lo menos|al menos)\b", "at_least", 0),
        (r"(?:aproximadamente|aprox|más o menos)\b", "about", 0),
    ),
)
_FR = Tongue(
    _latin(
        r"(?P<words>mots?)|(?P<sentences>phrases?)|(?P<paragraphs>paragraphes?)"
        r"|(?P<bullets>puces?|points? à puces?)|(?P<lines>lignes?)|(?P<characters>caractères|signes)"
        r"|(?P<placeholders>champs? à remplir)|(?P<parts>passages?(?: mis en évidence)?|parties?|sections?)"
        r"|(?P<times>fois)|(?P<numbers>nombres?)",
        r"courte?s?|brèves?|seule?s?|longue?s?|complète?s?|petite?s?",
        r"de",
    ),
    _before(
        (_low(r"\b(?:entre|de)\s+N(?:\s+\w{1,12})?\s+(?:et|à)", LATIN), "range", 0),
        (_low(r"(?<![\w.,/$€£#])N\s*(?:-|–|—|à)", LATIN), "range", 0),
        (r"\b(?:(?:au|un) (?:moins|minimum)(?:\s+de)?|minimum(?:\s+de)?:?|pas moins de)", "at_least", 0),
        (r"\b(?:(?:au|un) (?:plus|maximum)(?:\s+de)?|maximum(?:\s+de)?\s*:?|pas plus de|jusqu'à)", "at_most", 0),
        (
            r"(?:\bne|\bsans) (?:\w+\s+){0,2}?(?:pas )?dépass\w+(?:\s+pas)?(?:\s+les)?"
            r"|\blimite\w*\s+(?:\w+\s+){0,4}?à",
            "at_most",
            0,
        ),
        (r"\b(?:strictement )?moins de", "at_most", -1),
        (r"\b(?:strictement )?plus de", "at_least", 1),
        (r"\b(?:exactement|précisément)(?:\s+en)?", "exactly", 0),
        (r"\b(?:environ|à peu près|autour de|près de|quelque|approximativement)|~", "about", 0),
        (r"\b(?:en|dans|avec|avoir)(?:\s+(?:seulement|juste|un total de))?", "in", 0),
    ),
    _after(
        (r"(?:au )?(?:maximum|max|plus)\b|ou moins\b", "at_most", 0),
        (r"(?:au )?(?:minimum|min|moins)\b|ou plus\b", "at_least", 0),
        (r"(?:environ|à peu près|approximativement)\b", "about", 0),
    ),
)
_ZH = Tongue(
    re.compile(
        bounded(
            rf"(?<![第\d.,/$#一二三四五六七八九十几百千万])(?P<n>{HAN})(?P<plus>\+)?(?:多|余)?\s*(?:个|個|條|条|处|句|次)?(?:简短的?|完整的?|短|全大写的)?"
            r"(?:(?:汉|中文|英文|英语)?(?P<words>字(?![母符典幕段体号])|单词|词(?![语汇条组牌性]))"
            r"|(?P<sentences>句(?:话|子)?(?![型式号]))"
            r"|(?P<paragraphs>(?:自然)?段落|段(?![时路位子论式]))|(?P<bullets>项目符号(?!点?(?:列表|清单)))|(?P<lines>行(?![为业动程]))"
            r"|(?P<characters>字符)|(?P<placeholders>占位符)|(?P<parts>强调|重点)|(?P<times>次(?![要序于]))"
            r"|(?P<numbers>数值|数字))"
        )
    ),
    _before(
        (_low(r"N(?:个)?(?:字|词|句话|句|段)?\s*(?:-|–|—|~|～|到|至|、|或)", HAN), "range", 0),
        (
            r"(?:至少|最少|起码|不(?:要|得|能|可|应|可以)?(?:少于|低于|小于|少过)|最低)(?:要|为|有|写|是|使用|用|包含|包括|含|出现)?(?:\s?[:：])?",
            "at_least",
            0,
        ),
        (
            r"(?:最多|至多|最大|最长|上限|不(?:要|得|能|可|应|可以|准)?(?:超过|多于|大于|高于|超出|超)|(?:控制|限制|限定|保持)(?:在)?|限|≤)"
            r"(?:为|是|使用|用|包含|含|写|有|出现)?(?:\s?[:：])?",
            "at_most",
            0,
        ),
        (r"(?:少于|不到|低于|不足|小于)", "at_most", -1),
        (r"(?:超过|多于|大于|超出|高于)", "at_least", 1),
        (r"(?:恰好|正好|刚好|恰|严格)(?:用|为|是|有|写)?", "exactly", 0),
        (r"(?:大约|大概|约|差不多|近|左右|将近)(?:为|是)?", "about", 0),
        (r"(?:用|以|为|是|成|写|在|共|仅|只|就|限|有|出|给我|需要|必须|使用|分)\s?", "in", 0),
    ),
    _after(
        (r"(?:以内|之内|以下|或以下|或更少|内(?![容部]))", "at_most", 0),
        (r"(?:以上|或以上|或更多|起)", "at_least", 0),
        (r"(?:左右|上下|大约|不等)", "about", 0),
    ),
)
_JA = Tongue(
    re.compile(
        bounded(
            rf"(?<![第\d.,/$#一二三四五六七八九十百千万])(?P<n>{HAN})\s*(?:つの|個の|か所の|箇所の|本の|つ|個)?(?:全部大文字の|短い)?"
            r"(?:(?P<words>語(?![句彙])|単語|ワード)|(?P<sentences>文(?![字章書脈体法])|センテンス)|(?P<paragraphs>段落|パラグラフ)"
            r"|(?P<bullets>箇条書き)|(?P<lines>行(?![動事為])|ライン)|(?P<characters>文字|字(?![幕体]))|(?P<placeholders>プレースホルダー)"
            r"|(?P<parts>強調)|(?P<times>回|度(?=使|出))|(?P<numbers>数値))"
        )
    ),
    _before(
        (_low(r"N(?:語|文字|文|字|段落)?\s*(?:-|–|—|~|～|〜|から)", HAN), "range", 0),
        (r"(?:最低|少なくとも|最小)(?:でも)?", "at_least", 0),
        (r"(?:最大|最高|多くても|最長)(?:でも)?", "at_most", 0),
        (r"(?:ちょうど|正確に|ぴったり)", "exactly", 0),
        (r"(?:約|およそ|だいたい|大体|おおよそ)", "about", 0),
    ),
    _after(
        (r"(?:以上)", "at_least", 0),
        (r"(?:以下|以内|まで|を超えない|を超えず)", "at_most", 0),
        (r"(?:未満)", "at_most", -1),
        (r"(?:超|を超え)", "at_least", 1),
        (r"(?:程度|ほど|前後|くらい|ぐらい|左右)", "about", 0),
        (r"(?:で(?!は)|に(?!つ))", "in", 0),
    ),
)
TONGUES: dict[str, Tongue] = {"en": _EN, "es": _ES, "fr": _FR, "zh": _ZH, "ja": _JA}
"""By language code."""

INVERSE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            bounded(
                rf"字数(?:要求|限制)?(?:必须|应该?|请|要|需要?)?(?:在|为|是|控制在|限制在)?\s*[:：]?\s*"
                rf"(?:(?P<at_most>不(?:要|得|能|可)?(?:超过|多于|大于)|最多|至多|少于等于)"
                rf"|(?P<at_least>不(?:要|得|能|可)?(?:少于|低于)|至少|最少|大于等于))(?:为|是)?\s*(?P<n>{HAN})(?!\s*[字个词\d])"
            )
        ),
        "words",
    ),
    (
        anything(
            rf"\b(?P<at_most>max(?:imum)?\.?\s+(?:length|words?|word count)|word limit)(?:\s+is|\s+of)?\s*[:=]?\s*"
            rf"(?P<n>{LATIN})(?:\s+words?)?(?![\w%-])"
        ),
        "words",
    ),
    (
        anything(
            rf"\b(?P<at_least>min(?:imum)?\.?\s+(?:length|words?|word count))(?:\s+is|\s+of)?\s*[:=]?\s*"
            rf"(?P<n>{LATIN})(?:\s+words?)?(?![\w%-])"
        ),
        "words",
    ),
    (
        anything(
            r"\b(?P<exactly>(?:(?:in|with|as)\s+(?:a|one)\s+single|a single|single)\s+)(?P<noun>sentence|paragraph)\b"
        ),
        "noun",
    ),
)
"""Limits that name no unit after the number, by the unit they are of; ``noun``: one of what the group says."""
