"""A peer on py-libp2p as its library makes it, on loopback, for the doctor to examine.

Settings are environment variables; it prints the address on which it listens, and ends with its standard input.
"""

import os
import sys

import trio
from libp2p import new_host
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.tools.anyio_service.context import background_trio_service
from multiaddr import Multiaddr


async def main() -> None:
    told = os.environ.get("ANNOUNCE")
    host = new_host(announce_addrs=[Multiaddr(told)] if told else None)
    async with host.run(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")]):
        mode = DHTMode.CLIENT if os.environ.get("KAD_MODE") == "client" else DHTMode.SERVER
        async with background_trio_service(KadDHT(host, mode)):
            for listener in host.get_network().listeners.values():
                for address in listener.get_addrs():
                    print(f"{address}/p2p/{host.get_id()}", flush=True)
            await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)


trio.run(main)
