# a sender that leaves without END
# not that all was sent
s/^            errx(1, "the sender left.*/            return 0; (void)("%u"/;s/^                 arrived);/);/
