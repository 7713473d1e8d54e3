# three readings arrive
# getsockname(2) says which one it is
s/program_ready("ready on %s\\n", .*/program_ready("ready on %s:%s\\n", argv[1], argv[2]);/
