# three readings, and END
# A queue has no end of file
s/^    send_reading(queue, &end);/    (void)end;/
