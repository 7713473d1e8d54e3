# another sender disturbs nobody
# That was another sender's
s/if (address_same(&from, &sender))/if (true)/
