# more than the pipes hold, both ways
# a deadlock
s/^    uint32_t fed = 0;/&\n    while (feed(to[1], fed + 1, count))\n        fed++;/
