# a duplicate is acknowledged, and not printed again
# What comes again is acknowledged again
s/if (sequence <= expected \&\& /if (sequence == expected \&\& /
