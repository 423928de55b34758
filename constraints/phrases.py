"""What the words around a wish say about it: a request or a report, the whole answer or a part of it.

In English, Spanish, French, Chinese and Japanese. All patterns are tried on one sentence, and their scans are bounded.
"""

from __future__ import annotations

import re

__all__ = [
    "ASKS_FOR_A_WORD",
    "CODE",
    "CONDITION",
    "CONDITIONAL_ITEM",
    "DEFINITE",
    "DIRECTIVE",
    "KANA",
    "LIST",
    "MODAL",
    "NEGATED",
    "OF_THE_USER",
    "OVERALL",
    "PART_AFTER",
    "PART_BEFORE",
    "QUOTE",
    "REPORT",
    "STEP",
    "STEPS",
    "anything",
    "bounded",
    "one_of",
]


def bounded(pattern: str) -> str:
    """Bounds white space: where it is free, a page of line ends takes the square of its length."""
    return pattern.replace(r"\s*", r"\s{0,9}").replace(r"\s+", r"\s{1,9}")


def anything(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern for any case."""
    return re.compile(bounded(pattern), re.IGNORECASE)


def one_of(*patterns: str) -> re.Pattern[str]:
    """Compiles patterns of which any may stand, for any case."""
    return anything("|".join(patterns))


QUOTE = re.compile(r"\x01\x00*\x02")
"""One quotation in what is read."""
LIST = re.compile(
    rf"{QUOTE.pattern}(?:(?:\s{{0,3}}(?:[,、，;/&+]|(?:and|or|nor|y|e|o|u|ni|et|ou)\b|和|以及|及|与|或|と|や|か)){{0,2}}"
    rf"\s{{0,3}}{QUOTE.pattern}){{0,40}}"
)
"""Quotations with nothing but commas and *and* between them."""
KANA = re.compile(r"[\u3041-\u30fa]")
"""What only Japanese has."""
DIRECTIVE = one_of(
    r"\b(?:write|answer|respond|reply|give|provide|explain|summari[sz]e|describe|create|generate|compose|draft|make"
    r"|keep|limit|use|list|tell|re-?write|rephrase|paraphrase|shorten|expand|translate|please|should|must|needs?|want"
    r"|can you|could you|would like|i'd like|max(?:imum)?|min(?:imum)?|length|word (?:count|limit)|produce|return"
    r"|output|outline|discuss|compare|analy[sz]e|prepare|develop|craft|design|elaborate|extend|include|ensure|do|show"
    r"|define|state|review|argue|reflect|present|format|act|introduce|type|speak|talk|say|continue|improve|edit"
    r"|convert|add|put|mention|highlight|italici[sz]e|emphasi[sz]e|bold|mark|divide|split|separate|avoid|refrain|never"
    r"|don'?t|don’t|not|wrap|begin|start|end|finish|conclude|open|close|place|repeat|contain|has to"
    r"|have to|pls|without|no)\b",
    r"\b(?:escr[ií]b[ae]\w*|escribir|resp[oó]nd[ea]\w*|respondes|contest[ae][sr]?|redact[ae]\w*|res[uú]m[ae]\w*"
    r"|resumir|expl[ií](?:ca|que)\w*|descr[ií]b[ae]\w*|crea|cree|genera|genere|devuelv[ea]|da|dé|haz|dame|hazme|dime|cuéntame"
    r"|haga|elabor[ae]|usa|use[ns]?|utili(?:za|ce)\w*|limit[ae]|deb(?:e|en|es|er[áí]an?|erán?)|tiene que"
    r"|tendrá|quiero|necesit(?:o|a|an)|requiere|contenga|puedes|podrías"
    r"|por favor|incluy[ea]\w*|enumer[ae]|tradu(?:ce|cir|zca)|parafrasea|reescrib[ae]|desarrolla|máximo|mínimo|pon"
    r"|marca|marque|termina|termine|finali[zc]\w*|conclu\w+|empieza|empiece|comienza|comience|divide"
    r"|divida|menciona|evita|evite|abre|cierra"
    r"|asegúrate|asegúrese|no|sin|resalta|resalte|destaca|destaque|envuelve|añade|añada|agrega|agregue|proporciona)\b",
    r"\b(?:écri[st]\w*|écrivez|écrire|rédige[rz]?|répond[sre]\w*|donne[rz]?(?:-moi)?|explique[rz]?|décri[st]|décrivez"
    r"|résume[rz]?|fais|faites|utilise[rz]?|insère|insérez|insérer|emploie|employez|inclus|incluez"
    r"|tradui[st]|traduisez|génère|générez|crée[rz]?"
    r"|propose[rz]?|doi[ts]|doivent|devra|peux-tu|pouvez-vous|pourr(?:ais|iez)|veuillez|merci de|s'il (?:te|vous) plaît"
    r"|limite[rz]?|maximum|minimum|mets|mettez|marque|évite[rz]?|commence[rz]?|débute|termine[rz]?|finis|conclus|ouvre"
    r"|divise[rz]?|mentionne[rz]?|ajoute[rz]?|il (?:faut|doit)|n'[a-zé]+|ne|sans|raconte|présente|développe|reformule"
    r"|place[rz]?|veille[rz]?|fournis|fournissez|dis|renvoie)\b",
    r"请|請|写|寫|回答|用|生成|总结|概括|翻译|解释|介绍|描述|给|帮|要求|字数|列|改写|扩写|缩写|润色|控制|限制|不超过|不少于"
    r"|至少|最多|输出|返回|讲|以内|之内|必须|需要|应|不要|不得|不能|确保|务必|包含|避免|只|须|全部",
    r"ください|下さい|くださ|しなさい|なさい|してほしい|お願い|必要|書い|書く|答え|まとめ|こと。|作成|作っ|教え|出力|禁止|ならない|ならず|いけません|してくれ|せよ"
    r"|ましょう|でお願い|にして|使えません",
)
"""What makes a sentence a request; in one without it a length is somebody's report."""

CONDITION = one_of(
    r"\b(?:if|when|whenever|unless|si|cuando|quand|lorsque)\b|如果|假如|若(?!干)|倘|否则|当[^前]|もし|場合"
)
"""What binds a wish to a case that may not be."""
STEPS = re.compile(
    r"(?P<later>(?:^|[\n。；;])\s*(?:\d{1,2}[.、]\s*)?(?:然后|随后|接着|再(?=[^，。\n]{0,20}(?:根据|生成|写|对|针对|将)))|，然后)"
    r"|(?P<first>(?:首先|先(?![生进前])))[^\n]{0,200}?(?:再|然后|接着|最后)"
)
"""What makes a Chinese request one of several steps: what is wished in one is wished of a part."""
OVERALL = re.compile(
    r"整体(?!的)|总体(?!的)|全文|总字数|整个(?:回答|回复|输出)|完整的回[复答]|你的(?:所有|全部)(?:回答|回复|输出)|(?:所有|全部)(?:回答|回复|输出|内容)"
)
"""What makes such a wish one of all of it."""
STEP = anything(r"\A[\W\d]*(?:first(?:ly)?|then|next|after (?:that|this)|afterwards)\b(?!\s+repeat)|,\s+then\b")
"""The same in English, of a sentence up to the wish."""
CONDITIONAL_ITEM = one_of(
    r"\A\s*(?:[-*•·]|\d{1,2}[.、)）])?\s*(?:如果|若|当|假如|对于|否则|if|when|in case|si|cuando|quand|もし)"
)
"""A line that begins with a condition: all of it is said of that case."""
NEGATED = one_of(
    r"(?:\b(?:don'?t|don’t|do not|never|not|cannot|can't|avoid|no|nunca|evita|jamais|ne|éviter?)\b|\bn')"
    r"[^.,;\n]{0,40}\Z",
    r"(?:不要|不得|不能|不可|别|勿|避免)[^。，；\n]{0,8}\Z",
)
"""*Don't write more than 50 words* is a maximum."""
PART_BEFORE = one_of(
    r"\b(?:each|every|cada|chaque|either|both)\b[^.;\n。；]{0,120}\Z",
    r"\b(?:each|every|per|titles?|headlines?|headings?|taglines?|subject lines?|subject|captions?|hooks?"
    r"|introductions?|intro|conclusions?|bullets|points|paragraphs|sentences|(?<!blank )lines|sections?"
    r"|meta description"
    r"|keywords|slides?|chapters?|items?|entries|stanzas?|verses?|body|steps?|scenes?|paragraph|cells?"
    r"|columns?|rows?|cada|títulos?|párrafos|frases|oraciones|introducción|conclusión|versos?|estrofas?|secciones"
    r"|sección|puntos|líneas(?! en blanco)|titres?|paragraphes|phrases|strophes?|points|lignes(?! vides)"
    r"|conclusion|sections)\b"
    r"(?:(?!\b(?:and|y|et)\b)[^.;\n。；]){0,32}\Z",
    r"(?:^|[\s(])[a-d1-9]\)\s[^\n]{0,80}\Z",
    r"\b(?:names?|descriptions|examples|questions|answers|tweets|options|ideas|facts|tips|responses|variations|versions"
    r"|slogans|jokes|posts|stories|poems|haikus|sentence|reviews|comments)\s+(?:of|with|that (?:are|have)"
    r"|containing|,)\s*\Z",
    r"\bH[1-6]\b[^.;\n]{0,20}\Z|\blength of (?:the |each )?(?:description|title|meta\w*|heading)s?\b[^.;\n]{0,20}\Z",
    r"(?:解释|说明|评论|点评|评析|理由)[^。，\n]{0,4}\Z",
    r"(?:都|均)[^。，\n]{0,4}\Z|(?:以上|以下|上述|原文|该)(?:内容|文本|文段|文字|句子)?(?:未|没有)?\s*\Z",
    r"(?:每|各|标题|题目|开头|结尾|名字|名称|第[一二三四五六七八九十\d]{1,3}|分别|首先|副标题|标语|其中|简介部分|正文)"
    r"[^.;\n。；]{0,20}\Z",
    r"(?:各|それぞれ|毎に|ごとに|タイトル|見出し|一つの|第[一二三\d])[^。；\n]{0,20}\Z",
)
"""What a length is said of when it is not said of the whole answer, before it."""
PART_AFTER = one_of(
    r"[^.;,\n。；，]{0,24}(?:\b(?:each|per|apiece|every|cada|por (?:cada|párrafo|frase|punto|sección|línea"
    r"|elemento|persona)|chacune?|chaque)\b|每|ずつ|ごと)",
    r"\s*/",
    r"\s*(?:for|para|pour)\s+(?:the|each|every|cada|chaque|both)\b",
    r"\s*(?:introductions?|intro|titles?|headlines?|conclusion|captions?|taglines?|slogans?)\b",
    r"\s*(?:的|以内的|以下的)?(?:标题|题目|开头|结尾|名字|名称|段落|句子|小节|引言)",
    r"\s*(?:时|的时候|的话)",
)
"""The same, after it."""
CODE = anything(
    r"\b(?:functions?|scripts?|code|program|api|parse[rsd]?|parsing|class(?:es)?|python|javascript|typescript|java|php"
    r"|sql|react|node|servers?|endpoints?|schema|file|función|código|programa|fonction|programme|fichier)\b"
    r"|代码|函数|程序|接口|文件|コード|関数|プログラム|ファイル"
)
"""What makes a form the form of some code or file."""
REPORT = anything(
    r"(?:(?<!that )(?<!which )\b(?:able to use|ha[sd]|have|contains|contained|was|were|wrote|already"
    r"|currently|tiene|tenía|tengo|hay|j.ai"
    r"|avait|contient|compte)|有|写了)\s*\Z"
)
"""Verbs that say what is, right before a length: *my essay has 2000 words*."""
DEFINITE = anything(
    r"\b(?:the|this|these|that|those|my|your|last|first|next|starting|opening|final|previous|other|another|following"
    r"|above|all|los|las|estas?|estos|primer[ao]s?|últim[ao]s|les|ces|mes|premi[èe]re?s?|derni[èe]re?s?"
    r"|suivante?s?)\s*\Z"
    r"|[前后这那第上下首末]\s*\Z|(?:下面|上面|以下|以上|上述|下列)的?\s*\Z|(?:最初|最後|次)の\s*\Z"
)
"""*These two sentences* are there already."""
MODAL = one_of(
    r"\b(?:should|must|needs? to|has to|have to|ensure|make sure|want|shall|will|deb(?:e|en|er[áí]an?"
    r"|erán?)|necesita|tiene que|tenga|doi[ts]|doivent"
    r"|faut|so that it)\b",
    r"必须|应|需|要|使它|请|確|必要",
)
"""What makes *have* a wish again."""
OF_THE_USER = anything(
    r"\bI(?:'ll|'m|’m)?\s+(?:(?:need|have|want)\s+to|will|would|can|may|am|was|don'?t|cannot|can't|do not)?\s*\Z"
)
"""*When I need to tell you something in English* says what the user will do."""
ASKS_FOR_A_WORD = one_of(
    r"\b(?:how|what|which)\b[^.!\n]{0,60}\b(?:say|call(?:ed)?|words?|means?|spell|pronounced?|translation|term|name)\b",
    r"怎么说|怎么读|什么意思|\bcómo se (?:dice|llama|escribe)\b|\bcomment (?:dit-on|dire|on dit)\b|何と言|なんて言",
)
"""*How do you say hello in Spanish?* asks for a word, not for an answer in Spanish."""
