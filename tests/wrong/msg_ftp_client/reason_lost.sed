# what the server refuses: its reason, and no file
# ERROR has the reason in words
s/(int)t->m.count,$/0,/
