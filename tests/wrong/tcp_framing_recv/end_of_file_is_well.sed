# the stream ends in the middle: status 1
# End of file within a frame, or before END
s/^    errx(1, "end of file after %" PRIu32.*/    return 0;/
