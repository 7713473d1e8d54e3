# a script: its variables, and its status
# The query is passed as it came
s/QUERY_STRING=%\.\*s", r->query.at ? (int)r->query.length : 0/QUERY_STRING=%.*s", r->query.at ? (int)strcspn(r->query.at, "% ") : 0/
