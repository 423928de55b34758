"""The language of the response."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import islice
from random import Random
from typing import Annotated

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..common_words import LOOKED, reads_as
from ..constraint import Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import Document, Span
from ..language import told_language
from ._fit import is_about_language, wants_code
from ._wording import Forms, pick

__all__ = ["Response"]

LONG = 120
"""Letters from which a paragraph is judged by itself."""
PARAGRAPHS = 40
"""Long paragraphs that are judged, the first ones."""

# ISO 639-1 code, names in English, Chinese, Spanish, French and Japanese: what schemas.language can tell.
_ROWS = """
ar Arabic 阿拉伯语 árabe arabe アラビア語|bg Bulgarian 保加利亚语 búlgaro bulgare ブルガリア語
bn Bengali 孟加拉语 bengalí bengali ベンガル語|cs Czech 捷克语 checo tchèque チェコ語
da Danish 丹麦语 danés danois デンマーク語
de German 德语 alemán allemand ドイツ語
el Greek 希腊语 griego grec ギリシャ語|en English 英语 inglés anglais 英語
es Spanish 西班牙语 español espagnol スペイン語|et Estonian 爱沙尼亚语 estonio estonien エストニア語
fa Persian 波斯语 persa persan ペルシア語|fi Finnish 芬兰语 finés finnois フィンランド語
fr French 法语 francés français フランス語
gu Gujarati 古吉拉特语 guyaratí gujarati グジャラート語|he Hebrew 希伯来语 hebreo hébreu ヘブライ語
hi Hindi 印地语 hindi hindi ヒンディー語|hr Croatian 克罗地亚语 croata croate クロアチア語
hu Hungarian 匈牙利语 húngaro hongrois ハンガリー語|id Indonesian 印尼语 indonesio indonésien インドネシア語
it Italian 意大利语 italiano italien イタリア語|ja Japanese 日语 japonés japonais 日本語
kn Kannada 卡纳达语 canarés kannada カンナダ語|ko Korean 韩语 coreano coréen 韓国語
lt Lithuanian 立陶宛语 lituano lituanien リトアニア語|lv Latvian 拉脱维亚语 letón letton ラトビア語
ml Malayalam 马拉雅拉姆语 malabar malayalam マラヤーラム語|mr Marathi 马拉地语 maratí marathi マラーティー語
ne Nepali 尼泊尔语 nepalí népalais ネパール語|nl Dutch 荷兰语 neerlandés néerlandais オランダ語
no Norwegian 挪威语 noruego norvégien ノルウェー語|pa Punjabi 旁遮普语 panyabí pendjabi パンジャーブ語
pl Polish 波兰语 polaco polonais ポーランド語|pt Portuguese 葡萄牙语 portugués portugais ポルトガル語
ro Romanian 罗马尼亚语 rumano roumain ルーマニア語|ru Russian 俄语 ruso russe ロシア語
sk Slovak 斯洛伐克语 eslovaco slovaque スロバキア語|sl Slovenian 斯洛文尼亚语 esloveno slovène スロベニア語
sq Albanian 阿尔巴尼亚语 albanés albanais アルバニア語|sv Swedish 瑞典语 sueco suédois スウェーデン語
sw Swahili 斯瓦希里语 suajili swahili スワヒリ語|ta Tamil 泰米尔语 tamil tamoul タミル語
te Telugu 泰卢固语 telugu télougou テルグ語
th Thai 泰语 tailandés thaï タイ語|tl Tagalog 他加禄语 tagalo tagalog タガログ語|tr Turkish 土耳其语 turco turc トルコ語
uk Ukrainian 乌克兰语 ucraniano ukrainien ウクライナ語|ur Urdu 乌尔都语 urdu ourdou ウルドゥー語
vi Vietnamese 越南语 vietnamita vietnamien ベトナム語|zh Chinese 中文 chino chinois 中国語
"""
NAMES: dict[str, dict[str, str]] = {
    code: dict(zip(("en", "zh", "es", "fr", "ja"), names, strict=True))
    for code, *names in (row.split() for row in re.split(r"[|\n]", _ROWS.strip()))
}
"""Names of the languages that can be told, by ISO 639-1 code and language of the name."""
_ALSO = frozenset({"af", "ca", "mk", "so", "cy"})

_FORMS: Forms = {
    "en": (
        "Write your entire answer in {name}.",
        "Your answer must be in {name}; no other language is allowed.",
        "Respond only in {name}.",
    ),
    "zh": ("请用{name}写出整个回答。", "你的回答必须使用{name}，不得使用其他语言。", "只用{name}回答。"),
    "es": (
        "Escribe toda tu respuesta en {name}.",
        "Tu respuesta debe estar en {name}; no se permite otro idioma.",
        "Responde solo en {name}.",
    ),
    "fr": (
        "Écris toute ta réponse dans cette langue : {name}.",
        "Ta réponse doit être rédigée dans cette langue, sans aucune autre : {name}.",
        "Réponds uniquement dans la langue suivante : {name}.",
    ),
    "ja": (
        "回答はすべて{name}で書いてください。",
        "回答は{name}でなければならず、他の言語は使えません。",
        "{name}だけで答えてください。",
    ),
}
_SHOWN = {
    "en": "This is a short answer that is written in plain English for everybody who reads it.",
    "zh": "这是一个用中文写成的简短回答，内容清楚，大家都能看懂。",
    "es": "Esta es una respuesta breve que está escrita en español sencillo para todos los lectores.",
    "fr": "Voici une réponse courte qui est écrite en français simple pour tous les lecteurs.",
    "de": "Dies ist eine kurze Antwort, die für alle Leser in einfachem Deutsch geschrieben ist.",
    "it": "Questa è una risposta breve che è scritta in italiano semplice per tutti i lettori.",
    "pt": "Esta é uma resposta curta que não foi escrita em inglês, mas em português simples para você.",
    "ru": "Это короткий ответ, который написан простым русским языком для всех читателей.",
    "ja": "これは日本語で書かれた短い答えです。誰でも簡単に読むことができます。",
    "ko": "이것은 누구나 쉽게 읽을 수 있도록 한국어로 쓴 짧은 대답입니다.",
}


def stranger(document: Document, language: str) -> tuple[Span, str] | None:
    """Gives the first long paragraph that reads as another language, and which; null where none of the first does."""
    if len(document.text) < LONG or "\n" not in document.text.strip():
        return None
    parts = ((start, end) for start, end in document.paragraphs if end - start >= LONG)
    for start, end in islice(parts, PARAGRAPHS):
        part = Document(document.text[start:end]).prose if document.fenced else document.text[start:end]
        if reads_as(part, language):
            continue
        found = told_language(part)
        if found not in (language, None) and sum(map(str.isalpha, part)) >= LONG:
            return (start, end), str(found)
    return None


_SCRIPTS: dict[str, frozenset[str]] = {
    "zh": frozenset({"CJK"}),
    "ja": frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    "ko": frozenset({"HANGUL"}),
    **dict.fromkeys(("ru", "uk", "bg", "mk"), frozenset({"CYRILLIC"})),
    **dict.fromkeys(("ar", "fa", "ur"), frozenset({"ARABIC"})),
    **dict.fromkeys(("hi", "mr", "ne"), frozenset({"DEVANAGARI"})),
    "bn": frozenset({"BENGALI"}),
    "el": frozenset({"GREEK"}),
    "gu": frozenset({"GUJARATI"}),
    "he": frozenset({"HEBREW"}),
    "kn": frozenset({"KANNADA"}),
    "ml": frozenset({"MALAYALAM"}),
    "pa": frozenset({"GURMUKHI"}),
    "ta": frozenset({"TAMIL"}),
    "te": frozenset({"TELUGU"}),
    "th": frozenset({"THAI"}),
}
"""Scripts of the languages that are not in Latin letters, as Unicode names begin."""
_OWN = frozenset("zh ko bn el gu he kn ml pa ta te th".split())
"""Languages that a text in their script is in."""


def _by_letters(language: str, document: Document) -> Check:
    """Judges a text of few letters by its script, where that decides."""
    letters = [one for one in document.prose[:400] if unicodedata.category(one)[0] == "L"]
    scripts = Counter(unicodedata.name(one, "?").split()[0] for one in letters)
    right = _SCRIPTS.get(language, frozenset({"LATIN"}))
    fitting = sum(scripts[script] for script in right)
    if len(letters) >= 2 and 2 * fitting < len(letters):
        most = scripts.most_common(1)[0][0].lower()
        return Check(Outcome.VIOLATED, f"another script: {most}; asked: {language}", most)
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if len(letters) >= 2 and fitting == len(letters) and (language in _OWN or (language == "ja" and kana)):
        return Check(Outcome.SATISFIED, f"in the script of {language}", language)
    return Check(Outcome.UNKNOWN, "too few letters to tell the language")


class Language(ConstraintParams):
    """A language."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    """ISO 639-1 code, Chinese as ``zh``."""


class Response(VerifiableConstraint):
    """The response is in the language; too short a text, or a language that cannot be told, is unknown.

    So is a response of which a long paragraph plainly reads as another language: of 210 real responses 2 had one, both
    rightly.
    """

    id = "language.response"
    Params = Language
    categories = ("Linguistic",)
    slots = frozenset({"language"})
    # A word of the request, a phrase or a letter would belong to another language.
    conflicts = frozenset({"keywords", "count.letter", "start_end.start_phrase", "start_end.end_phrase"})

    def sample(self, instruction: Instruction, rng: Random) -> Language | None:
        """Draws the request's own language half of the time, else one of four that many models write."""
        if wants_code(instruction) or is_about_language(instruction):
            return None
        own = instruction.language
        if own is not None and own in _SHOWN and rng.random() < 0.5:
            return Language(language=own)
        return Language(language=rng.choice(("en", "es", "fr", "de")))

    def render(self, params: Language, language: str, variant: int = 0) -> str:
        """Words the language by its name, or by its code where we have no name."""
        names = NAMES.get(params.language)
        worded = language if language in _FORMS else "en"
        name = names[worded] if names else f"ISO 639-1: {params.language}"
        return pick(_FORMS, language, variant).format(name=name)

    def check(self, params: Language, document: Document) -> Check:
        """Compares the detected language."""
        if document.blank:
            return blank_check(document)
        if params.language not in NAMES and params.language not in _ALSO:
            return Check(Outcome.UNKNOWN, f"{params.language} cannot be told from others")
        check = self._told(params, document)
        if document.cut and check.outcome is Outcome.VIOLATED and len(document.prose) <= LOOKED:
            # What follows may be in the language.
            return Check(Outcome.UNKNOWN, f"the reply was cut; {check.reason}", check.measured)
        return check

    def _told(self, params: Language, document: Document) -> Check:
        found = document.language
        if found is None:
            return _by_letters(params.language, document)
        if found == params.language and (other := stranger(document, found)):
            return Check(Outcome.UNKNOWN, f"{found}, but a paragraph reads as {other[1]}", found, (other[0],))
        return Check(Outcome.of(found == params.language), f"detected {found}; asked: {params.language}", found)

    def witness(self, params: Language, rng: Random) -> Witness:
        """Gives a sentence in the language and one in another.

        Raises:
            KeyError: for a language that attachment does not draw.
        """
        return Witness(_SHOWN[params.language], _SHOWN["ru" if params.language != "ru" else "en"])
