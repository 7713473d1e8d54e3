# what is lost is sent again
# No ACK has come
s/static int no_timer; /static int no_timer = 1;/
