# a client that is slow holds up nobody
# Who waits for one client can accept no other
/if (child == -1) {/,/} else {/d
s/_exit(!serve(connection));/_exit(!serve(connection));\n        }\n        if (child > 0) {\n            poll(NULL, 0, 20);\n            while (reaped <= forked)\n                poll(NULL, 0, 10);/
s/^            printf("client %ld/        {\n&/
