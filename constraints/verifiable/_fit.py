"""What a request is like, as far as attaching depends on it: code, data, script, lengths, its own words."""

from __future__ import annotations

import re
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.messages import last_user_text

__all__ = [
    "content_words",
    "free_length",
    "has_case",
    "is_about_language",
    "names_words",
    "request",
    "wants_code",
    "wants_data",
]

_CASELESS = frozenset("zh ja ko hi ar fa he ur th bn ta te ml mr gu kn pa ne am my km lo ka si".split())
_CODE = re.compile(
    r"```|\b(?:code|coding|python|javascript|typescript|java|html|css|sql|regex|latex|bash|script|compile[rd]?|debug"
    r"|programa en|código|c\+\+|def \w+|pull requests?|(?:a|the) function)\b"
    r"|\bprint\(|[{};]\s*$|代码|编程|函数|程序|命令行",
    re.IGNORECASE | re.MULTILINE,
)
_DATA = re.compile(
    r"\b(?:data|dataset|list|table|records?|names?|ideas|options|examples|steps|items|compare|countries|attributes"
    r"|lista|datos|tabla|nombres|ejemplos|pasos|opciones|compara)\b|列出|列表|数据|表格|步骤|名字|例子|清单|比较",
    re.IGNORECASE,
)
# Nothing in these marks where a word ends, or a sentence; of Japanese only its characters could be counted.
_UNCOUNTED = frozenset("th lo km my ja".split())
_WORDED = frozenset({"en", "zh", "es"})
_UNITS = re.compile(
    r"\b(?:mots?|phrases?|lignes?|vers|quatrain|wörtern?|wort|sätzen?|satz|zeilen?|palavras?|frases?|linhas?|versos?"
    r"|parole|frasi|righe|woorden|zinnen|ord|meninger|words?|sentences?|lines?)\b"
    r"|слов|предложени|строк|단어|문장|줄|वाक्य|शब्द|जुमल|جمل|كلم|سطر|סטר|מילים|משפט|kelime|cümle|kata|kalimat|câu|từ\b",
    re.IGNORECASE,
)
"""Units of length in the languages whose wishes are not read."""
_PROSE = re.compile(
    r"\b(?:story|poem|letter|e-?mail|essay|paragraphs?|speech|song|haiku|limerick|scene|message|cuento|poema|carta|correo"
    r"|ensayo|discurso|canción|microcuentos?)\b|故事|诗|信|邮件|文章|文案|作文",
    re.IGNORECASE,
)
_WORDS_NAMED = re.compile(
    r"\b(?:words?|keywords?|phrases?|terms?|mention\w*|includ\w*|contain\w*|using|titled|called|rhym\w*|palabras?"
    r"|menciona\w*|incluy\w*|contenga\w*|usando|titulad\w*|llamad\w*)\b|词|包含|提到|使用|标题|叫",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r"\b(?:translat\w*|proofread\w*|grammar|spelling|idiom\w*|pronounc\w*|correct (?:this|my|the)|re-?write|rephrase"
    r"|paraphrase|english|spanish|french|german|chinese|traduc\w*|tradu[zc]\w*|gramática|ortografía|corrig\w*|reescrib\w*"
    r"|español|inglés|francés|alemán|übersetz\w*|tradui\w*|deutsch|français)\b|翻译|改写|润色|语法|英语|英文|中文|病句",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![\w'’.@/\-])[a-záéíóúüñ]{4,12}(?![\w'’@/\-]|\.\w)")
# Words that say how to answer, not what about, and words any answer has.
_COMMON = frozenset(
    """about above after again also although among another answer anything around because been before being below
    between
    both brief briefly bullet bullets cannot could create describe details does doing done down each either else
    every everyone everything example explain find first following from gave generate give given gives giving
    going good have having help here however include including instead into it's just keep know last least less
    like list long look made make makes making many maybe mean might more most much must need needed needs never
    next none nothing only other others over paragraph paragraphs part please provide question questions rather
    really reply respond response rewrite same second sentence sentences several shall short should show simple
    since some someone something still such suggest summarise summarize sure take tell text than thank thanks that
    their them then there these they thing things think this those three through together translate under until
    upon used user uses using very want wanted wants well were what when where whether which while will with
    within without word words work would write writing written year years your yours english spanish french german
    chinese acerca ahora algo alguna algunas alguno algunos ambos antes aquel aquí aunque cada como cómo con
    contra cosa cosas crea cual cuál cuales cuando cuándo cuanto cuánto dame debe deben debería decir desde
    después dime donde dónde durante ella ellas ellos entre escribe escribir español esta está estaba están estar
    estas este esto estos explica favor frase frases fueron gracias hace hacer hacia haga hasta incluye incluyendo
    inglés lista luego manera mejor menos mientras misma mismo mucha mucho muchos necesito nosotros nuestra
    nuestro otra otras otro otros palabra palabras para párrafo pero poco podría podrías porque pregunta puede
    pueden puedes puedo pues quiero quién resumen resume respecto responde respuesta según sería siempre sino
    sobre solo sólo somos soy sugiere también tanto tener tengo texto tiene tienen toda todas todo todos traduce
    tras unas unos usando usted ustedes varias varios""".split()
)


def request(instruction: Instruction) -> str:
    """Gives the turn to answer, as the user wrote it."""
    return last_user_text(instruction.source_messages)


def wants_code(instruction: Instruction) -> bool:
    """Tells whether the request is about code: its case, commas and layout are not free."""
    return bool(_CODE.search(request(instruction)))


def wants_data(instruction: Instruction) -> bool:
    """Tells whether an answer could be data: a list, a table, records; what it is about may be pasted below."""
    asked = request(instruction).strip().partition("\n\n")[0]
    return bool(_DATA.search(asked)) and not _PROSE.search(asked)


def _said(instruction: Instruction) -> str:
    """Gives what the user and the system message ask."""
    system = [message["content"] for message in instruction.source_messages if message["role"] == "system"]
    return "\n".join([*system, request(instruction)])


def free_length(instruction: Instruction) -> bool:
    """Tells whether a length may be asked for.

    Not where nothing could be counted, and not where a length may be said in a language whose wishes are not read.
    """
    language = instruction.language
    return language not in _UNCOUNTED and (language in _WORDED or not _UNITS.search(_said(instruction)))


def names_words(instruction: Instruction) -> bool:
    """Tells whether the request may name words that the answer must hold: none of its words can be forbidden then."""
    return bool(_WORDS_NAMED.search(_said(instruction)))


def is_about_language(instruction: Instruction) -> bool:
    """Tells whether the request is about a text's own language: another one for the answer would go against it."""
    return bool(_LANGUAGE.search(_said(instruction)))


def has_case(language: str | None) -> bool:
    """Tells whether a language's script has capital and small letters; false where the language is not known."""
    return language is not None and language not in _CASELESS


def content_words(instruction: Instruction, rng: Random, count: int) -> list[str]:
    """Draws distinct words that say what the request is about; fewer where it has fewer.

    Only small-letter words are taken: they hold under any constraint on case, and names stay out.
    """
    found = sorted({token for token in _TOKEN.findall(request(instruction)) if token not in _COMMON})
    return rng.sample(found, min(count, len(found)))
