"""First-person pronouns in English, Spanish, French, Chinese and Japanese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import Span

__all__ = ["LANGUAGES", "first_person"]

LANGUAGES = ("en", "es", "fr", "zh", "ja")

_SURE = {
    "en": frozenset(
        """i i'm i've i'd i'll i'mma im me my myself we we're we've we'd we'll us our ours ourselves ourself
        let's""".split()
    ),
    "es": frozenset(
        "yo me mí mi mis mío mía míos mías conmigo nos nosotros nosotras nuestro nuestra nuestros nuestras".split()
    ),
    "fr": frozenset(
        """je me moi mon ma mes mien mienne miens miennes nous notre nos nôtre nôtres moi-même nous-mêmes
        nous-même""".split()
    ),
}
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ‑-][^\W\d_]+)*['’]?")
_HEAD = re.compile(r"(?:j|m)'")
_BEHIND = frozenset({"je", "moi", "nous"})
"""What a French verb may carry behind a hyphen: *dis-moi*, *puis-je*."""

_NOTES = re.compile(r"\b(?:nota|re|fa|sol)\b", re.IGNORECASE)

# What stands before a numeral, or names a king: World War I, Type I, Henry I.
_NUMBERED = frozenset(
    """war part chapter type phase section act scene volume book class stage level article grade division group schedule
    appendix category tier title unit figure table step no number roman numeral henry charles james elizabeth george
    edward william francis napoleon richard philip frederick nicholas alexander otto louis leopold alfonso pedro peter
    catherine mary ramesses darius xerxes paul guerra mundial parte capítulo tipo fase tomo libro juan carlos felipe
    isabel fernando guerre mondiale partie chapitre titre tome napoléon françois philippe henri""".split()
)
_NO_PRONOUN = re.compile(
    r"[Ii]\.\s?[Ee]\b|(?<=\()[Ii](?=\))|(?m:^[ \t#*>(]*)[Ii][.)](?=\s)|(?<=[_^{$\\/&])[Ii]\b"
    r"|[Ii](?=/[A-Z]|-\d|&|[\[\]_^=+]|\s?[=+<>*/]\s?)"
)
_VERBED = re.compile(
    r"\s+(?:am|have|had|was|will|would|can|could|should|do|did|don't|think|know|like|want|need|love|see|feel|hope|guess"
    r"|mean|just|also|really|never|always|still|might|may|must|go|got|get|found|used|use|ate|saw|went|made|said)\b",
    re.IGNORECASE,
)
_OWNED = frozenset("of is are was were be been not than like as".split())
"""Before these words *mine* is a pronoun."""
_DUG = frozenset(
    """a an the this that these those each every any no gold coal silver copper land salt iron diamond tin lead data old
    abandoned underground open-pit deep local new to can could will would let""".split()
)


def _plain(word: str) -> str:
    return word.lower().replace("’", "'").replace("ʼ", "'").replace("‑", "-")


def _english(text: str) -> Iterator[tuple[Span, bool]]:
    """Finds English ones; false where a form may be something else."""
    before = ""
    shouting = text.isupper()
    for match in _WORD.finditer(text):
        raw = match.group()
        word = _plain(raw).rstrip("'")
        last, before = before, word
        if word == "mine":
            if last not in _DUG:
                yield match.span(), last in _OWNED
            continue
        if word not in _SURE["en"]:
            continue
        if raw in ("US", "ME", "MY", "WE", "OUR") and not shouting and not _loud(text, match):
            continue
        if word == "im":
            if raw in ("im", "Im") and _VERBED.match(text, match.end()):
                yield match.span(), True
            continue
        if word == "i":
            if last in _NUMBERED or _NO_PRONOUN.match(text, match.start()):
                continue
            yield match.span(), raw == "I" or _VERBED.match(text, match.end()) is not None
            continue
        yield match.span(), True


def _loud(text: str, match: re.Match[str]) -> bool:
    """Tells whether a word beside it is in capitals too."""
    before = text[max(0, match.start() - 12) : match.start()].split()[-1:]
    after = text[match.end() : match.end() + 12].split()[:1]
    return any(len(word) > 2 and word.isupper() and word.isalpha() for word in before + after)


def _romance(text: str, language: str) -> Iterator[tuple[Span, bool]]:
    """Finds Spanish or French ones."""
    for match in _WORD.finditer(text):
        word = _plain(match.group())
        plain = word.rstrip("'")
        if plain in _SURE[language]:
            # Mía is a name, mi a note beside others.
            named = match.group()[0].isupper() and plain in ("mía", "mío")
            noted = plain == "mi" and _NOTES.search(text, max(0, match.start() - 14), match.end() + 8)
            yield match.span(), not (named or noted)
        elif language == "fr":
            head, hyphen, last = plain.rpartition("-")
            if _HEAD.match(word) or (hyphen and head and last in _BEHIND):
                yield match.span(), True


# 自我, 忘我 … are nouns about a self, not the writer's.
_CHINESE = re.compile(r"(?<![自忘小大本超无無物唯真])我(?!行我素)(?:们|們|的)?|咱(?:们|們)?|俺(?:们|們)?")
_JAPANESE = re.compile(
    r"(?<![公無滅])私(?:達|共|たち|ども|自身|個人|一人|以外)?(?![一-鿿々])"
    r"|(?<![下公忠家従老])僕(?:達|ら|たち)?|俺(?:達|ら|たち)?|(?<![自無彼忘怪没])我(?:々|等|ら(?!れ)|が(?!まま|儘)|輩)|吾輩|小生|拙者"
    r"|(?<![ぁ-ん])(?:わたし|わたくし|あたし|ぼく|おれ)(?:たち|ら)?(?=[はがのもをにとだで、。]|なら|です)"
    r"|(?:ワタシ|ボク|オレ|アタシ)(?![ァ-ヶー])"
)


def first_person(text: str, language: str) -> list[tuple[Span, bool]]:
    """Finds first-person pronouns.

    Args:
        text: with what is not to be read blanked out.
        language: one of ``LANGUAGES``.

    Returns:
        Each place, with whether it is surely one.
    """
    if language == "en":
        return list(_english(text))
    if language in ("es", "fr"):
        return list(_romance(text, language))
    pattern = _CHINESE if language == "zh" else _JAPANESE
    return [(match.span(), True) for match in pattern.finditer(text)]
