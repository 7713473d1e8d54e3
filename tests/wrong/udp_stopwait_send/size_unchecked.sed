# an answer that is no ACK is none
# An answer of six bytes is no ACK
s/n == sizeof ack && //
