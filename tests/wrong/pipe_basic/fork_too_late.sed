# more than the pipe holds
# fork first, then write
s/^    pid_t child = fork();.*/    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {\n        struct reading r = reading_sample(seq);\n        struct reading_wire wire = reading_encode(\&r);\n        if (write(ends[1], \&wire, sizeof wire) == -1)\n            err(1, "write");\n    }\n    count = 0;\n&/
