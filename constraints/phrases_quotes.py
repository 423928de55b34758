"""What stands before and after quoted words that an answer shall hold, avoid, begin or end with.

In English, Spanish, French, Chinese and Japanese. Patterns for what stands before end there; a quotation is one of
``phrases.QUOTE``.
"""

from __future__ import annotations

from .phrases import anything, one_of

__all__ = [
    "ADDED",
    "AVOIDED_AFTER",
    "AVOIDED_BARE",
    "AVOIDING",
    "BARE_COLUMNS",
    "BARE_WORDS",
    "CHANGED",
    "ENDING",
    "ENDING_AFTER",
    "ENDING_BARE",
    "EXAMPLE",
    "FORGET",
    "INCLUDED_AFTER",
    "INCLUDING",
    "NOT",
    "NOUN",
    "OTHERWISE_AFTER",
    "PART_OF_ANSWER",
    "REPEAT",
    "REPEATED_FIRST",
    "STARTING",
    "STARTING_AFTER",
]

NOUN = one_of(
    r"\b(?:exact\s+|key\s|key-|specific\s+|following\s+|two\s+|three\s+|four\s+"
    r"|five\s+)*(?:key)?(?:words?|phrases?|terms?|expressions?"
    r"|sentences?|strings?|lines?|statement|question)(?:\s+of)?\s*[:,]?\s*[\[(]?\s*\Z",
    r"\b(?:palabras?(?:\s+claves?)?|términos?|frases?|expresi(?:ón|ones)|oración|oraciones)\s*:?\s*[\[(]?\s*\Z",
    r"\b(?:mots?(?:-clés?|\s+clés?)?|termes?|expressions?|phrases?)\s*(?:suivante?s?)?\s*:?\s*[\[(]?\s*\Z",
    r"(?:词语|词汇|单词|关键词|关键字|字词|短语|词组|字眼|字样|词|句子|这句话|这两个词|这些词|语句)\s*(?:为|是|如下)?\s*[:：]?\s*\Z",
    r"(?:語句|単語|言葉|キーワード|フレーズ|表現|語|文字列)\s*[:：]?\s*\Z",
)
"""What names quoted words as words."""

INCLUDING = one_of(
    r"\b(?:includ(?:e|es|ing|ed)|contain(?:s|ing)?|us(?:e|es|ing|ed)|incorporat(?:e|es|ing)|mention(?:s"
    r"|ing)?|featur(?:e|es|ing)"
    r"|hav(?:e|ing)|has|employ|weav(?:e|ing)|say|write|put|add|insert)\b",
    r"\b(?:incluy\w*|incluir|contener|conteng\w+|contien\w+|us[ae]n?|usar|usando|utili[cz]\w+|emple\w+"
    r"|mencion\w+|aparec\w+)\b",
    r"\b(?:inclu[st]\w*|inclure|contenir|conten\w+|contient|utilis\w+|emploi\w*|employ\w*|mentionn\w+)\b",
    r"包含|包括|含有|使用|用到|用上|提到|出现|加入|融入|带有|写到|提及|写上",
)
"""Verbs before the words."""
AVOIDING = one_of(
    r"\b(?:avoid(?:ing)?|exclud(?:e|es|ing)|omit(?:ting)?|forbidden|prohibited|banned|without|refrain(?:ing)? from)\b",
    r"\b(?:evit[ae]\w*|excluy\w+|omit\w+|prohibid[oa]s?|sin)\b|\b(?:évite[rz]?|exclu[st]\w*|sans|interdits?)\b",
    r"避免|禁止|禁用|排除|不含",
)
"""Verbs before words that shall not be there."""
NOT = one_of(
    r"(?:\b(?:not|never|without|avoid(?:ing)?|don'?t|don’t|cannot|can't|won't|refrain(?:ing)? from"
    r"|mustn't|shouldn't|no|sin|nunca"
    r"|evit[ae]r?|sans|jamais|évite[rz]?|ne)|n't|n’t|\bn['’])\s*(?:\w+\s+){0,2}\Z",
    r"(?:不要|不得|不能|不可以?|不允许|不许|不准|不应|禁止|避免|别|勿|不|请勿|切勿|没有|无)(?:再|直接|在[^。，]{0,8})?\Z",
)
"""What turns a verb after it around."""
ADDED = anything(
    r"(?:\s|\b(?:the|both|all|of|these|this|each of|following|exactly|exact|only|any|either|words?|la|las"
    r"|el|los|le|les|al menos|en ningún"
    r"|caso|en aucun cas|pas|plus|jamais|de|never|siguientes?|suivante?s?|in your (?:answer|response"
    r"|reply)|at least once|also|a|your|ambas|mots?"
    r"|palabras?|clave|keywords?|phrases?|terms?)\b|[:：,\[(]|任何|以下|下列|如下|这些|了|一次|这两个|两个|三个|到|全部|所有|指定)*"
)
"""What may stand between the verb and the words, their noun aside."""
INCLUDED_AFTER = one_of(
    r"(?!\s*,?\s*(?:and|but)\b)[^.;\n\x01]{0,20}?\b(?:must|should|needs? to|has to|have to"
    r"|ought to)\s+(?:all\s+|both\s+|each\s+|also\s+)?(?:be\s+)?"
    r"(?:appear|includ|us|mention|present|contain|occur|feature)",
    r"(?!\s*,?\s*(?:y|pero)\b)[^.;\n\x01]{0,20}?\b(?:debe[n]?|tienen? que)\s+(?:aparecer|incluir|estar"
    r"|usar|figurar|mencionar)",
    r"(?!\s*,?\s*(?:et|mais)\b)[^.;\n\x01]{0,20}?\b(?:doi(?:t|vent))\s+(?:apparaître|figurer|être)",
    r"(?:这\S{0,4})?(?:必须|需要|要|应)(?:出现|包含|使用)",
    r"(?:という(?:語句?|言葉|単語))?(?:を|が|は|も)(?:必ず|すべて|全て|どちらも|一度は)?(?:入れ|使(?!わ|う(?:な|こと))|含(?!め(?:ない|て(?:は)?いけ|ず)|まな)|用い(?!な)"
    r"|必要|盛り込)(?![^。、\n]{0,6}(?:ない|いけ|なら|禁止))",
)
AVOIDED_AFTER = one_of(
    r"(?!\s*,?\s*(?:and|but)\b)[^.;\n\x01]{0,20}?\b(?:must|should|may|can|do|does|are|is)(?:\s*not|n't"
    r"|\s+never)\s+(?:be\s+)?"
    r"(?:appear|includ|us|mention|present|contain|occur|allowed|permitted|to be)",
    r"\s*(?:are|is)\s+(?:forbidden|prohibited|banned|not allowed)",
    r"(?!\s*,?\s*(?:y|pero)\b)[^.;\n\x01]{0,20}?\bno\s+(?:debe[n]?|puede[n]?)\s+(?:aparecer|incluir|estar"
    r"|usar|figurar|mencionar)",
    r"(?!\s*,?\s*(?:et|mais)\b)[^.;\n\x01]{0,20}?\bne\s+(?:doi(?:t|vent)|peu(?:t|vent))\s+pas",
    r"(?:这\S{0,4})?(?:不得|不能|不要|不可|禁止)(?:出现|包含|使用)",
    r"(?:という(?:語句?|言葉|単語))?(?:を|は|も)(?:決して|絶対に|一切|いっさい)?(?:使わ|使用し|含め|入れ|用い|出さ)(?:ない|て(?:は)?(?:いけ|なら)|ず|なく)",
)
OTHERWISE_AFTER = one_of(
    r"\s*(?:instead of|rather than|in place of|as (?:a|an|the|in)\b|to mean|to refer|when|if|unless"
    r"|for (?:the|each|every|all|any)\b"
    r"|in (?:each|every|all|any)\b|or\b|with\b|once or\b|twice\b|only once|no more than|at most|less than"
    r"|\d|to (?:describe|replace|represent|separate|indicate|denote|mark)|at the (?:start|end|beginning)"
    r"|before|after"
    r"|-|=|means?|refers?|into|followed|\([^)]{0,30}(?:not|instead))",
    r"\s*(?:en (?:cada|vez|lugar)|cuando|si|como|para)\b|\s*(?:dans chaque|au lieu|quand|si|comme|pour)\b",
    r"\s*(?:代替|替换|表示|作为|来|进行|的(?:方式|格式|形式|时候|句|段)|时|之类|等|模块|部分|两部分|章节|分隔|开头|结尾|标|为)",
    r"\s*(?:の代わり|として|のよう|など|とき)",
)
"""What stands after words that are no plain wish: *"x" instead of "y"*."""
EXAMPLE = one_of(
    r"(?:\b(?:such as|like|e\.g\.?|i\.e\.?|for example|for instance|example:?|called|named|titled"
    r"|entitled|como|por ejemplo|comme|par exemple"
    r"|tel(?:le)?s? que|similar to|or|name|as in|with the title|mode|command)"
    r"|例如|比如|如|像|诸如|名为|叫|叫做|例えば|例)\s*[:,：]?\s*\Z"
)
"""What makes quoted words an example or a name."""
PART_OF_ANSWER = one_of(
    r"\b(?:each|every|paragraphs?|sentences?|lines?|sections?|bullets?|bullet points?|items?|stanzas?"
    r"|chapters?|titles?|words?|scenes?|points?|names?"
    r"|cada|párrafos?|oraci\w+|frases|palabras?|líneas?|versos?|chaque|paragraphes?|phrases|mots?|lignes?"
    r"|headings?|subject|questions?"
    r"|headlines?|dialogues?|options?|list|quotes?|code|prompts?|steps?|posdata|postscript|post-?scriptum"
    r"|answers|responses|examples?|commits?|messages)\b",
    r"每|各|段|句子|标题|第[二三四五\d]|行|部分|解释|评论|分析|评价|步骤|过程|推理|单词|それぞれ|各|ごと|段落|見出し",
)
"""What begins or ends with words where the answer does not."""

_PLAIN = (
    r"(?:\s+(?:of|exactly|only|the|this|these|following|exact|phrases?|words?|sentence|line|text"
    r"|statement|greeting|question|opening"
    r"|word|saying|simply|either|closing|la|las|el|esta|estas|este|siguiente|frase|oración|palabras?"
    r"|texto|pregunta|exactamente|exacta|los|le|les|ces|cette|ce|mots?"
    r"|phrase|suivante?s?|exactement))*\s*[:,，]?\s*\Z"
)
STARTING = one_of(
    r"\b(?:start|begin|open|commence)(?:s|ing)?\b(?P<object>[^.;!?\n\x01]{0,60}?)\b(?:with|by (?:saying"
    r"|writing|stating|using))" + _PLAIN,
    r"\b(?:open|start|begin)\s+(?P<object2>(?:your|the)\s+\w+)\s+with\s+exactly these words" + _PLAIN,
    r"\bfirst (?:words?|sentence|line|phrase)\b(?P<object3>[^.;!?\n\x01]{0,30}?)\b(?:must|should|has to"
    r"|is|are)\s*(?:be|read|say)?" + _PLAIN,
    r"\b(?:empieza|empiece|empezar|empiec\w+|comienza|comience|comenzar|inicia|inicie|iniciar|abre"
    r"|abra)\b(?P<object4>[^.;!?\n\x01]{0,50}?)\b(?:con|por)" + _PLAIN,
    r"\b(?:commence[rz]?|débute[rz]?|ouvre|ouvrir|ouvrez)\b(?P<object5>[^.;!?\n\x01]{0,50}?)\b(?:par|avec)" + _PLAIN,
    r"(?P<object6>[^。；，\n]{0,20})(?:开头|开始|起始|首句|第一句话?|开篇)(?:必须|应该?|请|需|要)*(?:是|为|写|说|用|加上|输出|回答|[:：])+\s*[:：]?\s*\Z",
    r"(?P<object7>[^。；，\n]{0,20})(?:始め|始ま|書き始め|冒頭|最初|書き出し)[^。、；\n\x01]{0,14}[:：はに]\s*\Z",
)
STARTING_AFTER = one_of(
    r"\s*(?:这\S{0,6})?\s*(?:作为|为)?(?:开头|开始|起头|开篇|起始)",
    r"\s*(?:という(?:言葉|文|フレーズ))?(?:で|から)(?:書き)?(?:始め|始ま|スタート)",
)
"""After the words, where Chinese has 以 before them."""
ENDING = one_of(
    r"\b(?:end|finish|close|conclude)(?:s|ing)?\b(?!\s*-)(?P<object>[^.;!?\n\x01]{0,60}?)\b(?:with"
    r"|by (?:saying|writing|stating|asking))" + _PLAIN,
    r"\b(?:last|final) (?:words?|sentence|line|phrase)\b(?P<object2>[^.;!?\n\x01]{0,30}?)\b(?:must|should"
    r"|has to)\s*(?:be|read|say)?" + _PLAIN,
    r"\b(?:very )?end of (?:your|the) (?:entire )?(?:answer|response|reply)(?P<object3>)\s+(?:must|should"
    r"|has to)\s*(?:be|read|say)" + _PLAIN,
    r"\b(?:finish|end)\s+with this phrase(?P<object4>)[^.\n\x01]{0,40}:\s*\Z",
    r"\b(?:termina|termine|terminar|acaba\w*|finali[zc]\w+|cierra|cierre|concluy\w+"
    r"|concluir)\b(?P<object5>[^.;!?\n\x01]{0,50}?)\b(?:con|por)" + _PLAIN,
    r"\b(?:termina|acabar|cierra)\w*\b(?P<object6>[^.;!?\n\x01]{0,10})con (?:exactamente )?(?:esta frase"
    r"|estas palabras)[^.\n\x01]{0,50}:\s*\Z",
    r"\b(?:termine[rz]?|finis|finir|finissez|conclus|conclure"
    r"|achève)\b(?P<object7>[^.;!?\n\x01]{0,50}?)\b(?:par|avec|sur)" + _PLAIN,
    r"\b(?:finir|conclus|termine)\b(?P<object8>[^.;!?\n\x01]{0,40})par (?:cette phrase|ces mots)[^.\n\x01]{0,40}:\s*\Z",
    r"(?P<object9>[^。；，\n]{0,20})(?:结尾|结束|末尾|结束语|最后一句话?)(?:必须|应该?|请|需|要)*(?:(?:是|为|写|说|用|加上|输出|回答"
    r"|[:：])+(?!，)|(?=回答，|，))"
    r"(?:回答)?(?:，(?:其后|后面|之后)[^。\n\x01]{0,12})?\s*[:：]?\s*\Z",
    r"(?P<object10>[^。；，\n]{0,20})(?:締め|終え|終わ|最後|結び)[^。；\n\x01]{0,30}[:：はに]\s*\Z",
    r"\b(?:close|finish)\b(?P<object11>[^.;!?\n\x01]{0,40}?)\bwith (?:exactly these words"
    r"|this phrase)[^.\n\x01]{0,40}:\s*\Z",
    r"\b(?:cierra|termina|acabar)\b(?P<object12>[^.;!?\n\x01]{0,40}?)\bcon (?:estas palabras"
    r"|esta frase)[^.\n\x01]{0,50}:\s*\Z",
)
ENDING_AFTER = one_of(
    r"\s*(?:这句话|这\S{0,6})?\s*(?:来)?(?:作为|为)?(?:结尾|结束|收尾|作结|结语)",
    r"\s*(?:という(?:言葉|文|フレーズ))?で(?:終え|終わ|締め|結)",
)

_ITEM = r"[^\W_][\w'’-]{0,30}(?:\s[\w'’-]{1,30}){0,2}?"
_STOPS = (
    r"(?!(?:that|to|in|from|like|such|related|which|for|of|and|only|with|as|you|or|the|is|are|should|must"
    r"|limit|count|per)\b)"
)
BARE_WORDS = one_of(
    rf"\b(?:include|using|use|incorporate|contain|containing|mention)\b[^.;:\n]{{0,40}}\bkeywords?\s*(?P<colon>:)?\s+"
    rf"(?P<words>{_STOPS}{_ITEM}(?:\s?,\s*(?:and\s+)?{_ITEM}){{0,15}}(?:\s+and\s+{_ITEM})?)(?=\s*[.;\n]"
    rf"|\s*\Z|\s+in\s+(?:your|the)\b)",
    rf"\b(?:include|using|use|incorporate|contain|containing"
    rf"|mention)\s+(?:all\s+)?(?:of\s+)?(?:the\s+)?(?:following\s+)?(?:words|terms|phrases)"
    rf"\s*(?P<colon2>:)\s*(?P<words2>{_STOPS}{_ITEM}(?:\s?,\s*(?:and\s+)?{_ITEM}){{0,15}}(?:\s+and\s"
    rf"+{_ITEM})?)(?=\s*[.;\n]|\s*\Z|\s+in\s+(?:your|the)\b)",
    r"(?:包含|使用|用到|含有|出现)(?:以下|下列)?(?:关键词|关键字|词语"
    r"|词汇)(?P<colon3>[:：])\s*[{【(（]?(?P<words3>[^\s、，,。；;:：{}【】()（）\n\x01]{1,16}(?:[、，,]\s?[^\s、，,。；;:：{}"
    r"【】()（）\n\x01]{1,16}){0,15})[}】)）]?"
    r"(?=\s*[。；\n]|\s*\Z)",
)
"""Words without quotation marks, after *keywords* or a colon."""
AVOIDED_BARE = anything(
    r"(?:\b(?:do not|don['’]t|never|must not|should not|shouldn't|not)\s+(?:use|include|mention|say"
    r"|contain)|\bavoid(?: using)?|\bwithout (?:using|saying|mentioning))\s+the\s+(?:key)?words?\s+"
    r"(?P<words>[a-z][a-z'-]{1,20}(?:(?:,\s*(?:or\s+|and\s+)?|\s+(?:or|and)\s+)[a-z][a-z'-]{1,20}){0,9}?)"
    r"(?=\s*[.;!\n]|\s*\Z|,\s+but\b|\s+(?:in|throughout|anywhere|at all)\b)"
)
"""Words to avoid without quotation marks."""
ENDING_BARE = anything(
    r"\b(?:end|finish|conclude|close)\b[^.;\n\x01]{0,40}\bwith (?:this|the) (?:exact )?(?:phrase|sentence"
    r"|question|words?|line)\s*:\s*"
    r"(?P<phrase>[^\W\x01][^\n\x01]{1,120})(?=\n|\Z)"
)
"""A last phrase without quotation marks, to the end of the line."""
REPEAT = one_of(
    r"\brepeat\s+(?:the|all)\b[^.\n]{0,40}\b(?:request|sentence|text|prompt|question|instructions?)\b",
    r"\brepite\s+la\s+(?:petición|solicitud|pregunta)\b",
)
"""*First repeat the request word for word.*"""
REPEATED_FIRST = one_of(r"\b(?:first|before|above|below|word (?:for|by) word)\b|\bprimer")
CHANGED = one_of(r"\bchang(?:e|ing) the (?:first|last)\b|\bcopy the span\b|\bexcept\b")
"""What makes the repetition another text."""
FORGET = anything(r"(?:\b(?:forget|fail|hesitate|only|olvid\w+)|\boubli\w+)\b[^.,;\n]{0,12}\Z")
"""*Don't forget to include* asks for it."""
_CELL = r"[^\W_][^,，、;；.。:：|\n\x01\x02]{0,40}?"
BARE_COLUMNS = one_of(
    rf"(?:\bcolumns?\b|\bheaders?\b)(?:\s+(?:named|called|titled|labell?ed|should be|are|must be|being"
    rf"|headers?|names?|in this order))*\s*(?P<colon>[:：(])?\s*"
    rf"(?P<columns>{_CELL}(?:\s?[,，|、]\s*(?:and\s+)?{_CELL}){{1,15}}(?:\s*,?\s+and\s+{_CELL})?)(?=\s*[.;)\n]|\s*\Z)",
    rf"\b(?:columnas|colonnes)(?:\s+(?:llamadas|son|siguientes|suivantes|nommées))*\s*(?P<colon2>[:(])\s*"
    rf"(?P<columns2>{_CELL}(?:\s?,\s*{_CELL}){{1,15}}(?:\s+(?:y|et)\s+{_CELL})?)(?=\s*[.;)\n]|\s*\Z)",
    rf"(?:列名?|表头|栏目?|字段)(?:依次|分别)?(?:为|是|包括|包含|有)?(?P<colon3>[:：])\s*(?P<columns3>{_CELL}(?:[、，,"
    rf"|]\s?{_CELL}){{1,15}})(?=\s*[。；;)）\n]|\s*\Z)",
)
"""Names of columns without quotation marks."""
