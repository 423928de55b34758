"""What a request is like, as far as attaching a constraint depends on it: code, data, script, its own words."""

from __future__ import annotations

import re
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.messages import last_user_text

__all__ = ["content_words", "has_case", "request", "wants_code", "wants_data"]

_CASELESS = frozenset("zh ja ko hi ar fa he ur th bn ta te ml mr gu kn pa ne am my km lo ka si".split())
_CODE = re.compile(
    r"```|\b(?:code|coding|python|javascript|typescript|java|html|css|sql|regex|latex|bash|script|compile[rd]?|debug"
    r"|programa en|código|c\+\+)\b|[{};]\s*$|代码|编程|函数|程序",
    re.IGNORECASE | re.MULTILINE,
)
_DATA = re.compile(
    r"\b(?:data|dataset|list|table|records?|names?|ideas|options|examples|steps|items|compare|countries|attributes"
    r"|lista|datos|tabla|nombres|ejemplos|pasos|opciones|compara)\b|列出|列表|数据|表格|步骤|名字|例子|清单|比较",
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
    """Tells whether an answer could be data: a list, a table, records."""
    return bool(_DATA.search(request(instruction)))


def has_case(language: str | None) -> bool:
    """Tells whether a language's script has capital and small letters; false where the language is not known."""
    return language is not None and language not in _CASELESS


def content_words(instruction: Instruction, rng: Random, count: int) -> list[str]:
    """Draws distinct words that say what the request is about; fewer where it has fewer.

    Only small-letter words are taken: they hold under any constraint on case, and names stay out.
    """
    found = sorted({token for token in _TOKEN.findall(request(instruction)) if token not in _COMMON})
    return rng.sample(found, min(count, len(found)))
