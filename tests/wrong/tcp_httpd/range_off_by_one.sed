# a part of a file
# bytes 7-10/30
s/(part.first + part.length - 1)/(part.first + part.length)/
