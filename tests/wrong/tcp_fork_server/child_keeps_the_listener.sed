# a child that serves does not keep the port
# A child that keeps the listener keeps the port
s/if (!keep_listener)$/if (false)/
