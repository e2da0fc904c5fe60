"""What both front doors share in one process: the ring of keys and the inbox."""

from .inbox import Inbox
from .keys import Keys

keys = Keys()
inbox = Inbox()
