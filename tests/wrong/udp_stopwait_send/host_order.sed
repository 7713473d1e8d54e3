# each reading when the one before is acknowledged
# network byte order
s/const struct reading_wire wire = reading_encode(r);/struct reading_wire wire = reading_encode(r);\n    wire.seq = r->seq;/
