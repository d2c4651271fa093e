"""What strangers write: hostile strings, policies full of them, and a server that answers with anything."""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import yaml

TEXTS: Final[Mapping[str, str]] = {
    "terminal escape": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "one-byte escape": "a\x9b31mred",
    "rich markup": "[red]x[/red][link=https://evil.example]y[/link]",
    "broken markup": "[/] [/red",
    "workflow command": "::error file=x::pwned",
    "workflow command on a line of its own": "a\n::error file=x::pwned\nb",
    "percent escapes": "%0A::error::x%0D%25",
    "newlines": "first\nsecond\n\nfourth",
    "carriage returns": "good\rbad\r\nend",
    "odd line breaks": "a\x85b\u2028c\u2029d\x0be\x0cf",
    "table cell": "a | b || c",
    "html": "<script>alert(1)</script>&amp;\"'",
    "formula": "=cmd|' /C calc'!A0",
    "chat broadcast": "<!channel> <@U123>",
    "chat mention": "@all @here @channel",
    "path": "../../etc/passwd",
    "nul": "a\0b",
    "right to left": "abc\u202egpj.exe",
    "zero width": "a\u200bd\u200dm\u2060in\ufeff",
    "very long": "long " * 159 + "long",
    "placeholder": "@{schedule.checkout-night}",
    "fake mark": "Managed by oncall-sync: other/schedule.x #v1:00000000",
    "our own mark": "Managed by oncall-sync: acme/service.checkout #v1:00000000",
    "braces": "{0} {x} {} {{}} ${HOME} $(id) `id`",
    "printf": "%s %d %n %(x)s",
    "backslashes": "a\\nb\\x41\\",
    "quotes": 'it\'s "so" `so`',
    "emoji": "\U0001f525 \U0001f469\u200d\U0001f4bb",
    "combining": "e\u0301 Z\u0336a\u0337",
    "blank ends": "  padded  ",
    "yaml": "yes: [no, {a: &b *b}]",
    "vendor id": "vendor:PXXXXXX",
    "words with a meaning": "null",
}

LEVELS = "      - {notify: {schedule: checkout-night}, escalate_after: 15m}\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)
FOLLOWS = "  a: {follows: b}\n  b: {follows: a}\n"
ZONE = "time_zone: Europe/Vienna"
DUTY = "{members: [anna, user5, ben, user6], start: Mon 2026-01-05 09:00, every: 1 week}"
BAD_YAML = {
    "unknown key": ("repeat: 1", "repaet: 1", ":19:5: ", "did you mean 'repeat'?"),
    "unknown reference": ("{schedule: checkout-night}", "{schedule: checkout-nigth}", ":17:", "did you mean"),
    "unknown zone": (ZONE, "time_zone: Europe/Wien", ":2:12: ", "Wien"),
    "fixed offset": (ZONE, "time_zone: +02:00", ":2:12: ", "write"),
    "impossible time": ("05 09:00", "05 25:00", ":13:", "25:00"),
    "impossible date": ("Mon 2026-01-05", "2026-02-30", ":13:", "2026-02-30"),
    "wrong weekday": ("Mon 2026-01-05", "Tue 2026-01-05", ":13:", "Mon"),
    "bad duration": ("escalate_after: 15m", "escalate_after: 15 parsecs", ":17:62: ", "parsecs"),
    "duplicate key": ("team: ops\n", "team: ops\nteam: ops\n", ":4:1: ", "twice"),
    "duplicate name": ("services:\n", "services:\n  checkout: {urgency: high}\n", ":22:3: ", "twice"),
    "reference cycle": ("schedules:\n", f"schedules:\n{FOLLOWS}", ":13:16: ", "circle"),
    "tab": ("  ops: {name", "\tops: {name", ":10:1: ", "tab"),
    "tag": ("name: Operations", "name: !!python/name:os.system x", ":10:15: ", "tags are not read"),
    "alias bomb": ("provider: pagerduty\n", f"provider: pagerduty\n{BOMB}", "small.yaml:", "aliases"),
    "empty levels": (
        LEVELS + "      - {notify: {user: ben}, escalate_after: 10m}\n",
        "      []\n",
        ":17:7: ",
        "no levels",
    ),
    "no members": ("[anna, user5, ben, user6]", "[]", ":13:26: ", "no members"),
    "null for a mapping": (
        "  checkout-night:\n    rotations: " + DUTY,
        "  checkout-night:",
        ":12:3: ",
        "write a mapping",
    ),
    "two users with one email": ("ben@example.com", "anna@example.com", "small.yaml:", "anna@example.com"),
    "unclosed bracket": ("[anna, ben]", "[anna, ben", "small.yaml:", "write"),
}

USAGE = [
    [[], "Usage"],
    [["plna"], "No such command"],
    [["plan", "--frobnicate"], "No such option"],
    [["plan", "extra"], "unexpected extra argument"],
    [["plan", "--format", "xml"], "'xml' is not one of"],
    [["plan", "--now", "tomorrow"], "--now 'tomorrow': write it as"],
    [["plan", "--now", "2026-11-21T09:00:00"], "say which offset"],
    [["plan", "--now", "0001-01-01T00:00:00+14:00"], "write a year"],
    [["plan", "--now", "9999-12-31T23:59:59-14:00"], "write a year"],
    [["plan", "--horizon", "0d"], "--horizon '0d'"],
    [["plan", "--expires", "99999999999w"], "write at most 3650d"],
    [["plan", "--horizon", "522w"], "write at most"],
    [["plan", "--max-deletes", "many"], "not a valid integer"],
    [["plan", "--waive", "nonsense=x"], "there is no guard 'nonsense'; there are no-policy-files"],
    [["plan", "--waive", "service-deleted"], "say why"],
    [["plan", "--waive", "service-deleted= "], "say why"],
    [["plan", "--provider", "nobody"], "no provider of that name"],
    [["plan", "--config", "policies"], "policies"],
    [["plan", "--out", "policies"], "--out policies"],
    [["plan", "--out", "oncall.yaml/x"], "--out"],
    [["apply", "--max-deletes"], "requires an argument"],
    [["apply", "nowhere.json"], "nowhere.json: No such file"],
    [["apply", "policies"], "policies: Is a directory"],
    [["sandbox", "pigeons"], "pigeons"],
    [["sandbox", "pagerduty", "--port", "99999"], "99999"],
    [["sandbox", "pagerduty", "--latency", "long"], "--latency 'long'"],
    [["sandbox", "pagerduty", "--seed", "nowhere.yaml"], "nowhere.yaml"],
]

_ACTED_ON: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NEVER_IN_KEYS: Final = re.compile(r"[/#\\{}\[\]]")


def in_names(text: str) -> bool:
    """Whether the vendor takes a text as a name."""
    return text.isprintable()


def in_keys(text: str) -> bool:
    """Whether a text can be the key of a resource."""
    return (
        text.isprintable()
        and text == text.strip()
        and len(text) <= 100
        and not _NEVER_IN_KEYS.search(text)
        and text != "none"
    )


def acted_on(shown: str) -> list[str]:
    """Every line that a terminal or a CI runner would do something with, in repr."""
    return [
        repr(line)
        for line in shown.split("\n")
        if line.lstrip().startswith("::") or any(unicodedata.category(char) in _ACTED_ON for char in line)
    ]


def policies(text: str, *, plain: str, spare: str) -> str:
    """A file with a text in every place that takes it; `plain` is the key where it cannot be one.

    Its users are `plain` and `spare`, at example.com.
    """
    name = text if in_names(text) else None
    k = text if in_keys(text) else plain
    title: dict[str, Any] = {"name": name[:100]} if name else {}
    shown = {**title, "description": text}
    mail = {"email": plain, "accept_from": {"regex": f"^{re.escape(text)}$"}}
    levels = [{"notify": {"schedule": k}, "escalate_after": "15m"}, {"notify": {"user": k}}]
    data = {
        "provider": "pagerduty",
        "time_zone": "Europe/Vienna",
        "team": k,
        "users": {
            k: {"email": f"{plain}@example.com", "name": text, "has": [text], "ids": {"jsm": text}},
            spare: {"email": f"{spare}@example.com"},
        },
        "teams": {k: {**shown, "members": [k, {"user": spare, "role": "manager"}]}},
        "hours": {f"{plain} hours": "Mon-Fri 09:00-18:00"},
        "schedules": {
            k: {
                **shown,
                "overlap": "last_wins",
                "rotations": [
                    {
                        **title,
                        "members": [k, spare],
                        "start": "2026-01-05 09:00",
                        "every": "1 week",
                        "hours": f"{plain} hours",
                    },
                    {
                        "members": [spare, k],
                        "start": "2026-01-05 09:00",
                        "every": "1 week",
                        "hours": "Tue 10:00-11:00",
                    },
                ],
                "overrides": {"since": "2026-12-01", "until": "2026-12-02", "user": spare, "instead_of": k},
            }
        },
        "escalation_policies": {
            k: {**shown, "levels": levels, "pagerduty": {"tags": [title.get("name", "x"), k]}}
        },
        "urgency_rules": {k: {"support_hours": f"{plain} hours", "raise_at_start": True}},
        "services": {
            k: {
                **shown,
                "escalation_policy": k,
                "urgency": k,
                "integrations": {
                    title.get("name", "events"): {"events": "api"},
                    "mail": {**mail, "pagerduty": {"subject": {"match": text}, "body": {"no_match": text}}},
                },
                "pagerduty": {
                    "alert_grouping": {"type": "content_based", "aggregate": "all", "fields": [text, "summary"]}
                },
            }
        },
        "groups": {k: {"slack": text, "from": {"schedule": k}}},
        "chat_commands": {f"/{plain}": {"service": k}},
        "waivers": [
            {
                "rule": "service-deleted",
                "for": {"service": k},
                "reason": text,
                "owner": text,
                "until": "2027-01-01",
            }
        ],
    }
    return yaml.safe_dump(data, allow_unicode=False, width=10**6)


def nonsense(text: str) -> str:
    """A file with a text wherever something else is wanted: every message quotes it."""
    data = {
        "provider": text,
        "time_zone": text,
        "team": text,
        text: text,
        "users": {text: {"email": text}, "x": {text: text}},
        "teams": {"t": {"members": [text, {"user": text, "role": text}]}, text: text},
        "hours": {"h": text},
        "schedules": {
            "s": {
                "time_zone": text,
                "rotations": {"members": [text], "start": text, "every": text, "hours": [text], text: text},
            },
            "f": {"follows": text, "offset": text},
        },
        "escalation_policies": {"p": {"levels": [{"notify": [{"schedule": text}], "escalate_after": text}]}},
        "services": {
            "a": {"escalation_policy": text, "urgency": text, "acknowledge_within": text},
            "b": {"integrations": {text: {"email": text, "accept_from": text}, "v": {"vendor": text}}},
            "c": {"pagerduty": {text: text, "status": text}},
        },
        "checks": [{text: text}, {"rings": {"service": text, "at": text}}],
    }
    return yaml.safe_dump(data, allow_unicode=False, width=10**6)


@contextmanager
def answering(status: int, body: str | bytes, **headers: str) -> Iterator[str]:
    """The address of a server that has one answer for everything; `content_length` may lie."""
    content = body if isinstance(body, bytes) else body.encode()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            for name, value in {"content_length": str(len(content)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def error_body(text: str) -> str:
    """A refusal in the vendor's form, with a text wherever it may say something."""
    return json.dumps({"error": {"message": text, "code": 2001, "errors": [text, text]}})
