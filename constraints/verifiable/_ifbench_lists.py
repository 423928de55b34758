"""Closed lists of words that IFBench constraints count.

The person names are the 50 that IFBench prompts show (allenai/IFBench, db69a6f). Stop words are those of the Snowball
lists as NLTK distributes them, without the pieces that cutting words at apostrophes leaves (``don``, ``ll``); the
French ones are completed from the same word classes (``cette``, ``sans``). Coordinating conjunctions and pronouns are
the closed classes of English grammar.
"""

from __future__ import annotations

__all__ = ["CONJUNCTIONS", "OTHER_FUNCTION_WORDS", "PERSON_NAMES", "PRONOUNS", "STOP_WORDS"]

PERSON_NAMES = tuple(
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin "
    "Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria "
    "Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella "
    "Jonathan".split()
)

CONJUNCTIONS = ("and", "but", "for", "nor", "or", "so", "yet")

PRONOUNS = frozenset(
    # Personal.
    "i me we us you he him she her it they them "
    # Possessive, beside a noun or alone.
    "my mine our ours your yours his hers its their theirs "
    # Reflexive.
    "myself ourselves yourself yourselves himself herself itself themselves themself oneself "
    # Demonstrative.
    "this that these those "
    # Interrogative and relative.
    "who whom whose which what whoever whomever whatever whichever "
    # Indefinite; "no one" is counted as two words that make one.
    "anybody anyone anything everybody everyone everything nobody no-one nothing somebody someone something "
    "each either neither both all some any none".split()
)

_PLAIN_ENGLISH = frozenset(
    # Pronouns, articles, determiners.
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself "
    "it its itself they them their theirs themselves what which who whom this that these those a an the any both each "
    "few more most other some such all no own same "
    # Auxiliary verbs.
    "am is are was were be been being have has had having do does did doing can will should "
    # Conjunctions, prepositions, adverbs.
    "and but if or because as until while of at by for with about against between into through during before after "
    "above below to from up down in out on off over under again further then once here there when where why how nor "
    "not only so than too very just now".split()
)

# Before n't: don't, won't, couldn't.
_NEGATED = "ai are ca could did do does had has have is might must need sha should was were wo would".split()
_ENGLISH = _PLAIN_ENGLISH | {f"{verb}n't" for verb in _NEGATED}

_SPANISH = frozenset(
    "de la que el en y a los del se las por un para con no una su al lo como más pero sus le ya o este sí porque esta "
    "entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros "
    "ese eso ante ellos e esto mí antes algunos qué unos yo otro otras otra él tanto esa estos mucho quienes nada "
    "muchos cual poco ella estar estas algunas algo nosotros mi mis tú te ti tu tus ellas nosotras vosotros vosotras "
    "os mío mía míos mías tuyo tuya tuyos tuyas suyo suya suyos suyas nuestro nuestra nuestros nuestras vuestro "
    "vuestra vuestros vuestras esos esas estoy estás está estamos estáis están esté estén estaba estaban estuvo he has "
    "ha hemos habéis han haya había habían hubo soy eres es somos sois son sea sean será serán sería era eran fui fue "
    "fueron fuera tengo tienes tiene tenemos tenéis tienen tenga tenía tuvo".split()
)

_FRENCH = frozenset(
    "au aux avec ce ces cet cette dans de des du elle elles en et eux il ils je la le les leur leurs lui ma mais me "
    "même mes moi mon ne nos notre nous on ou où par pas pour que qui sa sans se ses si son sur ta te tes toi ton "
    "tu un une vos votre vous à y "
    "c' d' j' l' m' n' s' t' qu' jusqu' lorsqu' puisqu' donc dont comme suis es est sommes êtes sont serai sera serons "
    "seront serait étais était étions étaient été étant soit soient fut ai as a avons avez ont aurai aura auront "
    "aurait avais avait avaient eu ait ayant".split()
)

STOP_WORDS = {"English": _ENGLISH, "Spanish": _SPANISH, "French": _FRENCH}

OTHER_FUNCTION_WORDS = (
    # German, Dutch, Portuguese, Italian: whose texts hold many of these have stop words that are not listed here.
    frozenset("der die das und ist nicht ein eine einen den dem mit auf für von zu sich auch wird sind es".split()),
    frozenset("de het een en van is niet op te dat met voor zijn aan er maar om ook als".split()),
    frozenset("de o a os as e que em um uma não do da dos das para com por mais ao na no é se".split()),
    frozenset("di il la le che e è un una per non con del della dei nel nella gli sono si da in i lo".split()),
)
