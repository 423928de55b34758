"""IFEval's ``change_case`` ids."""

from __future__ import annotations

import re
import string
from collections import Counter
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.language import likely_language
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import CONSTRAINTS, Check, VerifiableConstraint, Witness
from ..document import Document
from ..language import letters_in
from ._counted import Quantity
from ._fit import is_about_language
from ._ifeval import Meaning, N, Translated
from ._published import NoParams, Published, PublishedRelation
from .case import CapitalWords, Lower, Upper

__all__ = ["IfevalCapitalWordFrequency", "IfevalEnglishCapital", "IfevalEnglishLowercase"]

LOOKED = 4_000
"""Characters of the prose that are looked at for its language."""
ENOUGH = 20
"""Letters from which Latin letters may tell another language; of others a quarter, or two where none is Latin."""
SHARE, KINDS = 0.08, 3
"""English common words among all words, and how many different ones, from which nothing tells another language."""
_ALNUM = (string.ascii_letters + string.digits).encode()
_NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalpha())
_LATIN = re.compile(r"[A-Za-zªºÀ-ɏḀ-ỿ]")
_ENGLISH = frozenset(
    "the and of that this you your with from they their have will not would about there what when our were been "
    "because could should it's i'm for is are".split()
)
_COMMON = [
    frozenset(row.split())
    for row in (
        "el la los las de del que y en un una es con por para su como más pero muy está mi se lo al no nuestro",
        "o os as do da dos das que e em um uma é com por para não mais mas muito como seu sua se na no ao",
        "le la les de des du et est un une que qui dans pour avec sur pas ce cette il elle je nous vous au plus en",
        "il lo la gli le di del della che e è un una per con non sono si come più ma nel alla questo mi",
        "der die das und ist ein eine nicht mit den dem zu von auf für im du bist ich sie wir es auch deine",
        "de het een en van is dat niet met voor zijn op te in aan ik je we er maar ook",
        "och att det är en ett som på för med inte av den jag vi har till de",
        "og at det er en et som på for med ikke av af den jeg vi har til",
        "ja on ei se että oli ovat hän mutta kun niin joka tämä myös minun",
        "i w na z się jest nie do to że jak ale po za dla są tym",
        "și de la în cu nu este un o pe că din care mai pentru sunt se",
        "a v je se na to že s z do pro jako ale by jsou si",
        "a az és hogy nem egy is de ez van meg csak vagy mint",
        "ve bir bu da de için çok ile ne ama daha gibi var olan mi",
        "yang dan di ini itu dengan untuk dari tidak adalah ke pada akan dalam saya",
        "là của và không một có cho được người trong này những với các tôi khi",
        "na ya wa kwa ni katika za la kama hii si cha yake lakini sana",
        "ang ng sa na mga at ay ko hindi si ito para may kung siya",
        "el la els les de del que i en un una és amb per no més com però",
        "i je u se na da ne su za od što kao ali s to",
    )
]
"""Words that every text of a language uses, for twenty languages in Latin letters."""


def _hits(said: list[str], common: frozenset[str]) -> tuple[float, int]:
    """Gives the share of common words and how many different ones there are."""
    found = [word for word in said if word in common]
    return len(found) / len(said), len(set(found))


def _plainly_english(text: str) -> bool:
    """Tells quickly, of a text in lower case, whether English common words are enough of its words; mostly it can.

    What stands between white space is a word, so these are not more than there are. Something that is no ASCII letter
    or digit stands between two words, or is one. Characters outside ASCII, of two bytes at least, are not more than the
    letters of these words, so Latin ones are not fewer than others.
    """
    data = text.encode("utf-8", "surrogatepass")
    least = 1.01 * SHARE * (1 + len(data.translate(None, _ALNUM)))
    other = len(data) - len(text)
    found: list[str] = []
    # Mostly half of the text has enough of them; the word at its end may go on.
    half = text.rfind(" ", 0, len(text) // 2) + 1
    for part in (text[:half], text[half:]):
        found += filter(_ENGLISH.__contains__, part.split())
        if len(found) >= least and other <= 2 * len(found) and len(set(found)) >= KINDS:
            return True
    return False


def _foreign(document: Document) -> str | None:
    """Says what shows reliably that a text is not in English; null where nothing does.

    Capitals read as German and names as Italian: a detected language counts only where its common words are there.
    """
    prose = document.prose if document.prose.strip() else document.text
    text = prose[:LOOKED].lower()
    if _plainly_english(text):
        return None
    if text.isascii():
        letters = len(text.encode().translate(None, _NO_LETTERS))
    else:
        counts = Counter(text)
        letters = letters_in(counts)
        latin = sum(map(counts.__getitem__, _LATIN.findall("".join(counts))))
        if 2 * latin < letters and letters >= (ENOUGH // 4 if latin else 2):
            return "another script"
    said = [word.replace("’", "'") for word in words(text) if len(word) > 1]
    if letters < ENOUGH or not said:
        return None
    share, kinds = _hits(said, _ENGLISH)
    if share >= SHARE and kinds >= KINDS:
        return None
    different = set(said)
    others = (_hits(said, common) for common in _COMMON if len(common & different) >= 2)
    if not any(other >= max(0.15, share) for other, _ in others):
        return None
    found = likely_language(text)
    return None if found in (None, "en") else f"language {found}"


class _English(Published):
    """Case, and no other language."""

    cased: ClassVar[type[VerifiableConstraint]]
    """Ours of the same case."""
    examples: ClassVar[Witness]
    Params = NoParams
    categories = ("Format", "Linguistic")
    slots = frozenset({"case", "language"})
    conflicts = frozenset({"combination:repeat_prompt"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits requests in English for prose."""
        if instruction.language != "en" or is_about_language(instruction):
            return None
        return None if CONSTRAINTS.get(self.cased.id).sample(instruction, rng) is None else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Checks the case of every letter, then whether the text is reliably in another language."""
        found = CONSTRAINTS.get(self.cased.id).check(params, document)
        if document.blank or found.outcome is Outcome.VIOLATED:
            return found
        if foreign := _foreign(document):
            # More of a cut text may be English, unless all that is looked at is there.
            settled = not document.cut or len(document.prose) > LOOKED
            reason = f"not in English: {foreign}"
            return Check(Outcome.of(False if settled else None), reason, foreign, ((0, len(document.text)),))
        return found

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives an English text in this case, and one with a letter of the other."""
        return self.examples


class IfevalEnglishCapital(_English):
    """No small letter, and not reliably in another language; the published check takes capitals for German."""

    id = "change_case:english_capital"
    cased = Upper
    examples = Witness("THIS IS WHAT YOU ASKED FOR.", "THIS IS WHAT You ASKED FOR.")


class IfevalEnglishLowercase(_English):
    """No capital letter, and not reliably in another language; the published check guesses at the language of names."""

    id = "change_case:english_lowercase"
    cased = Lower
    examples = Witness("this is what you asked for.", "This is what you asked for.")


class CapitalsParams(Meaning):
    """How many words in all capitals."""

    theirs: ClassVar = Quantity
    names: ClassVar = {"relation": "capital_relation", "n": "capital_frequency"}
    capital_frequency: N
    capital_relation: PublishedRelation


class IfevalCapitalWordFrequency(Translated, means=CapitalWords):
    """How many words in all capitals, of two capital letters or more; the published check takes *I* and *A* too."""

    id = "change_case:capital_word_frequency"
    Params = CapitalsParams
    one_word = True
