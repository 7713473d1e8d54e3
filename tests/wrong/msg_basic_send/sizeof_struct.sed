# three readings, and END
# sizeof of the whole struct
s/sizeof msg.wire, 0/sizeof msg, 0/
