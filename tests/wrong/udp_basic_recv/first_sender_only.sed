# each line says who sent it
# fills in the address of the one that sent this datagram
s/^        struct sockaddr_storage from;.*/        static struct sockaddr_storage from;/
s/^                             (struct sockaddr \*)&from, &from_len);/                             arrived ? NULL : (struct sockaddr *)\&from, arrived ? NULL : \&from_len);/
