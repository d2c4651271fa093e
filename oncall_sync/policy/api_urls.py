"""Which addresses a token may be sent to.

oncall.yaml arrives in pull requests, the environment does not. So a file may name the vendor's own hosts or this
machine, the environment any host by https.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final

from .wording import WordError, shown

VENDOR_HOSTS: Final[Mapping[str, frozenset[str]]] = {
    "pagerduty": frozenset({"api.pagerduty.com", "api.eu.pagerduty.com"}),
    "opsgenie": frozenset({"api.opsgenie.com", "api.eu.opsgenie.com"}),
}
LONGEST_URL: Final = 300

# Anchored, ASCII, and much narrower than the standard: what is not this plain is refused, never interpreted.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?(?P<path>/[a-z0-9._~/-]*)?",
)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL_NET: Final = ipaddress.IPv4Network("127.0.0.0/8")


def url_from_file(kind: str, text: str) -> str:
    """Return `api_url` of a file as scheme, host and port, in lower case. Raises WordError."""
    scheme, host, port, path = _parts(text, shown(text))
    hosts = VENDOR_HOSTS.get(kind, frozenset())
    allowed = " or ".join([*(f"https://{name}" for name in sorted(hosts)), "http://127.0.0.1:PORT"])
    vendors = scheme == "https" and host in hosts and port in ("", ":443")
    if not (vendors or _is_local(host)):
        raise WordError(
            f"{shown(text)} is not an address that a file may name: write {allowed}, "
            f"or set {variable(kind)} in the environment"
        )
    if path not in ("", "/"):
        raise WordError(f"{shown(text)} goes on after the host: write {shown(f'{scheme}://{host}{port}')}")
    return f"{scheme}://{host}{port}"


def url_from_environment(text: str) -> str:
    """Return `<KIND>_API_URL`: https to any host, or http to this machine; a path stays. Raises WordError."""
    # Never shown: who puts a password into an address should not find it in a log.
    scheme, host, port, path = _parts(text, "its value")
    if scheme != "https" and not _is_local(host):
        raise WordError("it would send the token unencrypted: set it to an https:// address")
    return f"{scheme}://{host}{port}{path.rstrip('/')}"


def variable(kind: str) -> str:
    """Return the environment variable that overrides the address of a kind: `PAGERDUTY_API_URL`."""
    return f"{capitals(kind)}_API_URL"


def capitals(kind: str) -> str:
    """Return a kind as environment variables begin: `PAGERDUTY`."""
    return kind.upper().replace("-", "_")


def _parts(text: str, name: str) -> tuple[str, str, str, str]:
    """Return scheme, host, `:port` or nothing, and path."""
    # Not lowered before it is known to be ASCII: other letters can turn into ASCII ones.
    plain = text.lower() if text.isascii() and len(text) <= LONGEST_URL else ""
    # The environment's path keeps its case.
    found = _URL.fullmatch(plain)
    if not found:
        raise WordError(f"{name} is not a plain address: write scheme, host and port, as https://api.example.com")
    host, port = found["host"], found["port"]
    if not _is_host(host) or (port and not 0 < int(port) < 65536):
        raise WordError(f"{name} has no usable host and port: write them as https://api.example.com:8443")
    path = text[found.start("path") :] if found["path"] else ""
    return found["scheme"], host, f":{int(port)}" if port else "", path


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _address(host) is not None
    labels = host.split(".")
    if all(_LABEL.fullmatch(label) for label in labels):
        # What ends in a number is an IPv4 address to browsers, octal and shortened ones included.
        return not labels[-1][0].isdigit() or _address(host) is not None
    return False


def _is_local(host: str) -> bool:
    address = _address(host)
    if isinstance(address, ipaddress.IPv4Address):
        return address in _LOCAL_NET
    return host == "localhost" or address == ipaddress.IPv6Address("::1")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        if host.startswith("["):
            return ipaddress.IPv6Address(host[1:-1])
        return ipaddress.IPv4Address(host)
    except ValueError:
        return None
