# a script: its variables, and its status
# httpoxy
s/"Content-Length", "Proxy", /"Content-Length", /
