# common/help.awk NOTES... -- what notes say of the arguments of programs, in C.
#
# Their tables have a row for each: | `--size BYTES` | atomic | what it is |. It
# becomes {"--size BYTES", "atomic", English, Chinese}, for common/help.h. The
# Makefile makes build/FOLDER/help.h of it.

FNR == 1 { chinese = FILENAME ~ /\.zh\.md$/ }
/^\| (argument|参数) \|/ { on = 1 }
!/^\|/ { on = 0 }
on && /^\| `/ {
    gsub(/\\\|/, "<bar>") # one that does not separate
    split($0, cell, / *\| */)
    for (i = 2; i <= 4; i++) {
        gsub(/<bar>/, "|", cell[i])
        gsub(/`/, "", cell[i])
        gsub(/["\\]/, "\\\\&", cell[i])
    }
    gsub(/、/, ", ", cell[3])
    row = "\"" cell[2] "\", \"" cell[3] "\""
    if (!(row in english))
        order[++rows] = row
    if (chinese)
        other[row] = cell[4]
    else
        english[row] = cell[4]
}
END {
    print "// Made by common/help.awk; see the notes of this folder."
    print "#define PROGRAM_ARGUMENTS \\"
    for (i = 1; i <= rows; i++)
        print "    {" order[i] ", \"" english[order[i]] "\", \"" \
            other[order[i]] "\"}, \\"
    print ""
}
