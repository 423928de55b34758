"""Words for choices that wordings name: systems of units, styles of citations."""

from __future__ import annotations

__all__ = ["CITED", "SYSTEMS"]

SYSTEMS: dict[str, dict[str, dict[str, str]]] = {
    "en": {
        "metric": {"system": "metric", "units": "metres, grams, litres or °C"},
        "imperial": {"system": "imperial", "units": "feet, miles, pounds, gallons or °F"},
    },
    "zh": {
        "metric": {"system": "公制", "units": "米、克、升、°C"},
        "imperial": {"system": "英制", "units": "英尺、英里、磅、加仑、°F"},
    },
    "es": {
        "metric": {"system": "métrico", "units": "metros, gramos, litros o °C"},
        "imperial": {"system": "imperial", "units": "pulgadas, millas, libras, galones o °F"},
    },
    "fr": {
        "metric": {"system": "métrique", "units": "mètres, grammes, litres ou °C"},
        "imperial": {"system": "impérial", "units": "pouces, miles, onces, gallons ou °F"},
    },
    "ja": {
        "metric": {"system": "メートル法", "units": "メートル、グラム、リットル、°C"},
        "imperial": {"system": "ヤード・ポンド法", "units": "フィート、マイル、ポンド、ガロン、°F"},
    },
}
"""By language and system."""

CITED: dict[str, dict[str, str]] = {
    "en": {
        "numbered": "with numbers in square brackets, such as [1], each of which has its entry in a numbered list of "
        "references at the end",
        "author_year": "with author and year, such as (Smith, 2020), and never with numbers in square brackets",
    },
    "zh": {
        "numbered": "用方括号中的数字标注，如[1]，并在文末的编号参考文献列表中给出每个数字对应的条目",
        "author_year": "用作者和年份标注，如(Smith, 2020)，不要用方括号中的数字",
    },
    "es": {
        "numbered": "con números entre corchetes, como [1], cada uno con su entrada en una lista numerada de "
        "referencias al final",
        "author_year": "con autor y año, como (Smith, 2020), y nunca con números entre corchetes",
    },
    "fr": {
        "numbered": "par des numéros entre crochets, comme [1], qui ont chacun leur entrée dans une liste numérotée "
        "de références à la fin",
        "author_year": "par auteur et année, comme (Smith, 2020), et jamais par des numéros entre crochets",
    },
    "ja": {
        "numbered": "[1]のような角括弧の番号で示し、末尾の番号付き参考文献一覧に各番号の項目を載せて",
        "author_year": "(Smith, 2020)のように著者名と年で示し、角括弧の番号は使わずに",
    },
}
"""How sources are cited, by language and style."""
