"""Which language a text is in: langdetect with a fixed seed, safe in threads, and the names languages go by.

langdetect draws from a random generator and loads its profiles lazily without a lock: unseeded it gives different
languages for one text, and its first calls from several threads fail. Here the profiles are loaded once under a lock,
in the order of their names, and every detection starts from seed 0, so a text has one answer.

``detect_code`` is fast in three ways, none of which changes an answer of ``detect_code_plain``: a text in a script that
langdetect's profiles tie to one language is not sampled; features are looked up word by word in a cache; and the trials
are run in a fraction of the time. ``detect_language`` is the same for the beginning of a text, in ISO's codes.

``likely_language`` asks the same profiles without chance: all features count, none is drawn. Of parts of 30, 60 and 120
characters of 3,063 real answers in English and Spanish it names a wrong language for 5.3, 1.0 and 0.3 % and leaves 6.8,
1.3 and 0.1 % open, where langdetect is wrong for 9.1, 2.0 and 0.4 %; and it is many times as fast
(``python -m benchmarks.run languages``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import log
from typing import Any

from .likelihood import lead
from .profiles import loaded as _loaded
from .profiles import read_features, read_words
from .trials import UNKNOWN, likeliest

__all__ = [
    "LANGUAGES",
    "detect_code",
    "detect_code_plain",
    "detect_language",
    "detect_plain",
    "language_code",
    "likely_language",
]

_CHARACTERS = 2_000
"""Characters of a text that are looked at: the rest would change the answer for 10 of 7,794 WildChat prompts."""
_READ = 10_000
"""Characters that langdetect reads: what it calls max_text_length."""
_CLEAR = log(10)
"""How far ahead, as a logarithm, the likeliest language is told from the next."""

LANGUAGES: dict[str, str] = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean",
    "la": "Latin", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam",
    "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "yo": "Yoruba",
    "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
"""English names by ISO 639-1 code: all that langdetect tells apart, and others that sources name."""

_NAMES = {name.casefold(): code for code, name in LANGUAGES.items()} | {
    "bokmal": "no", "nb": "no", "nn": "no", "nynorsk": "no", "iw": "he", "in": "id", "farsi": "fa", "filipino": "tl",
    "fil": "tl", "mandarin": "zh", "slovene": "sl",
}  # fmt: skip

# Language: the block of its script, and letters of it of which one must occur. These scripts have no capitals, and of
# every feature that can be made of such a block and spaces the language's profile holds by far the greatest share:
# whatever langdetect draws, that language wins. The tests prove it over all profiles; Korean and Greek do not pass.
_SCRIPTS = {
    "ja": ("\u3041-\u3096\u30a1-\u30fa\u30fc", "\u3041-\u3096\u30a1-\u30fa"),
    "th": ("\u0e01-\u0e3a\u0e40-\u0e5b", "\u0e01\u0e02\u0e04\u0e07-\u0e0b"),
    "he": ("\u0591-\u05f4", "\u05d0-\u05ea"),
    "bn": ("\u0981-\u09fb", "\u0995-\u09a8\u09aa-\u09b0"),
    "gu": ("\u0a81-\u0af1", "\u0a95-\u0a98\u0a9a-\u0a9d"),
    "pa": ("\u0a01-\u0a75", "\u0a15-\u0a18\u0a1a-\u0a1d"),
    "ta": ("\u0b82-\u0bfa", "\u0b95\u0b99\u0b9a\u0b9e\u0b9f\u0ba3\u0ba4"),
    "te": ("\u0c01-\u0c7f", "\u0c15-\u0c18\u0c24-\u0c28"),
    "kn": ("\u0c81-\u0cf2", "\u0c95-\u0c98\u0ca4-\u0ca8"),
    "ml": ("\u0d02-\u0d7f", "\u0d15-\u0d18\u0d24-\u0d28"),
}
_PLAIN = "\x00-\x7f\u2000-\u206f"
"""Characters that langdetect reads as spaces, and Latin letters."""
_LATIN = re.compile("[A-z]")
_LATINS = re.compile("[A-z]+")
_OTHER = re.compile("[\u0300-\U0010ffff]+")
"""What langdetect counts against Latin letters."""
_SPACES = re.compile(" {2,}")
_FOREIGN = re.compile(f"[^{_PLAIN}]")
_ONE_SCRIPT = [
    (
        code,
        re.compile(f"[{block}]"),
        re.compile(
            f"[{_PLAIN}]*(?:[{letters}][{_PLAIN}{block}]*|[{block}][{_PLAIN}{block}]*[{letters}][{_PLAIN}{block}]*)"
        ),
    )
    for code, (block, letters) in _SCRIPTS.items()
]


def _answer(detector: Any, text: str) -> str | None:
    from langdetect.lang_detect_exception import LangDetectException

    detector.seed = 0
    try:
        detector.append(text)
        code: str = detector.detect()
    except LangDetectException:
        return None
    return code


def detect_code_plain(text: str) -> str | None:
    """Gives what seeded langdetect says of a text: the reference for ``detect_code``."""
    return _answer(_loaded().create(), text)


def detect_plain(text: str) -> str | None:
    """Gives what seeded langdetect says of the first 2,000 characters: the reference for ``detect_language``."""
    return _language(detect_code_plain(text[:_CHARACTERS]))


def detect_language(text: str) -> str | None:
    """Gives the ISO 639-1 code of a text's language, Chinese as ``zh``; null where there is nothing to tell it by.

    Looks at the first 2,000 characters. Short texts are often wrong, but always the same.
    """
    return _detect(text[:_CHARACTERS])


@lru_cache(maxsize=4096)
def _detect(text: str) -> str | None:
    return _language(detect_code(text))


def _language(code: str | None) -> str | None:
    return None if code is None or code == UNKNOWN else code.split("-")[0]


def detect_code(text: str) -> str | None:
    """Gives langdetect's own answer for a whole text with seed 0, of which it reads the first 10,000 characters.

    Returns:
        A code such as ``en`` or ``zh-cn``; ``unknown`` where no language is likely; null where it raises, because the
        text has nothing that it knows.
    """
    _loaded()
    read = _as_read(text)
    if (code := _by_script(read)) is not None:
        return code
    features = read_features(_cleaned(read))
    return likeliest(features) if features else None


def likely_language(text: str) -> str | None:
    """Gives the ISO 639-1 code of the language that the first 2,000 characters of a text are likeliest to be in.

    Null where no profile knows any of it, or where the language is not ten times as likely as any other.
    """
    _loaded()
    read = _as_read(text[:_CHARACTERS])
    if (code := _by_script(read)) is not None:
        return code
    words, _ = read_words(_cleaned(read))
    found = lead(words)
    return _language(found[0]) if found and found[1] >= _CLEAR else None


def _as_read(text: str) -> str:
    """Gives what langdetect reads of a text: without addresses, Vietnamese composed, one space for several."""
    from langdetect.detector import Detector
    from langdetect.utils.ngram import NGram

    if "://" in text:
        text = Detector.URL_RE.sub(" ", text)
    if "@" in text:
        text = Detector.MAIL_RE.sub(" ", text)
    if not text.isascii():
        text = NGram.normalize_vi(text)
    text = text[:_READ]
    return _SPACES.sub(" ", text) if "  " in text else text


def _by_script(text: str) -> str | None:
    """Gives the language of a text in one of ``_SCRIPTS`` with less than half as many Latin letters, else null."""
    first = None if text.isascii() else _FOREIGN.search(text)
    if first is None:
        return None
    for code, block, pattern in _ONE_SCRIPT:
        if block.match(first[0]) and pattern.fullmatch(text):
            other = sum(character > "\x7f" for character in text)
            return code if 2 * len(_LATIN.findall(text)) < other else None
    return None


def _cleaned(text: str) -> str:
    """Gives a text without its Latin letters where others are more than twice as many."""
    if text.isascii():
        return text
    other = sum(map(len, _OTHER.findall(text)))
    if not other:
        return text
    rest = _LATINS.sub("", text)
    return rest if 2 * (len(text) - len(rest)) < other else text


def language_code(name: str) -> str | None:
    """Gives the ISO 639-1 code of a language named in English or by a code (``en``, ``zh-CN``), else null."""
    plain = name.strip().casefold()
    short = plain.replace("_", "-").split("-")[0]
    return next((code for code in (_NAMES.get(plain), short, _NAMES.get(short)) if code in LANGUAGES), None)
