"""Finding the answer's language and form."""

from __future__ import annotations

from .extract_reading import Reading
from .forms import FORMS
from .phrases import ASKS_FOR_A_WORD, CODE, DIRECTIVE, PART_AFTER, PART_BEFORE, one_of
from .phrases_languages import LANGUAGES, language_code
from .phrases_quotes import NOT

__all__ = ["forms", "languages"]

_ABOUT_CODE = frozenset({"format.json", "data.yaml", "data.xml", "data.toml", "data.html", "case.lower", "case.upper"})
_SOMETIMES = one_of(r"\b(?:unless|except|if|when|whenever|salvo|si|cuando|sauf|quand)\b|除非|如果|除了|もし|場合")
_OFTEN = one_of(
    r"\b(?:excessive(?:ly)?|too (?:much|many|often)|overly"
    r"|(?:if|when|where|whenever) (?:possible|needed|necessary))\b|尽量|过多"
)
_SOFT = one_of(_OFTEN.pattern, r"\b(?:unless|except)\b")
_WORDS_IN = one_of(r"\b(?:words?|palabras?|mots?|phrases)\b(?:(?!\b(?:and|y|et)\b)[^.;,\n]){0,45}\Z|单词\s*\Z")
_MAY = one_of(r"\byou (?:may|can|could)\b[^.;\n]{0,50}\Z|\bfeel free\b|可以[^。，\n]{0,12}\Z")
_EACH = one_of(r"\b(?:each|every|cada|chaque)\b|每|各")
_WORKS_IN = one_of(
    r"\b(?:films?|movies?|songs?|books?|words?|shows?|sites?|websites?|channels?|novels?|names?"
    r"|subtitles?|audio|lyrics|literature|games?|podcasts?"
    r"|terms?|phrases|courses?|classes|available|written|published|that (?:are|is))\s+(?:that are\s+)?in\s+\w+\Z"
)
"""*Films in English* are what the answer is about."""
_TRANSLATE = one_of(r"\btransl|\btradu|译|訳")
_MORE_TO_DO = one_of(
    r"\A[^.!?\n]{0,80}?(?:\bthen\b|\band\s+(?:then|also|explain|give|write|break|provide|tell|analy[sz]e"
    r"|add|interpret)\b|\bet\s+interpr|\by\s+(?:luego|explica))",
    r"\A[^。！？\n]{0,40}?(?:然后|，再|，?并(?:且)?(?:介绍|解释|分析|说明|给出)|，(?:解释|介绍|分析))",
)
_A_PART = one_of(
    r"\b(?:each|every|titles?|headings?|headlines?|first letters?|acronyms?|subject|names?|hashtags?"
    r"|keywords?|títulos?|nombres?|titres?"
    r"|some|column|part|section|chorus)\b|标题|每个|部分|名字|単語|单词|見出し|タイトル"
)
_NAME = one_of(r"\b(?:title|each|every|titles|subject|names?)\b|标题|每")
"""What is without commas alone, where one is named."""


def languages(reading: Reading) -> None:
    """Finds the answer's language; two different ones in a message leave it open."""
    found: list[tuple[str, tuple[int, int]]] = []
    for pattern in LANGUAGES:
        for match in pattern.finditer(reading.text):
            groups = match.groupdict()
            name = groups.get("lang") or groups.get("also")
            before, after = reading.around(*match.span())
            if _WORKS_IN.search(match.group()):
                continue
            if reading.is_the_users(match.start()) or CODE.search(before) or NOT.search(before):
                continue
            if name and not ASKS_FOR_A_WORD.search(before + match.group() + after):
                found.append((language_code(name), match.span()))
    if len({code for code, _ in found}) == 1:
        code, span = min(found, key=lambda one: (one[1][0], -one[1][1]))
        before, after = reading.around(*span)
        part = reading.is_of_part(span[0], before) or _EACH.search(before[-120:])
        part = part or (_TRANSLATE.search(reading.text[slice(*span)]) and _MORE_TO_DO.search(after))
        reading.add("language.response", {"language": code}, span, not part)


def _is_soft(checker: str, after: str) -> bool:
    if checker.startswith("style."):
        # The check itself leaves quotations and code out.
        return bool(_OFTEN.search(after[:90]))
    return not checker.startswith("data.") and bool(_SOFT.search(after[:60]))


def _is_of_part(checker: str, before: str, after: str) -> bool:
    if checker.startswith("style."):
        return False
    if checker.startswith(("data.", "charset.")):
        return bool(_SOMETIMES.search(before))
    if PART_AFTER.match(after) or _SOMETIMES.search(before) or _SOMETIMES.match(after.lstrip(" ,，")[:12]):
        return True
    if checker.startswith("case.") or checker == "format.bullets":
        if _WORDS_IN.search(before):
            return True
        return bool(PART_BEFORE.search(before) or _A_PART.search(before[-50:] + " " + after[:20]))
    if checker.startswith("punctuation."):
        return bool(_NAME.search(before[-40:] + after[:25]))
    return False


def forms(reading: Reading) -> None:
    """Finds forms; what is said of code, or of a part, is none of the answer's."""
    lower = reading.text.lower()
    for form in FORMS:
        if form.needs and not any(word in lower for word in form.needs):
            continue
        if any(wish.checker == form.checker for wish in reading.found):
            continue
        for match in form.pattern.finditer(reading.text):
            before, after = reading.around(*match.span())
            directive = DIRECTIVE.search(before + match.group() + after)
            if not (directive or form.asks):
                continue
            if form.checker.startswith(("case.", "data.", "format.json")) and form.binding and NOT.search(before):
                continue
            said_of = before if form.checker.startswith("data.") else before + after
            if form.binding and form.checker in _ABOUT_CODE and CODE.search(said_of):
                continue
            part = (
                not directive
                or bool(_MAY.search(before))
                or reading.is_of_part(match.start(), before)
                or _is_soft(form.checker, after)
                or _is_of_part(form.checker, before, after)
            )
            reading.add(form.checker, dict(form.kwargs), match.span(), form.binding and not part)
            break
