"""Finding words that an answer shall hold or avoid."""

from __future__ import annotations

import re

from .extract_columns import is_columns
from .extract_edges import edge, ends_bare
from .extract_reading import Reading, unique
from .phrases import DIRECTIVE, KANA, LIST, anything, one_of
from .phrases_quotes import (
    ADDED,
    AVOIDED_AFTER,
    AVOIDED_BARE,
    AVOIDING,
    BARE_WORDS,
    EXAMPLE,
    FORGET,
    INCLUDED_AFTER,
    INCLUDING,
    NOT,
    NOUN,
    OTHERWISE_AFTER,
)

__all__ = ["named_words"]

_REACH = 110
_OR = re.compile(r"\x02\s*,?\s*(?:\bor\b|\bo\b|\bou\b|或|か)", re.IGNORECASE)
_EACH = one_of(r"\b(?:each|every|cada|chaque|todas las|all (?:sentences|lines))\b|每|各|それぞれ|ごと")
_ONLY_TITLE = one_of(
    r"\b(?:subject|filename|file|variable|function|button|table|folder|column|row|title|headline)\b|标题|题目"
    r"|タイトル|título|titre"
)
_REPORTED = anything(
    r"(?:\b(?:does|did|is|was|were|has|have|had|would|could)(?:\s*not|n['’]t)?|\b(?:I|we|they|it|he|she"
    r"|rows?|cells?|columns?|files?)(?:\s+(?:that|which))?"
    r"(?:\s+also)?)\s*\Z"
)
_MADE = anything(
    r"\b(?:write|create|generate|compose|make|give|tell|craft|produce|design|come up|draft|re-?write"
    r"|answer|response|reply|should|must|ensure"
    r"|please|story|poem|say|escrib\w*|respuesta|asegúr\w*|crea|écri\w*|rédige\w*|réponse|use|include)\b"
)
_OTHERS = anything(
    r"\b(?:contains|includes|uses|mentions|has|having|containing|including|used|mentioning|using"
    r"|conteng\w+|contien\w+)\Z"
)
_NOUN_AFTER = re.compile(
    r"\s*(?:一词|这个词|这[两二三四几]个词|这些词|等词|字样|[二两]字|[两二三]个字|这一关键词|这个关键词|[两二三四]?个?关键词|字眼|這個詞)"
)
_AT_ALL = anything(r"\s*(?:[.!;\n]|\Z|(?:in|throughout|anywhere|at all)\b)")
_PLACE = anything(
    r"\s*in the (?:first|second|third|fourth|last|final|title|introduction|conclusion|opening)\b"
    r"|\s*en (?:el|la) (?:primer|segund|últim|título)|\s*dans l[ae] (?:premi|derni|titre)"
)
_LETTER = one_of(r"\b(?:letters?|letra|lettre)\s*\Z|字母\s*\Z")
_PLEASE = re.compile(r"という(?:語句?|言葉|単語|フレーズ|表現)|[^。\n]{0,14}(?:ください|下さい|こと)")
# *People use the term "x"* is a report: before an imperative stands nothing, or one of these.
_IMPERATIVE = re.compile(
    r"(?:use|include|mention|say|write|put|add|insert|employ|incorporate|contain|have)\Z", re.IGNORECASE
)
_CLAUSE = anything(
    r"(?:\A|[.,:;!?()\-*•\d\n\x00-\x02\u3000-\uffef]|\b(?:please|to|should|must|and|also|then|you|always"
    r"|not|never|cannot|can|could|will|or|but|shall|only"
    r"|kindly|ensure|do|don't|don’t|may|be|sure|response|answer|reply|it|n't|t|just|that|explicitly))\s*\Z"
)
_CHINESE_VERB = re.compile(
    r"(?:必须|要|请|需|不得|不要|不能|不可|务必|不可以|应|禁止)\S{0,3}(?:包含|出现|提及|提到|含有|使用)(?:关键词)?\s*\Z"
)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _polarity(before: str, after: str) -> tuple[bool, int] | None:
    """Tells whether words shall be there or not, and how far before them that is said; null where neither is said."""
    near = before[-_REACH:]
    noun = NOUN.search(near)
    head = near[: noun.start()] if noun else near
    letter = _LETTER.search(near)
    if letter:
        head = near[: letter.start()]
    named = noun or letter or _NOUN_AFTER.match(after) or _CHINESE_VERB.search(near)
    verb, ban = _last(INCLUDING, head), _last(AVOIDING, head)
    if AVOIDED_AFTER.match(after) and noun:
        return False, len(near) - noun.start()
    if ban and (not verb or ban.start() >= verb.start() or NOT.search(head[: verb.start()])):
        fits = ADDED.fullmatch(head[ban.end() :]) or (
            verb and verb.start() > ban.start() and ADDED.fullmatch(head[verb.end() :])
        )
        if fits and named:
            return False, len(near) - ban.start()
        if ban and (not verb or ban.start() >= verb.start()):
            return None
    if verb and ADDED.fullmatch(head[verb.end() :]):
        negated = None if FORGET.search(head[: verb.start()]) else NOT.search(head[: verb.start()])
        if _REPORTED.search(head[: verb.start()]) and not _MADE.search(before):
            return None
        if _IMPERATIVE.search(head[: verb.end()]) and not _CLAUSE.search(head[: verb.start()]):
            return None
        if not negated and _OTHERS.search(head[: verb.end()]) and not _MADE.search(before):
            return None
        # *Do not say "yes" or "no"* needs no noun.
        if named or (negated and _AT_ALL.match(after)):
            return not negated, len(near) - (negated.start() if negated else verb.start())
    asked = KANA.search(after[:6]) and _PLEASE.match(after)
    if INCLUDED_AFTER.match(after) and (noun or asked):
        return True, len(near) - noun.start() if noun else 0
    if AVOIDED_AFTER.match(after) and (noun or asked):
        return False, len(near) - noun.start() if noun else 0
    return None


def _words(reading: Reading, match: re.Match[str], before: str, after: str) -> None:
    """Notes words to include or to avoid."""
    said = _polarity(before, after)
    if said is None or EXAMPLE.search(before[-40:]):
        return
    included, reach = said
    words = unique(reading.quotes(*match.span()))
    if not words or not DIRECTIVE.search(before + after):
        return
    start = match.start() - reach
    closing = (INCLUDED_AFTER if included else AVOIDED_AFTER).match(after)
    end = match.end() + (closing.end() if closing else 0)
    if not closing and (named := _NOUN_AFTER.match(after)):
        end += named.end()
        after = after[named.end() :]
    part = bool(
        reading.is_of_part(match.start(), before)
        or OTHERWISE_AFTER.match(after)
        or _EACH.search(before[-60:] + after[:40])
    )
    part = part or bool(_ONLY_TITLE.search(before[-60:])) or reading.is_the_users(start)
    if (included and _OR.search(match.group())) or _PLACE.match(reading.text[end : end + 60]):
        part = True
    if any(len(word) > 120 for word in words):
        part = True
    if _LETTER.search(before):
        if not included and len(words) == 1 == len(words[0]):
            reading.add("count.letter", {"relation": "at_most", "n": 0, "letter": words[0]}, (start, end), not part)
        return
    checker = "keywords.include" if included else "keywords.exclude"
    reading.add(checker, {"words": words}, (start, end), not part)


def named_words(reading: Reading) -> None:
    """Finds words to include and to avoid, and first and last phrases; words counted elsewhere are left."""
    text = reading.text
    for match in LIST.finditer(text):
        start, end = reading.at(match.start()), reading.at(match.end())
        if any(wish.start <= start and end <= wish.end for wish in reading.found):
            continue
        before, after = reading.around(*match.span())
        if edge(reading, match, before, after, True) or edge(reading, match, before, after, False):
            continue
        if not is_columns(text[max(0, match.start() - max(len(before), 100)) : match.start()], after):
            _words(reading, match, before, after)
    for match in BARE_WORDS.finditer(text):
        groups = match.groupdict()
        name = next(name for name in ("words", "words2", "words3") if groups[name])
        said = reading.said(*match.span(name))
        words = unique(re.split(r"\s*[,，、]\s*(?:and\s+)?|\s+and\s+", said))
        colon = groups["colon"] or groups["colon2"] or groups["colon3"]
        before, after = reading.around(*match.span())
        if colon or len(words) > 1:
            banned = NOT.search(before) and not FORGET.search(before)
            checker = "keywords.exclude" if banned else "keywords.include"
            part = bool(_EACH.search(before[-60:] + match.group() + after[:40])) or reading.is_of_part(
                match.start(), before
            )
            reading.add(checker, {"words": words}, match.span(), not part)

    ends_bare(reading)
    for match in AVOIDED_BARE.finditer(text):
        words = unique(re.split(r"\s*,\s*(?:or\s+|and\s+)?|\s+(?:or|and)\s+", reading.said(*match.span("words"))))
        before, _ = reading.around(*match.span())
        reading.add("keywords.exclude", {"words": words}, match.span(), not reading.is_of_part(match.start(), before))
