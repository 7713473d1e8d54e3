# four processes add one, 250 times each, and forty
# as many as there are
s/^    while (wait(&outcome) != -1)/    for (int i = 0; i < 4 \&\& wait(\&outcome) != -1; i++)/
