# more than the pipes hold, both ways
# a deadlock
s/^    uint32_t fed = 0;/&\n    while (fed < count \&\& feed(to[1], fed + 1))\n        fed++;/
