"""A response as the published checkers see it: nltk's words and sentences, langdetect's language, computed once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from ...schemas.language import detect_code
from .emoji import is_emoji
from .punkt import split_sentences
from .stop_words import STOP_WORDS
from .syllables import syllable_count
from .tagger import NEEDED, tag_first
from .treebank import each_token, tokenize, tokenize_sentences

__all__ = ["STOP_WORDS", "OfficialText", "is_emoji", "split_sentences", "syllable_count", "tokenize"]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class OfficialText:
    """A text and what nltk 3.9 and langdetect 1.0.9 read off it; every property is computed when first asked for."""

    text: str

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def words(self) -> list[str]:
        r"""The runs of ``\w``: nltk's ``RegexpTokenizer(r"\w+")``."""
        return _WORD.findall(self.text)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences: nltk's ``sent_tokenize``, English Punkt."""
        return split_sentences(self.text)

    @cached_property
    def tokens(self) -> list[str]:
        """The tokens: nltk's ``word_tokenize``."""
        return tokenize_sentences(self.sentences)

    @cached_property
    def first_tag(self) -> str | None:
        """The part of speech of the first token: nltk's ``pos_tag``; null without a token."""
        read: list[str] | None = self.__dict__.get("tokens")
        return tag_first(list(islice(each_token(self.text) if read is None else read, NEEDED)))

    @cached_property
    def language(self) -> str | None:
        """The language: langdetect with seed 0, such as ``en`` or ``zh-cn``; null where it raises."""
        return detect_code(self.text)
