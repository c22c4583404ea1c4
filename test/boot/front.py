"""front.py STATE BACK CERTIFICATE KEY ADDRESS...: where AWS answers on the machines of the gate: TLS on port 443 of the given
addresses, for the names of `names` in STATE (the certificate holds no other). What is asked for by its first label goes on
to the engine (4566) at the address BACK, or to the gate's own control plane (4567). Every connection is a line in `asked`: name and address.
"""
import asyncio
import ssl
import sys

STATE, BACK, CERTIFICATE, KEY, *ADDRESSES = sys.argv[1:]
CONTROL = {"autoscaling", "cloudformation", "ec2", "elasticloadbalancing", "lambda"}

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
asked_for = {}


def note_name(connection, name, _):
    asked_for[connection] = name


context.sni_callback = note_name


async def pipe(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except (ConnectionError, ssl.SSLError):
        pass


async def serve(reader, writer):
    name = asked_for.pop(writer.get_extra_info("ssl_object"), None) or ""
    with open(f"{STATE}/asked", "a") as log:
        log.write(f"{name} {writer.get_extra_info('sockname')[0]}\n")
    port = 4567 if name.split(".")[0] in CONTROL else 4566
    back_reader, back_writer = await asyncio.open_connection(BACK, port)
    # Whoever is done first ends both: the engine keeps idle connections open.
    ways = [asyncio.create_task(pipe(reader, back_writer)), asyncio.create_task(pipe(back_reader, writer))]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    for end in (writer, back_writer):
        end.close()


async def main():
    for address in ADDRESSES:
        await asyncio.start_server(serve, address, 443, ssl=context)
    with open(f"{STATE}/front-is-up", "w"):
        pass
    await asyncio.Event().wait()


asyncio.run(main())
