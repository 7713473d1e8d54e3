# an old ACK is none
# That was the ACK of #1 for the second time
s/if (n == sizeof ack && ack.kind == r->kind && ntohl(ack.seq) == r->seq)/if (n == sizeof ack)/
