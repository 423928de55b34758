"""How many syllables an English word has, by rule: every number that it may have.

Rules cover regular spelling; words that break them stand in a list. A word that is said in two ways (*fire*,
    *every*),
or whose spelling leaves it open (*lifetime* or *telegram*), has more than one number, so a verdict that hangs on it
    is
unknown rather than wrong.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["syllables"]

_LISTED = {
    "1": """a i the are were there where here your you one once two who whose some come done gone none whole love
    live give have said says does goes shoe shoes eye eyes bye dye build built guide guides guess guest
    guilt fruit juice suit suits bruise cruise quick friend friends field piece view views chief brief thief
    grief shield year years great break steak bear wear heart hearts earth course source house choose lose
    move prove league plague vague rogue vogue tongue queue blue true clue glue due sue guy buy they prey
    grey don't won't can't it's he's she's that's what's there's let's i'm i've i'll i'd you're you've
    you'll we're we've we'll they're they've they'll who's weren't aren't ain't world worlds girl learn
    warmth months strengths through though thought thoughts bought brought taught caught straight eight
    height weight freight their these those since sense else bridge school schools ache aches voice choice
    noise point joint coin soup group groups youth touch young rhyme rhymes type types style styles cried
    tried died lied tied guard priest priests""",
    "2": """people being seeing doing going quiet diet lion giant client trial science fluid ruin cruel duel fuel
    poem poet create react ocean value argue rescue issue tissue statue virtue question questions something
    someone sometimes somewhere someday somehow awesome lonesome handsome wholesome homework lifetime
    baseball moonlight sunshine sunrise therefore wherefore homeland hometown household houseplant wildlife
    lifelong likewise timeless statement basement pavement movement movements judgement useful useless
    hopeful peaceful graceful homeless careful careless namely lately lonely safely widely purely surely
    rarely closely lovely likely surface purpose promise office notice service practice minute captive
    active engine machine famine justice novice motive native naked wicked sacred rugged ragged hundred
    hundreds rhythm rhythms prism schism wasn't isn't doesn't didn't hasn't hadn't couldn't wouldn't
    shouldn't haven't needn't friendship onion union million billion trillion region legion pigeon surgeon
    fashion cushion nation motion ancient patient social special soldier marriage carriage christian handled
    settled gentle little bottle table able people's nothing nowhere forehead cupboard language penguin
    children hero heroes zero echo echoes photo photos forest wonder beyond canyon lawyer player royal loyal
    voyage mayor buyer city pretty happy music today tonight seven silent student students never over under
    after water mother father sister brother garden golden silver open even often listen somewhat framework
    farewell timeline pipeline gateway creature maybe cafe chaos latte naive forefront foreground sidewalk
    limelight wavelength lifestyle feature beauty building safety fabric guidance guiding guitar fruitful
    savior warehouse greenhouse safeguard placement baseline guideline headline deadline spaceship sidewalks
    whitewash cheesecake graveyard gruesome doers psyche friendly easy premier""",
    "3": """idea ideas area areas theater theatre museum piano radio audio video studio period various serious
    previous obvious curious opinion familiar  medium stadium violin dialogue beautiful wonderful
    continue continued continues  example examples important telephone telegram elephant elephants
    hospital animal animals banana bananas gentlemen pineapple created creating creation creative poetry
    poetic reaction quietly lioness museum's envelope envelopes evidence excellent elegant element elements
    delicate desperate telescope remember september november october character celebrate decorate dedicate
    relevant benefit benefits develop developed develops deliver delivered cathedral eleven yesterday
    together however forever whenever wherever whatever whoever another potato tomato energy enemy melody
    remedy comedy tragedy recipes syllable syllables adventure audience scientist scientists adventures
    computer computers internet cinema celery anyone businesses everyday everywhere behavior behaviour nucleus finale
    proactive coexist reinforce reinforced likelihood livelihood chaotic linear typewriter anyway anybody
    anything otherwise nowadays refreshing suitable elevate strategic domestic investment implement
    meaningful carefully represent recreate stakeholder guitarist holiday sarcasm""",
    "4": """society variety anxiety experience material materials development developments environment january
    education educated television information operation category necessary ordinary military dictionary
    secretary apostrophe coincidence scientific algorithm recreation coordinate coefficient coalition
    ingredient academic competitive competition comprehensive implemented represented reinforcement
    proactively reusable european ability responsible independent incredible independence systematic
    appreciate continuing""",
    "5": """coordination coordinated coordinating recreational implementation representative radioactive university
    opportunity imagination refrigerator examination""",
}
"""Common words that the rules get wrong or leave open."""
_TWO_WAYS = {
    "1 2": """fire fires wire wires hire tire tired tires our ours hour hours real owl oil pearl squirrel choir quire
    flour sour power powers tower towers flower flowers shower showers prayer prayers cruel jewel towel
    vowel mayor layer orange blessed learned aged aren't mirror file fuel dual duel pliers tyre vial dial
    coal foal hired fired files""",
    "2 3": """every family families different chocolate interest interested favorite favourite evening business camera
    several separate general usual usually really actual mystery history factory memory company library
    caramel average beverage natural cultural everyone everything everybody desire desired inspire inspired
    entire require required empire ideal theory diamond diamonds violet family's restaurant vegetable
    aspirin corporal federal liberal mineral opera sophomore veteran conference reference preference
    difference differences diapers batteries battery bakery grocery nursery scenery brilliant poem poems
    poetry quarrel influence influenced gradual casual visual manual annual mutual cereal cereals genuine
    jewelry marvelous nuclear offering gathering wondering flattery slavery bravery generous perilous
    vigorous humorous barbarous victory traveler traveller traveling travelling listening happening
    parliament realize realise acquire acquired attire sapphire diaper genius evenings visuals sovereign
    deity lineage""",
    "3 4": """interesting comfortable vegetable vegetables naturally generally actually temperature literature
    miserable definitely reality obviously ideally preferable desirable favorable deliberate strategy
    entirely retirement valuable imagery visually visualize sovereignty tirelessly""",
    "4 5": """laboratory emotionally invaluable automatically specifically""",
}
_PLAIN = {word: int(count) for count, text in _LISTED.items() for word in text.split()}
_BOTH = {word: frozenset(map(int, counts.split())) for counts, text in _TWO_WAYS.items() for word in text.split()}
_SMALL = dict(
    zip(
        map(str, range(21)),
        (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2, 2),
        strict=True,
    )
)
"""Syllables of the numbers up to 20."""
_GROUP = re.compile(r"[aeiouy]+")
_GLIDES = re.compile(r"(?:[tcs]i|sc?i|xi)(?=on|al|an|ou|en)|gi(?=on|ous)|qu|(?<=[aeiou])y(?=[aeiou])|^y(?=[aeiou])")
"""Vowel letters that make no syllable: *nation*, *social*, *region*, *quick*, *player*, *yes*."""
_HIATUS = re.compile(r"[drvbpm]i(?=[aou])|crea(?=t)|[aeou]i(?=ng)|(?<=[^aeiouqg])u(?=[ao]\w)|i(?=est$)")
"""Two vowels that are two syllables: *radio*, *creation*, *actuate*, *happiest*."""
_OPEN = re.compile(
    r"i[aou]|ie[ntr]|eo|[^qg]u[aeio]|oe[tm]|gu[aeio]|i[aeiouy]e?[mn]|[aeiouy][^aeiouy]+e"
    r"(?!n[cdstz]|ss|sts?$|ct|m[bp]|pt|[mt]s$)[^aeiouywrxl][aeiouylmfnbwhpst]"
    r"|[aeo]rea|ea[tln]?[aeiou]|uous|ua"
)
"""Spelling that leaves the number open: a silent e may stand inside the word, but not before *nt*, *ss*, *ct*."""
_SILENT_SUFFIX = re.compile(
    r"(?:(?<=[^aeiou])|(?<=[qg]u))e(?:(liness|lihoods?|fully|fulness|lessly|lessness)|ly|ments?|ful|less|ness|some)$"
)
_SILENT_GUE = re.compile(r"(?<=[aeiou])gu(?=(?:e[ds]?|ing)$)")
"""*fatigue*, *leagues*."""
_VOWELS = frozenset("aeiouy")


def _groups(stem: str) -> tuple[int, bool]:
    """Counts vowel groups of a stem whose endings are dealt with; and whether its spelling leaves the number open."""
    plain = _GLIDES.sub(lambda match: "#" * len(match.group()), stem)
    extra = len(_HIATUS.findall(plain))
    settled = _HIATUS.sub(lambda match: "#" * len(match.group()), plain)
    return len(_GROUP.findall(plain)) + extra, _OPEN.search(settled) is not None


def _murmurs(stem: str) -> bool:
    """Tells whether a stem before an e ends in a syllable without a vowel: *tabl-e*, *centr-e*."""
    return stem[-1] in "lr" and stem[-2] not in ("aeioulrw" if stem[-1] == "l" else "aeiouyr")


def _ending(word: str) -> tuple[str, int]:
    """Takes an ending off: gives the stem and the syllables that the ending adds."""
    if word.endswith("ed") and not word.endswith("eed") and len(word) > 3:
        stem = word[:-2]
        return stem, int(stem[-1] in "td" or _murmurs(stem))
    if word.endswith("es") and not word.endswith("ees") and len(word) > 3:
        stem = word[:-2]
        hisses = stem.endswith(("s", "z", "x", "ch", "sh", "c", "g"))
        return stem, int(hisses or _murmurs(stem))
    if word.endswith("e") and len(word) > 2 and not word.endswith(("ee", "ye")):
        stem = word[:-1]
        return stem, int(_murmurs(stem))
    if word.endswith(("ism", "isms", "asm", "asms", "osm")):
        return word, 1
    return word, 0


def _count(word: str) -> frozenset[int]:
    """Counts the syllables of a word of small letters a to z."""
    if word in _PLAIN:
        return frozenset({_PLAIN[word]})
    if word in _BOTH:
        return _BOTH[word]
    if word.endswith("s") and (word[:-1] in _PLAIN or word[:-1] in _BOTH):
        hisses = word[:-1].endswith(("s", "z", "x", "ch", "sh", "ce", "ge", "se", "ze"))
        return frozenset(count + hisses for count in _count(word[:-1]))
    word = _SILENT_GUE.sub("k", word)
    for suffix in ("ings", "ing"):
        stem = word.removesuffix(suffix)
        if stem != word and _VOWELS & set(stem):
            inner = _groups(stem)
            return _spread(inner[0] + 1, inner[1] or (stem[-1] in "l" and stem[-2:-1] not in tuple("aeiouylrw")))
    extra = 0
    if match := _SILENT_SUFFIX.search(word):
        extra = 2 if match.group(1) else 1
        word = word[: match.start()] + "e"
    stem, added = _ending(word)
    if not _VOWELS & set(stem):
        # *the*, *she*: the last e is the only vowel.
        return frozenset({max(1, len(_GROUP.findall(word))) + extra})
    count, open_ = _groups(stem)
    return _spread(count + added + extra, open_)


def _spread(count: int, open_: bool) -> frozenset[int]:
    return frozenset({count, count - 1} if open_ and count > 1 else {count, count + 1} if open_ else {count})


@lru_cache(maxsize=16384)
def syllables(word: str) -> frozenset[int]:
    """Gives the numbers of syllables that an English word may have; both 1 and 2 where nothing is known."""
    unknown = frozenset({1, 2})
    if word in _SMALL:
        return frozenset({_SMALL[word]})
    if len(word) > 60 or any(map(str.isdigit, word)):
        return unknown
    plain = unicodedata.normalize("NFKD", word.replace("’", "'"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    lower = plain.lower()
    if lower in _PLAIN or lower in _BOTH:
        return _count(lower)
    parts = [part for part in re.split(r"[-‐‑]", lower.removesuffix("'s").replace("'", "")) if part]
    if lower.endswith("'s") and lower[:-2].endswith(("s", "x", "z", "ch", "sh", "ce", "ge", "se")):
        return frozenset(count + 1 for count in syllables(lower[:-2]))
    if not parts or not all(part.isascii() and part.isalpha() for part in parts):
        return unknown
    if any(not _VOWELS & set(part) for part in parts):
        # Letters that are spelled out: each is a syllable, but W.
        known = len(parts) == 1 and plain.isupper()
        return frozenset({sum(3 if letter == "w" else 1 for letter in parts[0])}) if known else unknown
    if plain.isupper() and 2 <= len(plain) <= 4:
        return _count(lower) if lower in _PLAIN else unknown
    totals = frozenset({0})
    for part in parts:
        totals = frozenset(total + count for total in totals for count in _count(part))
    return totals
