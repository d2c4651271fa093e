"""Time zone names: the IANA ones, and good advice for all others.

Part of `oncall_sync.policy.words`, where the rest of the code takes `zone` from.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from .wording import WordError, did_you_mean, shown, word

_EXAMPLE: Final = "a time zone such as Europe/Vienna"
_FIXED: Final = re.compile(r"(?:etc/)?(?:utc|gmt|z)? ?[+-] ?[0-9:.]+|[+-]?[0-9:.]+|etc/.*|gmt0|z")
_WHY: Final = "has the same offset all year, and people's clocks do not"

# What an abbreviation most often stands for. They are refused because they are ambiguous or never change over.
_ABBREVIATIONS: Final = {
    **dict.fromkeys(("est", "edt", "et", "est5edt", "eastern"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct", "cst6cdt", "central"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mt", "mst7mdt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt", "pst8pdt", "pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("cet", "cest", "met", "mez", "mesz"), "Europe/Vienna"),
    **dict.fromkeys(("gmt", "bst", "gb", "greenwich"), "Europe/London"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt", "nz"), "Pacific/Auckland"),
    "hst": "Pacific/Honolulu",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "rok": "Asia/Seoul",
    "prc": "Asia/Shanghai",
    "roc": "Asia/Taipei",
    "msk": "Europe/Moscow",
    "sgt": "Asia/Singapore",
    "sast": "Africa/Johannesburg",
    "brt": "America/Sao_Paulo",
    "local": "Europe/Vienna",
}
_NOT_PLACES: Final = ("UTC", "Factory", "localtime")
_UTC: Final = ("utc", "uct", "zulu", "universal", "etc/utc", "etc/uct", "etc/zulu", "etc/universal")


def zone(value: object) -> str:
    """Return an IANA time zone name (`Europe/Vienna`) or `UTC`; fixed offsets and abbreviations are refused."""
    text = word(value, _EXAMPLE)
    folded = text.casefold()
    if text == "UTC":
        return text
    if folded in _UTC:
        raise WordError(f"{shown(text)} is called UTC here: write UTC")
    if _FIXED.fullmatch(folded):
        raise WordError(f"{shown(text)} {_WHY}: write {_EXAMPLE}, or UTC")
    if folded in _ABBREVIATIONS:
        raise WordError(
            f"{shown(text)} is not a place, so it cannot follow its clocks: write {_ABBREVIATIONS[folded]}"
        )
    if text in zone_names():
        return text
    raise WordError(f"{shown(text)} is not a time zone{_likely(folded)}: write {_EXAMPLE}, or UTC")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of places that `zone` accepts, apart from `UTC`; looked up once per process."""
    # A set of known names, never a file looked for by name: `../x` and `europe/vienna` are just unknown.
    import zoneinfo

    names = zoneinfo.available_timezones()
    return frozenset(name for name in names if not name.startswith("Etc/") and name not in _NOT_PLACES)


def _likely(folded: str) -> str:
    by_folded = {name.casefold(): name for name in zone_names()}
    plain = re.sub(r"[\s_]+", "_", folded)
    if plain in by_folded:
        return f" (did you mean {shown(by_folded[plain])}?)"
    cities = {name.rpartition("/")[2]: full for name, full in sorted(by_folded.items(), reverse=True)}
    if plain in cities:
        return f" (did you mean {shown(cities[plain])}?)"
    return did_you_mean(plain, by_folded.values())
