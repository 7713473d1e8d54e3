# common/exercise/skeleton.awk -- a lesson without its steps.
#
# In a solved lesson a step begins with a comment, `// Step 2: ...`, and goes to
# the first empty line that is not inside of a deeper block, or to the end of
# its own block. Of it a TODO remains, with all lines of that comment, which says
# so when it is reached: by errx, so that err.h is included. Of a step outside of
# all functions only the comment remains.

BEGIN {
    while ((getline line <ARGV[1]) > 0) {
        included = included || line ~ /^#include <err\.h>/
        says_so = says_so || line ~ /^ +\/\/ Step [0-9]+: /
    }
}

function indentation(line) {
    match(line, /^ */)
    return RLENGTH
}

function flush_empty() {
    for (; empty > 0; empty--)
        print ""
}

# More lines of its comment.
comment && /^ *\/\// { print; next }
comment {
    comment = 0
    if (depth > 0)
        print spaces "errx(1, \"TODO " text "\");"
}

# In a step: an empty line ends it, unless what comes next is deeper.
step && /^$/ { empty++; next }
step && (indentation($0) < depth || (empty && indentation($0) == depth)) {
    step = 0
}
step { empty = 0; next }

/^ *\/\/ Step [0-9]+: / {
    flush_empty()
    step = 1
    depth = indentation($0)
    spaces = substr($0, 1, depth)
    text = $0
    sub(/^ *\/\/ Step /, "", text)
    print spaces "// TODO " text
    match(text, /: [^,:;.]*/) # what is said is its beginning
    text = substr(text, 1, RSTART + RLENGTH - 1)
    comment = 1
    next
}

/^#include/ && says_so && !included {
    print "#include <err.h>"
    included = 1
}

{ flush_empty(); print }
