"""Whether a Japanese sentence ends with a noun (体言止め), as far as its last characters tell without a tagger."""

from __future__ import annotations

import re

from ._japanese import KANJI

__all__ = ["ends_with_noun"]

_HAN = re.compile(f"[{KANJI}々〇]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fd\u30fe\uff66-\uff9d]")
_HIRAGANA = re.compile("[\u3041-\u3096]")
_JAPANESE = re.compile(f"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d{KANJI}]")
_LONGEST = 12
"""Characters of an ending that are compared."""


def _by_end(words: list[str]) -> dict[str, tuple[str, ...]]:
    """Gives words by their last character."""
    return {last: tuple(word for word in words if word[-1] == last) for last in {word[-1] for word in words}}


# Nouns that are written in hiragana, or end in it after a kanji.
_NOUNS = _by_end(
    "こと もの ところ とき ため わけ はず つもり ひと まち みち いのち こころ ふるさと おもてなし にぎわい ふれあい "
    "つながり ぬくもり やすらぎ きらめき ときめき ひととき ひらめき まま くらし まつり さくら おかげ かたち ちから "
    "しあわせ いやし からだ かがやき あかり ひかり ことば みんな あなた わたし ふたり ひとり ひとつ ふたつ ゆえん "
    "うた そら うみ やま かぜ はな ほし ゆめ なみだ ほほえみ えがお あこがれ いろどり めぐり たび みらい こだわり "
    "思い 想い 願い 違い 間違い 戦い 闘い 誓い 出会い 出逢い 味わい 賑わい 憩い 救い 狙い 扱い "
    "呪い 匂い 臭い 勢い 争い 問い 手伝い 笑い 占い 迷い 装い 潤い 集い 幸い 災い 使い 遣い 食い "
    "競い 疑い 償い 住まい 佇まい 振る舞い 見舞い 触れ合い 付き合い 話し合い 助け合い 支え合い "
    "向かい 行い 祝い 習い 商い 流れ 教え 考え 答え 支え 備え 構え 眺め 始め 勧め 定め "
    "助け 調べ 訪れ 憧れ 恐れ 別れ 汚れ 疲れ 遅れ 群れ 揺れ 晴れ 夕暮れ 年の暮れ 日暮れ 目覚め 極め 締め 恵み 歓び "
    "暮らし 癒し 癒やし 兆し 印し 促し 励まし 試し 証し 志し 催し 直し 見通し 見直し 取り組み 仕組み".split()
)
_OTHERS = _by_end(
    "べき なし だけ ばかり のみ ほど くらい ぐらい まで から より けど ので のに ます です でし まし "
    "ない たい しい らしい ください 下さい なさい そう みたい とても たり なり あり おり ゆっくり しっかり "
    "はっきり すっかり やはり やっぱり きっと もっと ずっと まだ もう いい よい 良い 無い 有り 在り 同じ 良き".split()
)
_OPEN = tuple("など よう ほう うち ほか こそ さえ なら".split())
"""What may be either."""
# A verb's stem made a noun: 学び, 輝き, 集まり, 気持ち, 楽しみ, 騒ぎ, 感じ.
_STEM = frozenset("きぎちびみり")
_OFTEN = frozenset("しじえけげせてねべめれいに")
_QUALITY = "しかやきたらよ"
"""What stands before さ that makes a noun of an adjective: 楽しさ, 豊かさ."""


def ends_with_noun(text: str, start: int, end: int) -> bool | None:
    """Tells whether what ends at an offset ends with a noun.

    Args:
        start: where the sentence begins.
        end: after its last letter, marks left out.

    Returns:
        Null where the characters do not tell: a stem that may be a command (走れ), katakana alone.
    """
    if end <= start:
        return False
    last = text[end - 1]
    if "\u3041" <= last <= "\u3096":
        tail = text[max(start, end - _LONGEST) : end]
        if tail.endswith(_NOUNS.get(last, ())):
            return True
        if tail.endswith(_OTHERS.get(last, ())):
            return False
        return None if tail.endswith(_OPEN) else _by_last(tail)
    if _HAN.match(last):
        return True
    return _other_script(text, start, end) if _JAPANESE.search(text, start, end) else False


def _other_script(text: str, start: int, end: int) -> bool | None:
    """Judges an end in katakana, Latin letters or digits: a noun where the rest is Japanese."""
    last = text[end - 1]
    if last in "ー〜" and end - 1 > start and _HIRAGANA.match(text, end - 2):
        return None
    if _KATAKANA.match(last) or last == "ー":
        # In katakana alone a verb looks like a noun.
        other = _HIRAGANA.search(text, start, end) or _HAN.search(text, start, end)
        return True if other else None
    return True


def _by_last(tail: str) -> bool | None:
    """Judges an end in hiragana that is in no list."""
    last, before = tail[-1], tail[-2:-1]
    kanji = bool(before) and _HAN.match(before) is not None
    if last == "さ":
        return True if kanji or (before and before in _QUALITY) else None
    if last in _STEM:
        return True if kanji else None
    if kanji and last in _OFTEN:
        # 高い, 手に, 経て are none; 走れ and 暮れ look alike.
        return False if last in "いにてねじ" else None
    return False
