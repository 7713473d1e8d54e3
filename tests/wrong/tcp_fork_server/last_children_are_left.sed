# it ends when the last child has ended
# After the last accept its children still serve
s/while (!zombies && reaped < forked)/while (false)/
