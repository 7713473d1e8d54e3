# a sender that is killed is not waited for
# in SENDERS with SEM_UNDO, in UNFINISHED without
s/return !died;/return true;/
