# a slow sender is waited for
# switched off before read
s/^    set_alarm(0);//
