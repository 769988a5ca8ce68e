"""A python-socketio client that does what it is told on stdin and tells on stdout what happened, one
JSON object a line each (tests/clients/driver.rs has the list)."""

import asyncio
import json
import os
import sys

import aiohttp
import socketio

TRANSPORTS = {
    "websocket": ["websocket"],
    "polling": ["polling"],
    "upgrade": ["polling", "websocket"],
}


def tell(saw, **what):
    print(json.dumps({"saw": saw, **what}), flush=True)


class Driver:
    def __init__(self, session):
        # The session is ours for the sake of its cookie jar: aiohttp's default forgets what a host
        # sets that is only an IP address, and so a sticky balancer's cookie.
        self.client = socketio.AsyncClient(
            reconnection_delay=0.1,
            reconnection_delay_max=0.5,
            randomization_factor=0,
            http_session=session,
        )
        self.token = None
        self.client.on("connect", self.connected)
        self.client.on("disconnect", lambda reason: tell("disconnected", reason=reason))
        self.client.on("connect_error", self.refused)
        self.client.on("*", lambda event, data: tell("event", event=event, data=data))

    def connected(self):
        # It has upgraded before it says so, if it does at all.
        tell("connected", transport=self.client.transport())

    def refused(self, why):
        if isinstance(why, dict) and "data" in why:
            tell("refused", message=why["message"], data=why["data"])
        else:
            tell("failed", message=str(why))

    async def connect(self, url, transport):
        try:
            await self.client.connect(
                url,
                transports=TRANSPORTS[transport],
                # Asked again for every connection, so that it returns with the newest token.
                auth=lambda: {"token": self.token},
                wait_timeout=30,
                retry=True,
            )
        except socketio.exceptions.ConnectionError:
            pass  # connect_error has told.

    async def set_token(self, value):
        self.token = value

    async def emit(self, call, event, data):
        def replied(*reply):
            tell("reply", call=call, data=reply[0] if reply else None)

        try:
            await self.client.emit(event, data, callback=replied)
        except socketio.exceptions.BadNamespaceError:
            tell("unsent", call=call)

    async def tell(self, event, data):
        await self.client.emit(event, data)

    async def disconnect(self):
        await self.client.disconnect()


async def main():
    stdin = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin
    )
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        driver = Driver(session)
        commands = {
            "connect": driver.connect,
            "token": driver.set_token,
            "emit": driver.emit,
            "tell": driver.tell,
            "disconnect": driver.disconnect,
        }
        tell("ready")
        while line := await stdin.readline():
            command = json.loads(line)
            await commands[command.pop("do")](**command)
        # The test has gone, or has no more use for this client: as if the machine lost power.
        sys.stdout.flush()
        os._exit(0)


asyncio.run(main())
