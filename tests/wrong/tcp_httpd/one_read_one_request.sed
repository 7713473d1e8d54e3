# a head that comes in pieces
# A head ends at its empty line and nowhere else
s/if (c->head > 0 || refusal != 0)/if (c->head == 0 \&\& c->end > 0)\n            return 400;\n        &/
