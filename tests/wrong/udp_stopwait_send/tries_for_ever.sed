# nobody is there: status 1, soon
# after 8 s it is still there
s/clock_us() < give_up; times++/true; times++/
