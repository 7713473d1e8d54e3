# four processes add one, 250 times each, and forty
# What another process writes in between
s/^        long number = numbers\[0\];$//;s/^        while (!no_lock/        long number = numbers[0];\n&/
