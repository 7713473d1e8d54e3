# one client: each reading is answered with the mean so far
# the sum of all of this client divided by its number
s/_exit(!serve(connection));/struct reading_wire w; while (read_full(connection, \&w, sizeof w) > 0) write_full(connection, \&w, sizeof w); _exit(0);/
