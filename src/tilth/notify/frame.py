"""How a mail looks, whoever reads it: a page, a button. It says nothing of its own, so a lead's mail shows nothing of the house.

Mail programs know no style sheets; what little there is stands beside its element.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET = SafeString('style="color:#56594b"')
_BUTTON = (
    '<p style="margin:20px 0"><a href="{}" style="display:inline-block;padding:.6em 1.2em;background:#1e6040;color:#fff;'
    'text-decoration:none;border-radius:6px">{}</a></p>'
)
_PAGE = (
    '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<body style="font:16px/1.5 sans-serif;color:#23271e;max-width:36em;margin:0 auto;padding:16px">{}'
    '<p style="color:#56594b;font-size:13px;border-top:1px solid #e1dccb;padding-top:12px">{}</p></body></html>'
)


def page(language: str, body: SafeString, foot: SafeString) -> str:
    """A whole mail. `foot` stands small below a line: who writes, why, and the way out."""
    return format_html(_PAGE, language, body, foot)


def button(link: str, said: str) -> SafeString:
    return format_html(_BUTTON, link, said)


def quiet_link(link: str, said: str) -> SafeString:
    """A link of the foot."""
    return format_html('<a href="{}" {}>{}</a>', link, QUIET, said)
