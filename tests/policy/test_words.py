from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, WEEK
from oncall_sync.policy import words
from oncall_sync.policy.words import (
    Moment,
    WordError,
    clock,
    days,
    duration,
    email,
    every,
    hours,
    moment,
    wall,
    zone,
)
from oncall_sync.rota.hours import in_words, merge

DAY = 24 * 60
ANYTHING = st.one_of(
    st.text(),
    st.text(alphabet="MonTueFrisatWd 0123456789:-+.,/@TZhmdwx\u2013"),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15m", 15),
        ("15 m", 15),
        ("4h", 240),
        ("2d", 2 * DAY),
        ("30 minutes", 30),
        ("1 Minute", 1),
        ("1 week", WEEK),
        ("2 weeks", 2 * WEEK),
        ("1w", WEEK),
        ("12 hours", 720),
        (" 5 min ", 5),
        ("3660d", 3660 * DAY),
    ],
)
def test_durations(text: str, minutes: int) -> None:
    assert duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (15, "15 has no unit: write 15m"),
        (0, "write 15m"),
        (-(10**30), "write 15m"),
        (1.5, "a number"),
        (True, "true or false"),
        (None, "this is empty"),
        ("", "this is empty"),
        ([], "a list"),
        ({}, "a mapping"),
        (b"", "something else"),
        ("15", "15 has no unit: write 15m"),
        ("90s", "pagers count minutes: write 2m"),
        ("1 second", "write 1m"),
        ("0m", "at least 1m"),
        ("3661d", "more than ten years"),
        ("1h30m", "write 90m"),
        ("1h 5", "write 65m"),
        ("1.5h", "write 90m"),
        ("1,5h", "write 90m"),
        ("1.5 parsecs", "it in minutes"),
        ("PT15M", "write 15m"),
        ("P2D", "write 2d"),
        ("5 minuts", "did you mean 'minutes'?"),
        ("-5m", "a number and a unit"),
        ("soon", "a number and a unit"),
        ("\u0661\u0665m", "a number and a unit"),
        ("1" * 400, "too long"),
        ("\x1b[31m", r"\x1b"),
    ],
)
def test_durations_refused(value: object, says: str) -> None:
    with pytest.raises(WordError) as caught:
        duration(value)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12h", 720),
        ("1 day", DAY),
        ("24h", DAY),
        ("daily", DAY),
        ("2 days", 2 * DAY),
        ("1 week", WEEK),
        ("7d", WEEK),
        ("Weekly", WEEK),
        ("2 weeks", 2 * WEEK),
        ("14 days", 2 * WEEK),
    ],
)
def test_every(text: str, expected: int) -> None:
    assert every(text) == timedelta(minutes=expected)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("3 days", "cannot last '3 days'"),
        ("biweekly", "write 2 weeks"),
        ("1 month", "write 12h, 1 day"),
        (7, "needs a unit"),
        (None, "empty"),
    ],
)
def test_every_refused(value: object, says: str) -> None:
    with pytest.raises(WordError, match=says):
        every(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon", {0}),
        ("sunday", {6}),
        ("TUES", {1}),
        ("Mon-Fri", {0, 1, 2, 3, 4}),
        ("Monday - Friday", {0, 1, 2, 3, 4}),
        ("Mon\u2013Wed", {0, 1, 2}),
        ("Sat-Mon", {5, 6, 0}),
        ("Mon+Wed", {0, 2}),
        ("mon-wed + fri", {0, 1, 2, 4}),
        ("Mon-Mon", {0}),
        ("Mon.", {0}),
    ],
)
def test_days(text: str, expected: set[int]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("weekdays", "write Mon-Fri"),
        ("Weekend", "write Sat+Sun"),
        ("Mon, Wed and Fri", "write 'Mon+Wed+Fri'"),
        ("Mon & Tue", "write 'Mon+Tue'"),
        ("Mon-Tue-Wed", "two ranges"),
        ("Mom", "did you mean 'Mon'"),
        ("Mon+", "a day is missing"),
        ("Mon-", "a day is missing"),
        ("1", "is not a day"),
        (1, "a number"),
    ],
)
def test_days_refused(value: object, says: str) -> None:
    with pytest.raises(WordError) as caught:
        days(value)
    assert says in str(caught.value)


def test_clock() -> None:
    assert clock("00:00") == 0
    assert clock("09:05") == 545
    assert clock("23:59") == DAY - 1
    assert clock("24:00", end=True) == DAY


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("9:00", "write 09:00"),
        ("9am", "write 09:00"),
        ("12am", "write 00:00"),
        ("12pm", "write 12:00"),
        ("9 pm", "write 21:00"),
        ("0900", "write 09:00"),
        ("09.30", "write 09:30"),
        ("9h", "write 09:00"),
        ("09:00:00", "write 09:00"),
        ("23:60", "not a time of day"),
        ("99pm", "write it as 09:00"),
        ("noon", "write it as 09:00"),
        ("24:00", "write 00:00 of the next day"),
        ("24:01", "from 00:00 to 24:00"),
        ("\u0660\u0669:00", "not a time of day"),
        (540, "a number"),
    ],
)
def test_clock_refused(value: object, says: str) -> None:
    with pytest.raises(WordError, match=says):
        clock(value)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Mon 09:00-18:00", [(540, 1080)]),
        ("mon+WED 09:00 - 18:00", [(540, 1080), (2 * DAY + 540, 2 * DAY + 1080)]),
        ("Mon 18:00-09:00", [(1080, DAY + 540)]),
        ("Mon 09:00-09:00", [(540, DAY + 540)]),
        ("Mon 00:00-24:00", [(0, DAY)]),
        ("Sun 18:00-09:00", [(6 * DAY + 1080, WEEK + 540)]),
        ("Fri 18:00 - Mon 09:00", [(4 * DAY + 1080, WEEK + 540)]),
        ("Fri 18:00\u2013Mon 09:00", [(4 * DAY + 1080, WEEK + 540)]),
        ("Mon 09:00 - Mon 18:00", [(540, 1080)]),
        ("Mon 18:00 - Mon 09:00", [(1080, WEEK + 540)]),
        ("Mon 09:00-10:00, Tue 09:00-10:00", [(540, 600), (DAY + 540, DAY + 600)]),
        ("Mon-Sun 00:00-24:00", [(0, WEEK)]),
        ("Always", [(0, WEEK)]),
    ],
)
def test_hours(text: str, spans: list[tuple[int, int]]) -> None:
    assert hours(text) == merge(spans)


def test_a_window_across_midnight_and_its_spans_are_the_same() -> None:
    assert hours("Mon-Thu 18:00-09:00, Fri 18:00 - Mon 09:00") == hours(
        "Mon 18:00 - Tue 09:00, Tue 18:00 - Wed 09:00, Wed 18:00-09:00, Thu 18:00-09:00, Fri 18:00 - Mon 09:00"
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("Mon", "write 'Mon 09:00-18:00', or Mon+Wed 09:00-18:00"),
        ("mon+wed", "write 'Mon+Wed 09:00-18:00'"),
        ("Mon-Fri", "write 'Mon-Fri 09:00-18:00'"),
        ("09:00-18:00", "write 'Mon-Sun 09:00-18:00'"),
        ("Mon-Thu 18:00 - Fri 09:00", "neither a window nor a span"),
        ("Thu 18:00 - Fri+Sat 09:00", "neither a window nor a span"),
        ("Mon 09:00 - Mon 09:00", "write always"),
        ("Mon 00:00 - Sun 24:00", "write always"),
        ("Mon 09:00-18:00,", "a comma too many"),
        ("Mon 09:00-18:00 Tue", "are not hours"),
        ("Mon 9am-5pm", "write 09:00"),
        ("Mon 24:00-03:00", "can only end"),
        ("Mon 09:00-25:00", "from 00:00 to 24:00"),
        ("Foo 09:00-18:00", "is not a day"),
        ("24/7", "write always"),
        ("never", "nobody at any time"),
        ("office", "are not hours"),
        (None, "empty"),
    ],
)
def test_hours_refused(value: object, says: str) -> None:
    with pytest.raises(WordError) as caught:
        hours(value)
    assert says in str(caught.value)


@given(st.lists(st.tuples(st.integers(0, WEEK - 1), st.integers(1, WEEK)), min_size=1, max_size=6))
def test_hours_read_what_they_are_written_as(parts: list[tuple[int, int]]) -> None:
    wanted = merge((start, start + length) for start, length in parts)
    assert hours(in_words(wanted)) == wanted


def test_always_is_read_as_it_is_written() -> None:
    assert hours(in_words(ALWAYS)) == ALWAYS


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05 09:00",
        "Mon 2026-01-05 09:00",
        "monday, 2026-01-05T09:00",
        "2026-01-05t09:00",
        " 2026-01-05  09:00",
    ],
)
def test_wall(text: str) -> None:
    assert wall(text) == datetime(2026, 1, 5, 9)
    assert wall(text, dates=True) == datetime(2026, 1, 5, 9)


def test_a_date_is_its_midnight_where_allowed() -> None:
    assert wall("2026-12-24", dates=True) == datetime(2026, 12, 24)
    assert wall("Thu 2026-12-24", dates=True) == datetime(2026, 12, 24)
    with pytest.raises(WordError, match="no time of day: write 2026-12-24 09:00"):
        wall("2026-12-24")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("Tue 2026-01-05 09:00", "2026-01-05 is a Monday, not a Tuesday: write Mon 2026-01-05"),
        ("Foo 2026-01-05 09:00", "is not a day"),
        ("2026-01-05T09:00Z", "write 2026-01-05 09:00"),
        ("2026-01-05 09:00:00+01:00", "write 2026-01-05 09:00"),
        ("2026-01-05 09:00 UTC", "has an offset"),
        ("2026-01-05 09:00 UTC+1", "has an offset"),
        ("2026-02-30 09:00", "not in the calendar"),
        ("2026-00-10 09:00", "not in the calendar"),
        ("9999-12-31 00:00", "1970 to 2199"),
        ("0001-01-01 00:00", "1970 to 2199"),
        ("05.01.2026 09:00", "write it as 2026-01-05 09:00"),
        ("2026-01-05 9:00", "write 09:00"),
        ("2026-01-05 24:00", "00:00 of the next day"),
        ("20260105", "not a date and time"),
        (20260105, "a number"),
    ],
)
def test_wall_refused(value: object, says: str) -> None:
    with pytest.raises(WordError) as caught:
        wall(value)
    assert says in str(caught.value)


def test_moment() -> None:
    assert moment("sat 03:00") == Moment(5, 180)
    assert moment("Sat  03:00").of_week == 5 * DAY + 180


@pytest.mark.parametrize("value", ["03:00", "sat", "sat 3am", "sat 24:00", "xyz 03:00", "Sat-Sun 03:00", 3, ""])
def test_moment_refused(value: object) -> None:
    with pytest.raises(WordError):
        moment(value)


@pytest.mark.parametrize("name", ["Europe/Vienna", "UTC", "America/Argentina/Ushuaia", "Singapore"])
def test_zones(name: str) -> None:
    assert zone(name) == name


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("utc", "write UTC"),
        ("Etc/UTC", "write UTC"),
        ("Zulu", "write UTC"),
        ("+01:00", "same offset all year"),
        ("UTC+1", "same offset all year"),
        ("GMT-5", "same offset all year"),
        ("Etc/GMT+5", "same offset all year"),
        ("Etc/GMT", "same offset all year"),
        ("EST", "write America/New_York"),
        ("CET", "write Europe/Vienna"),
        ("PST8PDT", "write America/Los_Angeles"),
        ("europe/vienna", "did you mean 'Europe/Vienna'?"),
        ("Europe/Viena", "did you mean 'Europe/Vienna'?"),
        ("vienna", "did you mean 'Europe/Vienna'?"),
        ("New York", "did you mean 'America/New_York'?"),
        ("../x", "is not a time zone"),
        ("/etc/localtime", "is not a time zone"),
        ("localtime", "is not a time zone"),
        ("Factory", "is not a time zone"),
        ("Europe/Vienna\0", "is not a time zone"),
        ("", "empty"),
        (1, "a number"),
    ],
)
def test_zones_refused(value: object, says: str) -> None:
    with pytest.raises(WordError) as caught:
        zone(value)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["anna@example.com", "a.b+c@x-y.example.org", "\u00fc@ex\u00e4mple.at"])
def test_email(text: str) -> None:
    assert email(text) == text


@pytest.mark.parametrize(
    "value",
    [
        "anna",
        "Anna <a@b.cc>",
        "a@b",
        "a@b..c",
        "a@-b.com",
        "a b@c.de",
        "a@x_y.com",
        "@b.com",
        "a@b.com\n@",
        "a@b@c.de",
        "a" * 250 + "@b.com",
        "a@b.com\x1b",
        7,
        None,
    ],
)
def test_email_refused(value: object) -> None:
    with pytest.raises(WordError):
        email(value)


@pytest.mark.parametrize("parse", [duration, every, days, clock, hours, wall, moment, email, zone])
@given(value=ANYTHING)
def test_any_value_is_read_or_refused_in_one_printable_line(parse: object, value: object) -> None:
    said = ""
    try:
        parse(value)  # type: ignore[operator]
    except WordError as error:
        said = str(error)
    assert said.isprintable()


def test_words_need_no_yaml() -> None:
    code = "import sys, oncall_sync.policy.words; sys.exit('yaml' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert set(words.__all__) >= {"duration", "days", "hours", "wall", "zone"}
