# eight clients at once, each has its own answers
# as many clients have said thank you
s/^            left--;/            left = 0;/
