"""The phrases in which users say in what form to answer, where a check covers the form.

In English, Spanish, French, Chinese and Japanese, as patterns for one sentence.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .phrases import one_of

__all__ = ["BULLET", "CHECKED", "Form"]


class Form(NamedTuple):
    """A phrase that says a form."""

    pattern: re.Pattern[str]
    checker: str
    kwargs: dict[str, str | int]
    binding: bool = True
    """False where it only rules out the opposite: *comma-separated* forbids ``no_comma``."""
    asks: bool = False
    """Whether the phrase is a request by itself: *only the name*."""
    needs: tuple[str, ...] = ()
    """In small letters, of which each such phrase holds one: a text without them is not searched; empty: any is."""


BULLET = r"(?:bullet(?:ed)?[ -]?(?:points?|list|form(?:at)?)|bullets)"
_GIVE = (
    r"\b(?:return|output|respond|answer|give|provide|generate|format(?:ted)?|produce|write|reply|present|wrap"
    r"|should be|must be)\b[^.;!?\n]{0,60}?"
)
_DA = (
    r"\b(?:responde|devuelve|genera|escribe|contesta|da|dame|entrega|formatea|debe (?:estar|ser|ir))\b[^.;!?\n]{0,60}?"
)
_DONNE = (
    r"\b(?:réponds|renvoie|génère|écris|donne|fournis|formate|présente|doit être|rédige|retourne)\b[^.;!?\n]{0,60}?"
)
_WHOLE = (
    r"(?:(?:entire|whole|full|complete|all(?: of)?)\s+(?:your\s+|the\s+)?(?:answer|response|output|reply)"
    r"|(?:answer|response|output|reply) (?:only|entirely))"
)


def _data(name: str) -> re.Pattern[str]:
    """Compiles the wishes that the whole answer be in a data format."""
    return one_of(
        rf"\b(?:give|write|return|output|format|wrap)\s+(?:your\s+|the\s+)?{_WHOLE}\s+(?:as|in"
        rf"|with)\s+(?:[\w-]+\s+){{0,3}}?{name}\b",
        rf"\b(?:your|the)\s+{_WHOLE}\s+(?:must|should|has to)\s+be\s+(?:\w+[ -]){{0,4}}?{name}\b",
        rf"\b(?:return|output|respond(?: with| in)?|answer(?: with| in)?|reply(?: with| in)?)\s+(?:only"
        rf"|just|nothing but)"
        rf"\s+(?:(?:valid|the|a|well-formed|comma-separated)\s+)?{name}\b",
        rf"\b(?:return|output|answer|respond|reply|give|provide|present)\s+(?:(?:me|it|them|this|the|your"
        rf"|result\w*|answer"
        rf"|output|data|response|everything|list)\s+){{0,3}}(?:as"
        rf"|in)\s+(?:an?\s+)?(?:valid\s+)?{name}(?:\s+format)?\s*(?=[.,;!\n]|\Z)",
        rf"\b(?:only|just)\s+(?:the\s+|valid\s+)?{name}\s+(?:output|code)\b|\b{name}\s+only\b",
        rf"\b(?:escribe|devuelve|da)\s+toda\s+tu\s+respuesta\s+(?:como|en)\s+(?:\w+\s+){{0,3}}?{name}\b",
        rf"\bdevuelve\s+(?:solo|sólo|únicamente)\s+(?:un fragmento\s+)?{name}\b",
        rf"\b(?:donne|écris|rédige)\s+toute\s+ta\s+réponse\s+(?:en|sous la forme d'un)\s+(?:\w+\s+){{0,3}}?{name}\b",
        rf"\bne\s+renvoie\s+(?:que\s+du|qu'un(?: fragment)?)\s+{name}\b",
        rf"(?:将|把)?(?:整个|全部)回答(?:写成|输出为)[^。，\n]{{0,10}}?{name}|只(?:输出|返回)[^。，：\n]{{0,8}}?{name}",
        rf"(?:以|用|按)\s*{name}\s*(?:格式|形式)(?:来)?(?:输出|返回|回答|回复|给出)",
        rf"回答全体を[^。\n]{{0,40}}?{name}|{name}(?:の断片)?(?:だけ|のみ)を?(?:出力|返)|{name}(?:形式)?で(?:出力|返し|回答|答え)",
    )


def _without(en: str, es: str, fr: str, zh: str, ja: str) -> tuple[str, ...]:
    """Gives the patterns of the bans of a thing: its names by language; Spanish ones in the plural and singular."""
    return (
        rf"(?:\b(?:no|without(?: any| using(?: any)?| a single| the use of(?: any)?)?"
        rf"|avoid(?:ing)?(?: using| the use of)?(?: any)?)"
        rf"|(?:\bnot|n't|n’t|\bnever|\bcannot)\s+(?:allowed\s+)?(?:to\s+)?(?:use|include|contain|have|add"
        rf"|put|employ|insert)(?: any| a(?: single)?)?(?: of)?"
        rf"|\brefrain(?:ing)? from(?: using| the use of)?(?: any)?|\bfree of|\bexclude(?: all| any)?"
        rf"|\bnot a single)\s+{en}",
        rf"\b(?:sin(?: usar| utilizar| incluir)?(?: ningun[oa]?)?|no (?:se )?(?:uses?|utilices?|debe[ns]?"
        rf"|incluyas?|puede[ns]?|emplees?"
        rf"|utilice|incluya|utilizar|usar|incluir|emplear|contener|permite[n]?)(?: (?:contener|usar"
        rf"|incluir|haber|tener|utilizar))?(?: ni)?(?: un[oa]?)?(?: sol[oa])?"
        rf"|evita(?: por completo| usar| utilizar)?|evite)(?: (?:ning[uú]n[oa]?s?|las?|los|el|uso de"
        rf"|(?:ni )?una?(?: sola?)?))*\s+{es}",
        rf"(?:\bn'utilise(?:z)?|\bn'emploie|\bévite[rz]?|\bsans|\bne (?:doit|mets|mettez"
        rf"|contient))(?:\s+(?:pas|contenir|complètement"
        rf"|aucune?|une?|seule?|utiliser|d'|de|du|des|les?|la))*\s*{fr}",
        rf"(?:不(?:要|得|能|可|许|准|应|允许|使用|用|带|含|可以)?|避免|禁止|无需|勿|别|没有|无)(?:有|使用|用|出现|包含|含有|添加|加|带|任何|一个"
        rf"|与|的){{0,4}}{zh}",
        rf"{ja}(?:や[^。、\n]{{1,8}}|も[^。、\n]{{1,8}})?(?:は|を|も|の使用)?(?:一切|一つも|一個も|全く|絶対に)?(?:使わ|使用し|入れ|含め|避け|禁止|なし|用い|付け"
        rf"|書か)(?:ない|て(?:は)?(?:いけ|なら|くだ)|ず|ては|$|し)?",
    )


_CASE = tuple("case capital caps letters minúscul minuscul mayúscul mayuscul majuscul 小写 大写 小文字 大文字".split())
CHECKED: tuple[Form, ...] = (
    Form(
        one_of(
            rf"\b(?:in|as|use|using|with|into|form of)\s+(?:(?:an?|clear|short|concise)\s+)*{BULLET}\b",
            r"\b(?:con|en|usa|usando|mediante)\s+(?:una\s+lista\s+(?:de|con)\s+)?viñetas\b",
            r"\b(?:avec|en|sous forme de|utilise)\s+(?:une\s+liste\s+(?:à|de)\s+|des\s+|liste à\s+)?puces\b",
            r"(?:用|使用|以)项目符号|箇条書きで",
        ),
        "format.bullets",
        {"relation": "at_least", "n": 1},
        asks=True,
    ),
    Form(
        one_of(
            _GIVE + r"\b(?:as|in|with|into|using)\s+(?:an?\s+|one\s+)?(?:valid\s+|strict\s+|pure\s+"
            r"|single\s+)?json\b(?!\s+schema)",
            r"\b(?:only|just|nothing but)\s+(?:valid\s+|the\s+|a\s+|contain\s+)*json\b"
            r"|\bplease use (?:the )?json(?: format)?\b|\bjson\s+(?:format\s+)?only\b",
            rf"\b(?:your|the)\s+{_WHOLE}\s+must\s+be\s+(?:valid\s+)?json\b",
            _DA + r"\b(?:en|como|ser)\s+(?:formato\s+|un\s+(?:solo\s+)?)?(?:objeto\s+(?:o\s+arreglo\s+)?)?json\b",
            r"\bdevuelve\s+solo\s+json\b|\bformato\s+json\b|\brespuesta\s+entera\s+debe\s+ser\s+json\b",
            _DONNE + r"\b(?:en|au|sous(?: la forme d'un(?: seul)?)?|être)\s+(?:format\s+"
            r"|du\s+)?(?:objet\s+(?:ou\s+tableau\s+)?)?json\b",
            r"\bréponse\s+entière\s+doit\s+être\s+du\s+json\b|\bne\s+renvoie\s+que\s+du\s+json\b"
            r"|\bau\s+format\s+json\b|\b(?:following|in|as|using|inside(?: the)?)\s+(?:valid\s+)?json\s+format\b",
            r"(?:以|用|按|按照|使用|通过)\s*(?:标准)?json\s*(?:格式|形式|对象|字符串)?\s*(?:来)?(?:输出|返回|回答|回复|给出|表示|呈现|进行)",
            r"(?:只|仅)(?:输出|返回)\s*json|(?:输出|返回|结果)(?:为|成|格式为|格式[:：])\s*json|全部回答必须是[^。\n]{0,4}json"
            r"|写成[^。\n]{0,4}json",
            r"json(?:形式|オブジェクト)?(?:また[^。\n]{0,6})?(?:だけ|のみ)?(?:で|を|に)(?:出力|回答|返|答え|し)|正しいjson",
        ),
        "format.json",
        {},
        needs=("json",),
    ),
    Form(
        one_of(
            r"\b(?:in|use|using|with|only)\s+(?:(?:all|only|entirely)\s+)*(?:lower[ -]?case"
            r"|small letters)\b(?!\s+(?:letter|words?|roman)\b)",
            r"\ball\s+lower[ -]?case\b|\ball (?:of the )?letters (?:are |be |should be )?(?:in )?lower[ -]?cased?\b",
            r"(?:\b(?:no|without(?: any| using(?: any)?)?)|(?:\bnot|n't|\bnever)\s+(?:use|contain)(?: any| a single)?)"
            r"\s+(?:capitals|capital letters?|upper[ -]?case)\b(?!\s+(?:words?|and|or)\b)",
            r"\b(?:todo\s+)?(?:en|solo|únicamente|letras)\s+(?:letras\s+)?min[úu]sculas\b"
            r"|\bsin\s+(?:usar\s+|ninguna\s+)?(?:letras\s+)?mayúsculas?\b",
            r"\b(?:tout\s+)?en\s+(?:lettres\s+)?minuscules\b",
            r"(?:全部|都|全|均|只|仅|一律)(?:用|使用|为|是)?(?:英文)?小写|(?:用|使用)小写字母(?:回答|写)|小写字母(?:写|输出)",
            r"小文字(?:だけ|のみ)?(?:で|に)(?:書|答|し|出力|統一)",
        ),
        "case.lower",
        {},
        needs=_CASE,
    ),
    Form(
        one_of(
            r"\b(?:in|use|using|with|only)\s+(?:(?:all|only|entirely)\s+)*"
            r"(?:upper[ -]?case|capitals|capital letters|caps(?: lock)?)\b(?!\s+(?:words?|roman)\b)",
            r"\ball\s+(?:upper[ -]?case|capital letters)\b",
            r"\b(?:todo\s+)?(?:en|solo|únicamente|letras)\s+(?:letras\s+)?may[úu]sculas\b",
            r"\b(?:tout\s+)?en\s+(?:lettres\s+)?(?:majuscules|capitales)\b",
            r"(?:全部|都|全|均|只|仅|一律)(?:用|使用|为|是)?(?:英文)?大写",
            r"大文字(?:だけ|のみ)?(?:で|に)(?:書|答|し|出力|統一)",
        ),
        "case.upper",
        {},
        needs=_CASE,
    ),
    Form(
        one_of(
            *_without(
                en=r"commas?\b(?!\s*(?:splice|between|separat|other than|except))",
                es=r"comas?\b",
                fr=r"virgules?\b",
                zh="(?:逗号|顿号)(?![^。，\n]{0,6}(?:以外|之外))",
                ja="(?:読点|コンマ|カンマ)",
            ),
            r"\bcommas?\s+(?:are|is)\s+(?:not allowed|forbidden|prohibited|banned)",
        ),
        "punctuation.no_comma",
        {},
        needs=tuple("comma coma virgule 逗号 顿号 読点 コンマ カンマ".split()),
    ),
    Form(
        one_of(
            *_without(
                en=r"exclamation (?:marks?|points?)\b",
                es=r"signos? de (?:exclamación|admiración)",
                fr=r"points? d['’]exclamation",
                zh="(?:感叹号|叹号)",
                ja="(?:感嘆符|エクスクラメーションマーク)",
            )
        ),
        "punctuation.no_exclamation",
        {},
        needs=tuple("exclam admiraci 叹号 感嘆符 エクスクラメ".split()),
    ),
    Form(
        one_of(
            *_without(
                en=r"emojis?\b",
                es=r"emojis?|emoticon[oe]s?",
                fr=r"(?:émojis?|emojis?|émoticônes?)",
                zh="(?:表情符号|表情|emoji)",
                ja="(?:絵文字)",
            ),
            r"\bne doit pas contenir le moindre émoji\b|一个(?:emoji|表情)都不能有",
        ),
        "charset.no_emoji",
        {},
        needs=tuple("emoji émoji emotic émotic 表情 絵文字".split()),
    ),
    Form(
        one_of(
            *_without(
                en=r"markdown\b(?! (?:table|header|list|code))",
                es=r"(?:formato )?markdown\b",
                fr=r"(?:mise en forme )?markdown\b",
                zh="markdown",
                ja="(?:markdown|マークダウン)(?:の書式|記法|形式)?",
            ),
            r"\bleave out all markdown\b|\bsin nada de markdown\b",
        ),
        "charset.no_markdown",
        {},
        needs=("markdown", "マークダウン"),
    ),
    Form(
        one_of(
            *_without(
                en=r"(?:the\s+)?(?:pronouns?\s+(?:of|in)\s+the\s+)?first[ -]person(?! shooter)",
                es=r"(?:la\s+)?(?:(?:palabras|pronombres)(?:\s+ni\s+posesivos)?\s+(?:de|en)\s+)?primera persona",
                fr=r"(?:la\s+)?(?:pronoms(?:\s+ni\s+de\s+possessifs)?\s+(?:de|à)\s+la\s+)?première personne",
                zh="第一人称",
                ja=r"一人称(?:の代名詞|代名詞)?(?:（[^（）\n]{1,40}）)?",
            ),
            r"\bsans je, (?:j', )?me, moi\b",
        ),
        "style.no_first_person",
        {},
        needs=("person", "人称", "sans je,"),
    ),
    Form(
        one_of(
            r"\b(?:title|name)\b[^.;\n]{0,40}\b(?:double\s+angul\w+|double\s+angle)\s+brackets"
            r"|\btitle\b[^.;\n]{0,60}<<[^<>\n]{1,60}>>",
            r"\bdouble\s+angular\s+brackets\b[^.\n]{0,60}<<[^<>\n]{0,60}title",
            r"\btítulo\b[^.;\n]{0,60}(?:dobles?\s+(?:corchetes\s+angulares|paréntesis angulares)|<<[^<>\n]{1,60}>>)"
            r"|\btítulo\b[^.;\n]{0,40}corchetes\s+angulares\s+dobles",
            r"\btitre\b[^.;\n]{0,60}(?:doubles?\s+chevrons|<<[^<>\n]{1,60}>>)",
            r"标题[^。；\n]{0,30}(?:双尖括号|<<[^<>\n]{1,30}>>)|<<[^<>\n]{0,30}标题>>",
            r"(?:題名|タイトル)[^。\n]{0,30}(?:二重の?山括弧|<<)|<<[^<>\n]{1,30}>>[^。\n]{0,30}題名|二重の?山括弧[^。\n]{0,20}題名",
        ),
        "format.title",
        {},
        needs=tuple("title name título titre 标题 題名 タイトル".split()),
    ),
    Form(
        one_of(
            r"\b(?:wrap|put|enclose|place|surround|have|stand)\b[^.;\n]{0,40}\b(?:answer|response|reply"
            r"|output|(?:entire|whole) \w+)\b[^.;\n]{0,60}"
            r"\b(?:(?:in|with|within|inside|by|between)\s+)?(?:double\s+)?(?:quotations? marks|quotes)",
            rf"\b(?:your|the)\s+{_WHOLE}\s+(?:must|should)\s+[^.;\n]{{0,40}}(?:quotation marks|quotes)",
            r"\bdouble (?:quotations? marks?|quotes)\b[^.;\n]{0,30}\b(?:entire|whole) \w+|\b(?:answer"
            r"|response|output|reply)\b[^.;\n]{0,60}\b(?:is |be |should be )wrapped (?:in|with) (?:double )?quot"
            r"|\bquotation mark before and one after",
            r"\brespuesta\b[^.;\n]{0,40}\b(?:entre|con|en)\s+comillas\b"
            r"|\bcomillas(?:\s+dobles)?\b[^.;\n]{0,40}\b(?:toda\s+)?(?:tu|la) respuesta",
            r"\bréponse\b[^.;\n]{0,40}\b(?:entre|dans)\s+(?:des\s+)?guillemets|\bguillemets\b[^.;\n]{0,50}\bréponse",
            r"(?:双引号|引号)(?:把|将)?[^。，；\n]{0,6}整个(?:回答|回复)|(?:全部|整个)(?:回答|回复)[^。，；\n]{0,16}引号",
            r"回答(?:全体|はすべて)[^。\n]{0,10}(?:二重)?引用符",
        ),
        "start_end.quotation",
        {},
        needs=tuple("quot comillas guillemets 引号 引用符".split()),
    ),
    Form(_data("yaml"), "data.yaml", {}, needs=("yaml",)),
    Form(_data("toml"), "data.toml", {}, needs=("toml",)),
    Form(_data("xml"), "data.xml", {}, needs=("xml",)),
    Form(
        one_of(
            rf"\b(?:your|the)\s+{_WHOLE}\s+must\s+be\s+(?:an\s+)?html\b|\boutput\s+only\s+html\b",
            rf"\b(?:give|write|return|output)\s+(?:your\s+|the\s+)?{_WHOLE}\s+(?:as|in)\s+html\b",
            r"\brespuesta\s+en\s+html\b|\bdevuelve\s+solo\s+un\s+fragmento\s+html\b",
            r"\bréponse\s+en\s+html\b|\bne\s+renvoie\s+qu'un\s+fragment\s+html\b",
            r"回答写成html|只输出html|回答全体をhtml|htmlの断片だけを",
        ),
        "data.html",
        {},
        needs=("html",),
    ),
    Form(
        one_of(
            r"\b(?:alphabetical(?:ly)?|alphabetic)\s+(?:order|sorted|ordered)|\b(?:sort|order|arrange"
            r"|list)\w*\b[^.;\n]{0,30}\balphabetically\b",
            r"\borden\s+alfabético\b|\bordre\s+alphabétique\b|按字母(?:表)?顺序|アルファベット順|五十音順",
        ),
        "lists.alphabetical",
        {},
        False,
        needs=tuple("alfab alphab 字母 アルファベット 五十音".split()),
    ),
)
"""The first of a check's that is asked for is taken."""
