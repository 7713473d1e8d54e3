# the first page arrives
# expected Content-Length: 30
/response_field(&r, "Content-Length", "%llu",/,/part.length);/d
s/^    if (status != 304)$//
