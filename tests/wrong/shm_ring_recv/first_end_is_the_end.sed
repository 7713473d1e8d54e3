# two senders: one END is not the end
# Each sender puts in an END of its own
s/^            bounded_finished(set, shared, &died))$/            true)/
