# time limits that hold
# the script has ended, as it has printed nothing
import pathlib
here = pathlib.Path(__file__).resolve()
right = here.parents[2] / "right" / "tcp_httpd.py"
exec(right.read_text().replace(
    "            os.killpg(script.pid, signal.SIGKILL)\n",
    "            if sys.exc_info()[0]:\n"
    "                raise\n"))
