# the ACK of END is lost: END comes again
# stay for 0.7 s after END
s/^    for (;;) {/    while (!ended) {/
