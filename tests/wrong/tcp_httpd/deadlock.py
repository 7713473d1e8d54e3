# a script: what it reads, and what it writes
# wait for each other: a deadlock
import pathlib
here = pathlib.Path(__file__).resolve()
right = here.parents[2] / "right" / "tcp_httpd.py"
exec(right.read_text()
     .replace("[path], stdin=file,", "[path], stdin=subprocess.PIPE,")
     .replace("        scripts.add(script.pid)\n",
              "        scripts.add(script.pid)\n"
              "        try:\n"
              "            script.stdin.write(body)\n"
              "            script.stdin.close()\n"
              "        except BrokenPipeError:\n"
              "            pass\n"))
