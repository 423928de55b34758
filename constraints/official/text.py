"""A response as the published checkers see it: nltk's words and sentences, langdetect's language, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["OfficialText"]


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
        raise NotImplementedError

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences: nltk's ``sent_tokenize``, English Punkt."""
        raise NotImplementedError

    @cached_property
    def tokens(self) -> list[str]:
        """The tokens: nltk's ``word_tokenize``."""
        raise NotImplementedError

    @cached_property
    def first_tag(self) -> str | None:
        """The part of speech of the first token: nltk's ``pos_tag``; null without a token."""
        raise NotImplementedError

    @cached_property
    def language(self) -> str | None:
        """The language: langdetect with seed 0, such as ``en`` or ``zh-cn``; null where it raises."""
        raise NotImplementedError
