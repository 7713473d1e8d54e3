# a filter that is killed takes its command along
# PR_SET_PDEATHSIG
s/set_pdeathsig(parent, SIGTERM);/(void)parent;/
