# time limits that hold
# Each byte has started the time anew
s/if (deadline == 0) {/{/
