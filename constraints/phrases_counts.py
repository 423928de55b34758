"""What tells one amount from another: a length from a remark, a word's occurrences, capitals, emphasis."""

from __future__ import annotations

import re

from .phrases import QUOTE, anything, one_of

__all__ = [
    "ADDED",
    "ALONE_BEFORE",
    "ANSWER",
    "ATTRIBUTE",
    "CAPITALS",
    "CAPITAL_SUBJECT",
    "DIGITS",
    "EMPHASIS",
    "ENGLISH",
    "FRENCH",
    "FULL_CAPITALS",
    "HAS_SUBJECT",
    "HAVE",
    "HEADER",
    "LIST_ITEM",
    "MARK",
    "NAMING",
    "NEGATED_VERB",
    "ONCE",
    "STARS",
    "SUBSET",
    "TABLE",
    "USED",
    "VERB_AFTER",
    "WITH_LETTER",
]

ALONE_BEFORE = anything(
    r"[\W\x00]*(?:(?:in|en|with|con|about|just|only|solo|sólo|dans|avec|seulement|用|以)\s*)?(?:a\s+total\s+of\s+)?"
)
VERB_AFTER = anything(
    r"\s+(?:is|are|was|were|has|have|had|isn|aren|sounds?|seems?|takes?|es|son|era|eran|fue|tiene|parece"
    r"|est|sont|ont)\b"
)
ATTRIBUTE = anything(
    r"\s+(?:(?:\w+[\w-]*)\s+){0,2}?(?:response|answer|summary|reply|essay|story|description|explanation"
    r"|overview|review|bio|biography"
    r"|abstract|synopsis|e-?mail|letter|message|poem|article|format|text|note|speech|post|report|analysis"
    r"|statement|tale|script)\b"
)
FRENCH = anything(
    r"\b(?:le|les|des|une|dans|pour|ta|votre|réponse|doit|écri\w*|rédige\w*|répon\w*|mots|avec|est|du"
    r"|moins|plus de|fais)\b"
)
ENGLISH = anything(r"\b(?:the|with|your|answer|must|should|of|write|response|and|that|is|for)\b")
EMPHASIS = one_of(
    r"\b(?:highlight|italic|bold|emphas|resalt|destac|negrita|cursiva|évidence|gras\b|italique)\w*",
    r"强调|重点|加粗|高亮|斜体|標出|標示|強調|太字",
)
MARK = one_of(r"\b(?:highlight|italici[sz]e|bold|emphasi[sz]e|resalt[ae]|destac[ae]|souligne|surligne)\s*\Z")
CAPITALS = one_of(
    r"(?:(?!\band\b)[^.;,\n]){0,40}\bin all (?:caps|capital letters|capitals)\b",
    r"\s*(?:\w+\s+)?(?:(?:in|with|using|of|written in)\s+)?(?:all[\s-]{1,2})?(?:capital letters|caps\b"
    r"|capitals|uppercase)",
    r"\s*(?:escritas?\s+)?(?:todas?\s+)?(?:en|con(?: todas las letras en)?)\s+mayúsculas",
    r"\s*(?:écrits\s+)?(?:tout\s+)?en\s+(?:lettres\s+)?(?:majuscules|capitales)",
)
CAPITAL_SUBJECT = one_of(
    r"\bwords?\s+(?:(?:in|with|using|of|written in)\s+)?(?:all\s+)?(?:capital(?:ized)? letters|caps"
    r"|capitals|uppercase)",
    r"\bpalabras?\s+(?:\w+\s+){0,5}?(?:en|con)\s+(?:todas\s+)?(?:las\s+)?(?:letras\s+(?:en\s+)?)?may[uú]scul\w+",
    r"\bmots?\s+(?:\w+\s+){0,4}?en\s+(?:lettres\s+)?(?:majuscules|capitales)",
)
FULL_CAPITALS = re.compile(r"全大写的|全部大文字の")
# *At least 5 words that start with A* is no length.
SUBSET = anything(
    r"\s*(?:(?:that|which|who|whose|where|starting|beginning|ending|containing|related|from|such as|like"
    r"|rhym\w+|per|in (?:all|bold|italics?|caps|english letters)|with (?:a|an|the|\w+ing)\b|to describe|describing|ago"
    r"|que|qui|commençant|con|en negrita|or phrases|acentuad\w+|agud\w+|claves?)\b)"
)
DIGITS = one_of(r"\b(?:digits?|figures|numerals|cifras|chiffres)\b|阿拉伯|数字で|数字")
HEADER = one_of(r"\b(?:header|heading|of content|of data|cabecera|encabezado|en-tête)\b|表头|見出し")
ANSWER = one_of(r"\b(?:answer|response|reply|output|blank|respuesta|réponse|code fences|código|code)\b|回答|回复|空行")
ADDED = one_of(r"\b(?:add|insert|append|plus|añade|agrega|ajoute)\s*\Z|(?:添加|加上|加入|插入)\s*\Z")
"""*Add one sentence* to a text is no length of it."""
TABLE = one_of(r"\b(?:tables?|tablas?|tableaux?)\b|表格|の表")
STARS = re.compile(r"\*\*\*|\x01\x00{3}\x02")
LIST_ITEM = re.compile(r"(?:^|\n)[ \t]*(?:[-*•·]|\d{1,2}[.)、])[^\n]*\Z")
HAS_SUBJECT = one_of(
    rf"\b(?:words?|terms?|keywords?|phrases?|names?|palabras?(?:\s+clave)?|términos?|frases?|expresión|mots?(?:-clés?)?"
    rf"|termes?|expressions?)\s*:?\s*(?P<quote>{QUOTE.pattern})",
    rf"(?:词语|单词|关键词|词汇|短语|词|语句|語句|単語|言葉|キーワード|フレーズ|語)\s*[:：]?\s*(?P<quote2>{QUOTE.pattern})",
    rf"\b(?:letters?|letras?|lettres?)\s+(?P<letter>{QUOTE.pattern}|[a-zñç](?![\w'’]))",
    rf"(?:字母|文字)\s?(?P<letter2>{QUOTE.pattern}|[a-z](?![a-z]))",
    r"\b(?:word|keyword|term|palabra|mot)\s+(?P<bare>[^\W\d_][\w'’-]{1,30})(?=\s+(?:appears?|occurs?|is"
    r"|be|should|must|at least|at most|exactly|less"
    r"|more|no|fewer|once|twice|needs|\d|one|two|three|four|five|six|seven|eight|nine|ten|al menos|debe"
    r"|por lo menos|au moins|doit|precisely|only|not))",
)
HAVE = anything(r"(?:\A\W*|\band\s+)have\s*\Z")
NEGATED_VERB = anything(
    r"(?:\b(?:do not|don't|never|no)|\bn')\s*(?:use|include|repeat|mention|uses|utilices|emplees|utilise"
    r"|emploie)\b[^.,;\n]{0,70}\Z"
)
WITH_LETTER = anything(
    r"\b(?:words?|palabras?|mots?)\s+(?:with|containing|including|having|incluyendo|that (?:contain|start"
    r"|begin|end)\w*|con|que \w+|avec)\b[^.;\n]{0,20}\Z"
)
ONCE = anything(
    r"(?P<relation>\b(?:at least|exactly|at most|no more than|more than|only|precisely"
    r"|not more than)\s+)?\b(?P<n>once|twice)\b"
)
NAMING = one_of(
    r"(?:\A|[.,:;!?]|\b(?:use|include|mention|say|write|repeat|contain|and|that|usa|utiliza|menciona"
    r"|incluye|repite|di|y|que|utilise|mentionne|répète|et"
    r"|answer|response|respuesta|réponse))\s*\Z",
    r"(?:使用|用|提到|提及|出现|包含|重复|说)\s*\Z",
)
"""What may stand before a quotation that is the word itself."""
USED = one_of(
    r"\b(?:appear|occur|use|include|mention|repeat|say|show up|contain|aparec|usa|utiliz|mencion|repit|apparaî|figur"
    r"|utilis|répèt|mentionn)\w*",
    r"出现|使用|提到|提及|用|重复|現れ|使|出て|登場|入れ|繰り返",
)
