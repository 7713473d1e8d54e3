# over IPv6 as well
# The family of the socket is the family of the address
s/socket(here->ai_family/socket(AF_INET/
