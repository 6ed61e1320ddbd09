"""What a Python script has at hand: its task, a hosts override, and a way to say what held."""

import json
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

TASK = json.loads(Path(os.environ["SYNCRIG_TASK"]).read_text())
PLAIN, TLS, WORLD = TASK["plain"], TASK["tls"], TASK["world"]


def say(check, trouble=None):
    """Reports a check."""
    print(json.dumps({"check": check} | ({} if trouble is None else {"trouble": str(trouble)})), flush=True)


def same(check, found, expected):
    """Checks that two collections hold the same things, however often and in whatever order listed."""
    found, expected = sorted(map(str, found)), sorted(map(str, expected))
    if found == expected:
        return say(check)
    lost = [one for one in expected if one not in found][:5]
    extra = [one for one in found if one not in expected][:5]
    return say(check, f"{len(found)} instead of {len(expected)}; missing {lost}, not expected {extra}")


def equal(check, found, expected):
    """Checks one value."""
    say(check, None if found == expected else f"{found!r} instead of {expected!r}")


def refused(check, what, *kinds):
    """Checks that a call raises, and what."""
    try:
        answer = what()
    except kinds:
        return say(check)
    except Exception as error:
        return say(check, f"raised {type(error).__name__}: {error}")
    return say(check, f"answered {answer!r}")


def names(kind):
    """Names of the world's organizations or devices."""
    return [record["name"] for record in WORLD[kind].values()]


def serials():
    return [record["serial"] for record in WORLD["devices"].values()]


def last_names():
    return [record["last_name"] for record in WORLD["contacts"].values()]


def override_hosts():
    """Sends every connection to port 443 of any host to the TLS simulator, as a line in /etc/hosts would, and lets
    the usual libraries trust its authority."""
    port = urlsplit(TLS["base_url"]).port
    ask = socket.getaddrinfo

    def here(host, asked_port, *rest, **named):
        if asked_port in (443, "443", "https"):
            return ask("127.0.0.1", port, *rest, **named)
        return ask(host, asked_port, *rest, **named)

    socket.getaddrinfo = here
    trust_authority()


def trust_authority():
    """For requests, httpx and aiohttp."""
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        os.environ[variable] = TLS["ca_file"]
