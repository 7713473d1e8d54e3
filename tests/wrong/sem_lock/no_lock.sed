# while another process has the lock, nobody adds
# guards nothing by itself
s/while (!no_lock/while (false/;s/if (!no_lock \&\&/if (false \&\&/
