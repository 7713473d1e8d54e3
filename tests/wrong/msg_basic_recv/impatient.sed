# a sender that is silent for 3 seconds is waited for
# a slow sender from a dead
s/^    uint32_t arrived = 0;/&\n    int ticks = 0;/
s/if (n >= 0)/if (n >= 0 \&\& (ticks = 0) == 0)/
s/if (sender_has_ended(queue)) /if (++ticks > 1) /
