# five philosophers eat 10000 times
# five lines
s/seat < PHILOSOPHERS; seat++/seat < PHILOSOPHERS - 1; seat++/
