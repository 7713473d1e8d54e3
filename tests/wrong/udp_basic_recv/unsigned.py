# three readings arrive
# two's complement in 16 bits
# "H" is a number without a sign.
import socket
import struct
import sys

if len(sys.argv) != 3 or not sys.argv[2].isdigit() or int(sys.argv[2]) > 65535:
    print("usage: basic_recv ADDRESS PORT", file=sys.stderr)
    sys.exit(2)
family, kind, _, _, here = socket.getaddrinfo(
    sys.argv[1], int(sys.argv[2]), type=socket.SOCK_DGRAM)[0]
sock = socket.socket(family, kind)
sock.bind(here)
host, port = sock.getsockname()[:2]
shown = f"[{host}]" if ":" in host else host
print(f"ready on {shown}:{port}", flush=True)
arrived = 0
while True:
    try:
        wire, there = sock.recvfrom(100)
    except TimeoutError:
        sys.exit("basic_recv: nothing came for 2 s")
    sock.settimeout(2)
    if len(wire) != 17 or wire[0] not in (1, 2) or wire[16]:
        print(f"{there[0]}: skipped {len(wire)} bytes: not a reading", flush=True)
        continue
    kind, seq, tenths, station = struct.unpack(">BIH10s", wire)
    if kind == 2:
        print(f"{there[0]}: {arrived} of {seq} readings arrived", flush=True)
        break
    name = station.split(b"\0")[0].decode()
    print(f"{there[0]}: {name} #{seq} {tenths / 10:.1f} C", flush=True)
    arrived += 1
