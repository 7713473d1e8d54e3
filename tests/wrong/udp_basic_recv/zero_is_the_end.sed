# what is no reading is skipped
# no end of file here
s/^        if (n == -1)$/        if (n == 0)\n            break;\n&/
