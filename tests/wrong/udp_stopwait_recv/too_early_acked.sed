# one that comes too early is not acknowledged
# would make the sender believe
s/if (sequence <= expected \&\& /if (/
