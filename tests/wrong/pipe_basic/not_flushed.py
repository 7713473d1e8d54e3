# three readings arrive
# os._exit
# print() fills a buffer, and os._exit(), which is right after fork, leaves it.
import os
import struct
import sys


def receive(end):
    arrived = 0
    while wire := os.read(end, 17):
        _, seq, tenths, station = struct.unpack(">BIh10s", wire)
        name = station.split(b"\0")[0].decode()
        print(f"{name} #{seq} {tenths / 10:.1f} C")
        arrived += 1
    print(f"end of file after {arrived} readings")


if len(sys.argv) != 2 or not sys.argv[1].isdigit():
    print("usage: basic COUNT", file=sys.stderr)
    sys.exit(2)
read_end, write_end = os.pipe()
child = os.fork()
if child == 0:
    os.close(write_end)
    receive(read_end)
    os._exit(0)
os.close(read_end)
for seq in range(1, int(sys.argv[1]) + 1):
    os.write(write_end, struct.pack(">BIh10s", 1, seq, seq % 50 - 33, b"oslo"))
os.close(write_end)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
