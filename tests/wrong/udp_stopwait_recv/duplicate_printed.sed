# a duplicate is acknowledged, and not printed again
# expected oslo #2 -3.1 C came oslo #1 -3.2 C
s/if (sequence == expected)/if (sequence <= expected)/
