# an old ACK is none
# The ACK of END has kind 2
s/ack.kind == r->kind && //
