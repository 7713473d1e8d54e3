# three readings arrive
# skipped 0 bytes: not a reading
s/^    while ((n = read(from, &wire, sizeof wire)) > 0)/    while ((n = read(from, \&wire, sizeof wire)) >= 0) {/
s/^        reading_report(&wire, (size_t)n, &arrived);/& if (n == 0) break; }/
