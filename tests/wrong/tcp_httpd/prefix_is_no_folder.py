# no path and no link leads out of ROOT
# It is a symbolic link that leads out of ROOT
import pathlib
here = pathlib.Path(__file__).resolve()
right = here.parents[2] / "right" / "tcp_httpd.py"
exec(right.read_text().replace('path.startswith(root + "/")',
                               "path.startswith(root)"))
