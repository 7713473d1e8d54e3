#!/usr/bin/env python3
# tests/right/tcp_httpd.py -- the exercise tcp/httpd, in Python: a thread for
# each connection.
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HEAD_MAX = 32768
BODY_MAX = 1 << 20
REASONS = {200: "OK", 206: "Partial Content", 400: "Bad Request",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           408: "Request Timeout", 411: "Length Required",
           413: "Content Too Large", 414: "URI Too Long",
           416: "Range Not Satisfiable",
           431: "Request Header Fields Too Large", 502: "Bad Gateway",
           504: "Gateway Timeout"}
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


class Refused(Exception):
    def __init__(self, status, *fields):
        super().__init__(status)
        self.status, self.fields = status, fields


class Gone(Exception):
    pass


class Connection:
    def __init__(self, sock):
        self.sock, self.buffer, self.keep = sock, b"", True

    def read(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.sock], [], [], left)[0]:
            raise TimeoutError
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.buffer += data

    def take_head(self):
        try:
            if not self.buffer:
                self.read(time.monotonic() + timeout)
        except TimeoutError:
            raise Gone from None
        deadline = time.monotonic() + timeout
        try:
            while (end := self.buffer.find(b"\r\n\r\n")) < 0:
                if len(self.buffer) > HEAD_MAX:
                    line = self.buffer.find(b"\n")
                    raise Refused(431 if 0 <= line < HEAD_MAX else 414)
                if b"\0" in self.buffer:
                    raise Refused(400)
                self.read(deadline)
        except TimeoutError:
            raise Refused(408) from None
        head, self.buffer = self.buffer[:end], self.buffer[end + 4:]
        return head

    def take_body(self, length):
        deadline = time.monotonic() + timeout
        try:
            while len(self.buffer) < length:
                self.read(deadline)
        except TimeoutError:
            raise Refused(408) from None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def head(self, status, fields):
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Other')}", *fields]
        if not self.keep:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def answer(self, status, fields, body):
        fields = [*fields, f"Content-Length: {len(body)}"]
        self.sock.sendall(self.head(status, fields)
                          + (b"" if self.method == "HEAD" else body))

    def serve(self):
        try:
            while self.keep:
                self.method = "GET"
                try:
                    self.serve_one(self.take_head())
                except Refused as refused:
                    if refused.status in (400, 408, 411, 413, 414, 431):
                        self.keep = False
                    self.answer(refused.status, refused.fields,
                                REASONS[refused.status].encode() + b"\n")
            self.linger()
        except (Gone, OSError):
            pass
        finally:
            self.sock.close()

    def linger(self):
        # Closed with bytes unread it would be a reset.
        self.sock.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + 1
        try:
            while True:
                self.buffer = b""
                self.read(deadline)
        except TimeoutError:
            pass

    def serve_one(self, head):
        line, *lines = head.split(b"\r\n")
        if len(line) > 16384:
            raise Refused(414)
        first = re.fullmatch(rb"(%s) (/[!-~]*) HTTP/1\.([01])" % TOKEN, line)
        if not first or any(b"\r" in x or b"\n" in x for x in lines):
            raise Refused(400)
        self.method = first[1].decode()
        minor, fields = first[3], []
        for line in lines:
            field = re.fullmatch(rb"(%s):[ \t]*([^\0-\10\12-\37]*?)[ \t]*"
                                 % TOKEN, line)
            if not field:
                raise Refused(400)
            fields.append((field[1].decode().lower(),
                           field[2].decode("latin-1")))
        if sum(name == "host" for name, _ in fields) != 1 and minor == b"1":
            raise Refused(400)
        self.fields = dict(fields)
        connection = self.fields.get("connection", "").lower()
        self.keep = minor == b"1" and connection != "close"
        self.minor = minor.decode()
        if "transfer-encoding" in self.fields:
            raise Refused(411)
        length = self.fields.get("content-length", "0")
        if (not re.fullmatch(r"[0-9]{1,15}", length)
                or sum(name == "content-length" for name, _ in fields) > 1):
            raise Refused(400)
        if int(length) > BODY_MAX:
            raise Refused(413)
        body = self.take_body(int(length))

        path, _, self.query = first[2].decode().partition("?")
        names = [self.decoded(name) for name in path.split("/")]
        if any(name == ".." or "/" in name or "\0" in name for name in names):
            raise Refused(404)
        names = [name for name in names if name not in ("", ".")]
        if names[:1] == ["cgi-bin"]:
            if self.method not in ("GET", "HEAD", "POST"):
                raise Refused(405, "Allow: GET, HEAD, POST")
            self.serve_script(names, body)
        elif self.method not in ("GET", "HEAD"):
            raise Refused(405, "Allow: GET, HEAD")
        else:
            self.serve_file(names)

    def decoded(self, name):
        if re.search("%(?![0-9a-fA-F]{2})", name):
            raise Refused(400)
        return urllib.parse.unquote(name, "latin-1")

    def under_root(self, names):
        path = os.path.realpath(os.path.join(root, *[
            os.fsdecode(name.encode("latin-1")) for name in names]))
        if path != root and not path.startswith(root + "/"):
            raise Refused(403)
        return path

    def serve_file(self, names):
        path = self.under_root(names)
        if os.path.isdir(path):
            path = self.under_root([*names, "index.html"])
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except PermissionError:
            raise Refused(403) from None
        except OSError:
            raise Refused(404) from None
        with open(fd, "rb") as file:
            about = os.fstat(fd)
            if not stat.S_ISREG(about.st_mode):
                raise Refused(403)
            first, count, status = 0, about.st_size, 200
            fields = ["Content-Type: " + ("text/html; charset=utf-8"
                                          if path.endswith(".html")
                                          else "application/octet-stream")]
            part = self.part(about.st_size)
            if part:
                first, count, status = *part, 206
                fields.append(f"Content-Range: bytes {first}-"
                              f"{first + count - 1}/{about.st_size}")
            fields.append(f"Content-Length: {count}")
            self.sock.sendall(self.head(status, fields))
            if self.method == "GET" and count > 0:
                if self.sock.sendfile(file, first, count) < count:
                    raise Gone

    def part(self, size):
        part = re.fullmatch(r"bytes=(\d*)-(\d*)", self.fields.get("range", ""))
        if (not part or part[0] == "bytes=-" or "if-range" in self.fields
                or self.method != "GET"):
            return None
        if part[1]:
            first = int(part[1])
            last = min(int(part[2]) if part[2] else size, size - 1)
            if part[2] and int(part[2]) < first:
                return None
        else:
            first, last = max(size - int(part[2]), 0), size - 1
        if first >= size:
            raise Refused(416, f"Content-Range: bytes */{size}")
        return first, last - first + 1

    def serve_script(self, names, body):
        for count in range(2, len(names) + 1):
            path = self.under_root(names[:count])
            if not os.path.exists(path):
                raise Refused(404)
            if os.path.isfile(path):
                break
        else:
            raise Refused(404)
        if not os.access(path, os.X_OK):
            raise Refused(403)
        output = self.run(path, self.environment(names, count, body), body)
        head, end, content = output.partition(b"\n\n")
        if b"\r\n\r\n" in output and output.find(b"\r\n\r\n") < len(head):
            head, end, content = output.partition(b"\r\n\r\n")
        status, fields = 200, []
        for line in head.decode("latin-1").splitlines():
            name, colon, value = line.partition(":")
            if name.lower() == "status" and value.strip()[:3].isdigit():
                status = int(value.strip()[:3])
            elif name.lower() != "content-length":
                fields.append(f"{name}:{value}")
        if not end or not head:
            raise Refused(502)
        self.answer(status, fields, content)

    def environment(self, names, count, body):
        host, port = self.sock.getsockname()[:2]
        named = self.fields.get("host", host).rsplit(":", 1)[0]
        found = {
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_SOFTWARE": "mine",
            "SERVER_PROTOCOL": "HTTP/1." + self.minor, "SERVER_NAME": named,
            "SERVER_PORT": str(port), "REQUEST_METHOD": self.method,
            "REMOTE_ADDR": self.sock.getpeername()[0],
            "SCRIPT_NAME": "/" + "/".join(names[:count]),
            "QUERY_STRING": self.query}
        if count < len(names):
            found["PATH_INFO"] = "/" + "/".join(names[count:])
        if body:
            found["CONTENT_LENGTH"] = str(len(body))
        if "content-type" in self.fields:
            found["CONTENT_TYPE"] = self.fields["content-type"]
        for name, value in self.fields.items():
            if name not in ("proxy", "content-type", "content-length",
                            "connection", "authorization"):
                found["HTTP_" + name.upper().replace("-", "_")] = value
        return found

    def run(self, path, environment, body):
        with tempfile.TemporaryFile() as file:
            file.write(body)
            file.seek(0)
            try:
                script = subprocess.Popen(
                    [path], stdin=file, stdout=subprocess.PIPE,
                    env=environment, cwd=os.path.dirname(path),
                    start_new_session=True)
            except OSError:
                raise Refused(502) from None
        scripts.add(script.pid)
        output, deadline = bytearray(), time.monotonic() + timeout
        try:
            while True:
                left = deadline - time.monotonic()
                if left < 0 or not select.select(
                        [script.stdout], [], [], left)[0]:
                    raise Refused(504)
                data = os.read(script.stdout.fileno(), 65536)
                if not data:
                    return bytes(output)
                output += data
        finally:
            os.killpg(script.pid, signal.SIGKILL)
            scripts.discard(script.pid)
            script.stdout.close()
            script.wait()


def end(number, frame):
    for pid in list(scripts):
        os.killpg(pid, signal.SIGKILL)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def usage():
    print("usage: httpd [--timeout SECONDS] ADDRESS PORT ROOT",
          file=sys.stderr)
    sys.exit(2)


arguments, timeout = sys.argv[1:], 10
if arguments[:1] == ["--timeout"]:
    if len(arguments) < 2 or not re.fullmatch("[1-9][0-9]{0,3}", arguments[1]):
        usage()
    timeout, arguments = int(arguments[1]), arguments[2:]
if len(arguments) != 3 or not arguments[1].isdigit():
    usage()
address = arguments[0], int(arguments[1])
root = os.path.realpath(arguments[2])
scripts = set()
try:
    os.listdir(root)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(128)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    os.write(1, b"ready on http://%s:%d\n" % (
        arguments[0].encode(), listener.getsockname()[1]))
except OSError as error:
    print(f"httpd: {error}", file=sys.stderr)
    sys.exit(1)
while True:
    client, _ = listener.accept()
    threading.Thread(target=Connection(client).serve, daemon=True).start()
