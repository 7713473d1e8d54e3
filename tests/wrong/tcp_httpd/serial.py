# eight at once, while one is slow
# A server that waits for one client can answer no other
import pathlib
here = pathlib.Path(__file__).resolve()
right = here.parents[2] / "right" / "tcp_httpd.py"
exec(right.read_text().replace(
    "threading.Thread(target=Connection(client).serve, daemon=True).start()",
    "Connection(client).serve()"))
