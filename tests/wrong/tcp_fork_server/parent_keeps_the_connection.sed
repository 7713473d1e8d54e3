# a client sees end of file when its conversation has ended
# The parent has to close its own
s/if (!leave_open)$/if (false)/
