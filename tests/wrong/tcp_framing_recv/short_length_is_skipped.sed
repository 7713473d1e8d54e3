# a length that cannot be is the end: status 1
# after a length of 16
s/length < sizeof message->reading || //
