# three readings arrive
# A new set has zeros; raise EMPTY
/raise_empty = /,/err(1, "semop")/{/if (semop/,/err(/d}
