"""The countries of Africa, and the capitals of Europe north of 45 degrees, under the names that people write.

Facts: the 54 African members of the United Nations; latitudes of the cities' centres.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["AFRICA", "CAPITALS", "DISPUTED", "plain_name"]

_NAMES = """
Algeria
Angola
Benin
Botswana
Burkina Faso
Burundi
Cabo Verde; Cape Verde
Cameroon
Central African Republic; CAR
Chad
Comoros; Union of the Comoros; Comoros Islands
Democratic Republic of the Congo; Democratic Republic of Congo; DR Congo; D.R. Congo; DRC; Congo-Kinshasa;
Congo, Democratic Republic of the; Congo, Democratic Republic of; Congo, Democratic Republic; Congo, DR;
Congo, Dem. Rep.; Congo (Democratic Republic of the); Congo (Democratic Republic); Congo (Kinshasa); Congo (DRC);
Congo (DR); Congo Kinshasa; Zaire
Republic of the Congo; Republic of Congo; Congo; Congo-Brazzaville; Congo, Republic of the; Congo, Republic of;
Congo, Republic; Congo, Rep.; Congo (Republic of the); Congo (Republic); Congo (Brazzaville); Congo Brazzaville
Côte d'Ivoire; Ivory Coast
Djibouti
Egypt
Equatorial Guinea
Eritrea
Eswatini; Swaziland
Ethiopia
Gabon
Gambia; Gambia, The; Republic of The Gambia
Ghana
Guinea; Guinea-Conakry
Guinea-Bissau
Kenya
Lesotho
Liberia
Libya
Madagascar
Malawi
Mali
Mauritania
Mauritius
Morocco
Mozambique
Namibia
Niger
Nigeria
Rwanda
São Tomé and Príncipe; São Tomé & Príncipe; São Tomé e Príncipe; São Tomé
Senegal
Seychelles
Sierra Leone
Somalia
South Africa
South Sudan
Sudan
Tanzania; United Republic of Tanzania; Tanzania, United Republic of
Togo
Tunisia
Uganda
Zambia
Zimbabwe
"""
_CITIES = """
64.15 Reykjavik
60.17 Helsinki
59.91 Oslo
59.44 Tallinn
59.33 Stockholm
56.95 Riga
55.76 Moscow
55.68 Copenhagen
54.69 Vilnius
53.90 Minsk
53.35 Dublin
52.52 Berlin
52.37 Amsterdam
52.23 Warsaw
51.51 London
50.85 Brussels; City of Brussels
50.45 Kyiv; Kiev; Kyïv
50.08 Prague
49.61 Luxembourg; Luxembourg City
48.86 Paris
48.21 Vienna
48.15 Bratislava
47.50 Budapest
47.14 Vaduz
47.01 Chisinau; Chișinău; Kishinev
46.95 Bern; Berne
46.06 Ljubljana
45.81 Zagreb
"""
_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "đ": "d", "ß": "ss", "&": " and "})
_SIGNS = re.compile(r"[^\w\s]|_")


def plain_name(name: str) -> str:
    """Gives what names are compared by: small letters without accents, words apart by one space."""
    lowered = name.lower().translate(_SPECIAL).replace("'", "").replace("’", "")
    decomposed = unicodedata.normalize("NFKD", lowered)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(_SIGNS.sub(" ", bare).split())


def _africa() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in _NAMES.replace(";\n", "; ").strip().splitlines():
        forms = [plain_name(form) for form in entry.split(";")]
        names |= dict.fromkeys(forms, forms[0])
    return names


def _capitals() -> tuple[tuple[str, ...], ...]:
    entries = (line.partition(" ")[2] for line in _CITIES.strip().splitlines())
    return tuple(tuple(plain_name(form) for form in entry.split(";")) for entry in entries)


AFRICA = _africa()
"""The 54 countries: what a name is compared by, to the country's first name."""
CAPITALS = _capitals()
"""The names of each capital, the usual one first, from north to south."""
DISPUTED = frozenset({"western sahara", "sahrawi arab democratic republic", "sahrawi republic"})
"""May be listed among them."""
