# a part of a file
# A client that goes on with a download would take all of the file for its rest
s/    if (first >= size)/    if (first >= size)\n        return 200;\n&/
