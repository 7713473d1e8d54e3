# the stream comes byte by byte
# even the two bytes of a length
# recv(n) returns as soon as there is something, not when there are n bytes.
import socket
import struct
import sys


def printable(remark):
    return "".join(chr(b) if 32 <= b < 127 else "?" for b in remark)


if len(sys.argv) != 3 or not sys.argv[2].isdigit() or int(sys.argv[2]) > 65535:
    print("usage: framing_recv ADDRESS PORT", file=sys.stderr)
    sys.exit(2)
family, kind, _, _, here = socket.getaddrinfo(
    sys.argv[1], int(sys.argv[2]), type=socket.SOCK_STREAM)[0]
listener = socket.socket(family, kind)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(here)
listener.listen()
host, port = listener.getsockname()[:2]
shown = f"[{host}]" if ":" in host else host
print(f"ready on {shown}:{port}", flush=True)
sock, _ = listener.accept()
arrived = 0
while True:
    prefix = sock.recv(2)
    if len(prefix) != 2:
        sys.exit("framing_recv: end of file, END is missing")
    (length,) = struct.unpack(">H", prefix)
    if not 17 <= length <= 57:
        sys.exit(f"framing_recv: a length of {length}: this stream has no frames")
    frame = sock.recv(length)
    if len(frame) != length or frame[0] not in (1, 2) or frame[16]:
        print(f"skipped {len(frame)} bytes: not a reading", flush=True)
        continue
    kind, seq, tenths, station = struct.unpack(">BIh10s", frame[:17])
    if kind == 2:
        print(f"{arrived} of {seq} readings arrived", flush=True)
        break
    name = station.split(b"\0")[0].decode()
    print(f"{name} #{seq} {tenths / 10:.1f} C: {printable(frame[17:])}", flush=True)
    arrived += 1
