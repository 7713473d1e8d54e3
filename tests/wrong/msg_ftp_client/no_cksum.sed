# a file that is damaged on its way
# before the file gets its name
s/t->m.cksum != cksum_end(&t->sum))/false)/
