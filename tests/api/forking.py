"""Run by processes.Forks: loads Tilth once, and forks a process of it for each line that it reads."""

import asyncio
import os
import signal
import sys


def main() -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from tilth.api import asgi
    from tilth.site import working

    def door(port: str) -> None:
        server = Server(
            asgi.application, port=int(port), interface=Interfaces.ASGINL, websockets=False, log_enabled=False
        )
        asyncio.run(server.serve())

    def conveyor() -> None:
        working.until_stopped(working.stopped_by_signals())

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is killed is gone at once
    for line in sys.stdin:
        what, *given = line.split()
        child = os.fork()
        if not child:
            sys.stdin.close()
            os.dup2(2, 1)
            {"door": door, "conveyor": conveyor}[what](*given)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
