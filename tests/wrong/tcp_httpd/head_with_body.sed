# files, byte for byte, and HEAD without one
# no body follows
s/if (status == 304 || c->request.method == METHOD_HEAD)/if (status == 304)/
