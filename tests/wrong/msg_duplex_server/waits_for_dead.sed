# a client that is killed is not waited for
# kill(pid, 0)
s/left -= client_list_remove_ended(&clients);/continue;/
