# three readings arrive
# in a struct with padding
# Without ">" struct has the byte order and the padding of this machine.
import os
import signal
import struct
import sys

READING = struct.Struct("BIh10s")


def remove(*_):
    os.unlink(path)
    sys.exit(1)


if len(sys.argv) != 2:
    print("usage: basic_recv FIFO", file=sys.stderr)
    sys.exit(2)
path = sys.argv[1]
try:
    os.mkfifo(path, 0o600)
except OSError as error:
    sys.exit(f"basic_recv: {error}")
signal.signal(signal.SIGINT, remove)
print(f"ready on {path}", flush=True)
arrived = 0
with open(path, "rb") as fifo:
    while True:
        wire = fifo.read(READING.size)
        if len(wire) != READING.size:
            os.unlink(path)
            sys.exit("basic_recv: the sender left without END")
        kind, seq, tenths, station = READING.unpack(wire)
        if kind == 2:
            print(f"{arrived} of {seq} readings arrived", flush=True)
            break
        name = station.split(b"\0")[0].decode(errors="replace")
        print(f"{name} #{seq} {tenths / 10:.1f} C", flush=True)
        arrived += 1
os.unlink(path)
