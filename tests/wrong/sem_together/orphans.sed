# ^C and TERM take the set and the processes along
# Its children have to end
s/set_pdeathsig(parent, SIGTERM);/(void)parent; signal(SIGINT, SIG_IGN); signal(SIGTERM, SIG_IGN);/;s/} else if (errno != EINTR) {/} else if (errno == EIDRM) { pause();\n        } else if (errno != EINTR) {/
