"""The ways to somebody, one folder each. A new one is a folder and a line in one of these lists.

MEMBERS   write what a member is told, in the transaction of the telling
OUTSIDE   make the request that tells an address outside; `sending` sends it
calendar  is read by a member's calendar program, and told nothing

Source: docs/algorithms/telling.md
"""

from tilth.core.telling import MAIL, PAGE

from . import mail, page, slack, teams, webhook
from .outside import Outside

MEMBERS = {PAGE: page.put, MAIL: mail.put}
OUTSIDE: dict[str, Outside] = {slack.CHANNEL.name: slack.CHANNEL, teams.CHANNEL.name: teams.CHANNEL, webhook.CHANNEL.name: webhook.CHANNEL}  # fmt: skip
