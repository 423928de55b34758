"""Measurements in a text, metric or imperial: a number and a unit of length, area, volume, mass, speed, temperature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from ..document import Span

__all__ = ["Measurement", "System", "measurements"]

System = Literal["metric", "imperial"]

# As they are written: case tells a sign from a word.
_METRIC_SIGNS = (
    "km km² km2 km³ kph km/h m/s m m² m2 m³ m3 cm cm² cm2 cm³ cm3 mm mm² mm2 µm μm nm ha kg mg µg μg g kPa hPa "
    "ml mL cl dl hl L l kW °C ℃ ºC"
)
_IMPERIAL_SIGNS = "mph mi yd yds ft ft² ft2 in² oz lb lbs gal qt psi °F ℉ ºF"
_METRIC_WORDS = (
    "kilo kilos tonne tonnes hectare hectares metro metros kilómetro kilómetros kilometro kilometros centímetro "
    "centímetros centimetros milímetro milímetros gramo gramos kilogramo kilogramos miligramos litro litros mililitro "
    "mililitros tonelada toneladas hectárea hectáreas mètre mètres kilomètre kilomètres centimètre centimètres "
    "millimètre millimètres gramm kilogramm celsius centigrade centígrados"
)
_IMPERIAL_WORDS = (
    "inch inches feet foot yard yards mile miles ounce ounces pound pounds stone pint pints quart quarts "
    "gallon gallons acre acres cup cups fahrenheit pulgada pulgadas libra libras onza onzas milla millas galón "
    "galones yarda yardas pouce pouces onces zoll meile meilen unze unzen"
)
_SYSTEMS: dict[str, System] = {
    **dict.fromkeys(
        [
            f"{prefix}{unit}{s}"
            for prefix in ("", "kilo", "centi", "milli", "deci", "hecto", "micro", "nano")
            for unit in ("metre", "meter", "gram", "gramme", "litre", "liter")
            for s in ("", "s")
        ],
        "metric",
    ),
    **dict.fromkeys(_METRIC_WORDS.split(), "metric"),
    **dict.fromkeys(_IMPERIAL_WORDS.split(), "imperial"),
}
_SIGNS: dict[str, System] = {
    **dict.fromkeys(_METRIC_SIGNS.split(), "metric"),
    **dict.fromkeys(_IMPERIAL_SIGNS.split(), "imperial"),
}
# The unit, or its scale, is the next word: *square feet*, *5 million miles*, *20 degrees Celsius*.
_LEADING = frozenset(
    "square cubic fluid sq cu fl hundred thousand million degrees degree grados grado degrés degré grad".split()
)
_LENGTHS = frozenset("de cuadrados cúbicos".split())

_UNIT = r"[A-Za-zµμ\u00c0-\u024f]++(?:[²³23](?!\d)|/[hs](?!\w))?|[°º]\ ?[CF](?!\w)|[℃℉]"
_FRACTION = "[¼½¾⅓⅔⅛]"
_DIGITS = re.compile(
    rf"""
    [0-9¼½¾⅓⅔⅛](?<![A-Za-z\u00c0-\u024f0-9_$€£¥.,\#][0-9¼½¾⅓⅔⅛])
    [0-9.,]*+(?:[\ \u2044]?{_FRACTION}|/[0-9]++|\ [0-9]/[0-9])?
    (?:
        (?P<gap>[\ \u00a0\u202f-]?)(?P<unit>{_UNIT})\.?(?:[\ -](?P<next>[^\W\d_]{{2,12}}+))?
        |(?P<marks>['′]\ ?[0-9]{{1,2}}(?:["″]|'')|[″′](?!\w))
    )
    """,
    re.VERBOSE,
)
_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy "
    "eighty ninety hundred thousand million dozen un una uno dos tres cuatro cinco seis siete ocho nueve diez veinte "
    "treinta cien medio media une deux trois quatre cinq sept huit neuf dix vingt cent mil ein eine zwei drei vier "
    "fünf sechs acht neun zehn"
)
_WORDS = re.compile(
    rf"(?<!\w)(?:{'|'.join(_NUMBERS.split())}|half an?|(?P<one>an?))(?: and a half)?[ \u00a0-]"
    r"(?P<unit>[^\W\d_]++)(?:[ -](?P<next>[^\W\d_]{2,12}+))?",
    re.IGNORECASE,
)
# *A foot* or *a cup* is often none; *a mile* is a distance.
_ALONE = frozenset(
    "inch mile pound ounce gallon pint acre kilometre kilometer metre meter centimetre centimeter litre liter kilo "
    "kilogram".split()
)
_METRIC_CJK = (
    "平方公里 平方米 立方米 公里 千米 厘米 毫米 公分 公尺 千克 公斤 毫克 毫升 公升 公顷 公頃 摄氏度 攝氏度 米 "
    "克 升 吨 噸 キロメートル センチメートル ミリメートル キログラム ミリリットル センチ メートル グラム "
    "リットル ミリ キロ トン ヘクタール"
)
_IMPERIAL_CJK = (
    "平方英尺 平方英里 英寸 英尺 英里 英亩 英畝 磅 盎司 加仑 加侖 品脱 华氏度 華氏度 インチ フィート マイル "
    "ポンド オンス ガロン ヤード エーカー"
)
_CJK = re.compile(
    rf"(?<=[0-9一二两兩三四五六七八九十百千万萬半几数])[ \u00a0]?"
    rf"(?:(?P<metric>{'|'.join(_METRIC_CJK.split())})|{'|'.join(_IMPERIAL_CJK.split())})"
)


Measurement = tuple[Span, System]
"""Where a number and its unit stand, and whose unit it is."""


def _system(unit: str, after: str | None) -> System | None:
    """Gives a unit's system; null for a word that is no unit."""
    if (sign := _SIGNS.get(unit)) is not None:
        return sign
    word, after = unit.casefold(), after.casefold() if after else None
    if word in _LEADING:
        return None if after is None else _SIGNS.get(after) or _SYSTEMS.get(after)
    if word == "pies" and after in _LENGTHS:
        return "imperial"
    if (word in ("pound", "pounds") and after == "sterling") or (word == "stone" and after == "old"):
        return None
    return _SYSTEMS.get(word)


def _after_digits(text: str, match: re.Match[str]) -> System | None:
    if match["marks"]:
        return "imperial"
    unit = match["unit"].replace(" ", "")
    if unit == "in":
        # *5 in the morning* is no length; *5in*, *5-in* and *5 in. wide* are.
        dotted = text.startswith(".", match.end("unit")) and match["next"] is not None
        return "imperial" if match["gap"] in ("", "-") or dotted else None
    return _system(unit, match["next"])


def _end(match: re.Match[str]) -> int:
    """Gives where a measurement ends: the word after the unit is looked at, not part of it."""
    if match["unit"] is None:
        return match.end()
    return match.end("next" if match["next"] and match["unit"].casefold() in _LEADING else "unit")


def measurements(text: str) -> Iterator[Measurement]:
    """Finds the measurements; no amounts of money, no time, no per cent, no spoonfuls, no degrees without a scale."""
    for match in _DIGITS.finditer(text):
        if (system := _after_digits(text, match)) is not None:
            yield (match.start(), _end(match)), system
    if any(word in _SYSTEMS for word in set(re.findall(r"[^\W\d_]{3,}", text.casefold()))):
        for match in _WORDS.finditer(text):
            alone = match["one"] and match["unit"].casefold() not in _ALONE
            if not alone and len(match["unit"]) > 2 and (system := _system(match["unit"], match["next"])) is not None:
                yield (match.start(), _end(match)), system
    for match in _CJK.finditer(text):
        yield (match.start() - 1, match.end()), "metric" if match["metric"] else "imperial"
