# three readings arrive
# waits in the buffer of the C library
s/program_ready(/setvbuf(stdout, NULL, _IOFBF, BUFSIZ);\n    printf(/
