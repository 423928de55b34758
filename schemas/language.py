"""Which language a text is in: langdetect with a fixed seed, safe in threads.

langdetect draws from a random generator and loads its profiles lazily without a lock: unseeded it gives different
languages for one text, and its first calls from several threads fail. Here the profiles are loaded once under a lock
and every detection starts from seed 0, so a text has one answer.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Any

__all__ = ["detect_language"]

_LOCK = threading.Lock()


@cache
def _factory() -> Any:
    from langdetect import detector_factory

    factory = detector_factory.DetectorFactory()
    factory.load_profile(detector_factory.PROFILES_DIRECTORY)
    return factory


@lru_cache(maxsize=4096)
def detect_language(text: str) -> str | None:
    """Gives the ISO 639-1 code of a text's language, Chinese as ``zh``; null where there is nothing to tell it by."""
    from langdetect.lang_detect_exception import LangDetectException

    with _LOCK:
        factory = _factory()
    detector = factory.create()
    detector.seed = 0
    try:
        detector.append(text)
        code: str = detector.detect()
    except LangDetectException:
        return None
    return None if code == "unknown" else code.split("-")[0]
