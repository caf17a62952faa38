"""Names of browsers and systems that people recognise, from user agents."""

from __future__ import annotations

from django import template

register = template.Library()

# The first that is found counts: most browsers name those that they want to be taken for, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
}
BROWSERS |= {"Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows"}
SYSTEMS |= {"CrOS": "ChromeOS", "Mac OS": "macOS", "Linux": "Linux"}


@register.filter
def browser(user_agent: str) -> str:
    """Browser and system; the user agent itself where neither is known."""
    names = (next((name for mark, name in known.items() if mark in user_agent), "") for known in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, names)) or user_agent[:90]
