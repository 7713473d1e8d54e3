# eight clients at once
# several may have come when you read
s/char bytes\[sizeof(struct request_wire)\]/char bytes[4096]/;s/filled < sizeof bytes || /filled < 16 || /;s/if (filled == sizeof bytes)/if (filled >= 16)/
