# one client: each reading is answered with the mean so far
# Without _exit(2) it goes on with what is the parent's
s/_exit(!serve(connection));/serve(connection);/
