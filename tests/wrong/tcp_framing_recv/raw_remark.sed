# what is no text is not shown as it is
# show what is not printable as a question mark
s/if (!message_report(&message, (size_t)n, &arrived))/struct reading r;\n        if (reading_decode(\&r, \&message.reading, sizeof message.reading) \&\& r.kind == READING_DATA) {\n            printf("%s #%u %.1f C: %.*s\\n", r.station, r.seq, r.tenths \/ 10.0, (int)n - 17, message.remark);\n            arrived++;\n        } else if (!message_report(\&message, (size_t)n, \&arrived))/
s/      : recv_frame(connection, &message)) > 0)/      : recv_frame(connection, \&message)) > 0) {/
s/^            return 0;/            return 0;\n    }/
