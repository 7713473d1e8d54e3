#!/usr/bin/env bats
# tests/notes.bats -- what tests/notes.pl finds in notes, a fault at a time.

load helpers.bash

small_notes() {
    mkdir -p notes/common notes/pipe
    cd notes || return
    cat >common/terms.md <<'END'
| English | 中文 | not 不用 | where 见 |
| --- | --- | --- | --- |
| pipe | 管道 | 管线, pipe line | here |
END
    table='| --- | --- | --- |
| `--slow` | basic | it |'
    printf 'A pipe.\n\n| argument | program | what |\n%s\n' "$table" \
        >pipe/README.md
    printf '管道。\n\n| 参数 | 程序 | 含义 |\n%s\n' "$table" \
        >pipe/README.zh.md
    echo '    {"slow", no_argument, &slow, 1},' >pipe/basic.c
    ! command -v git >/dev/null || (git init -q . && git add .)
}
prepare small_notes

setup() {
    need perl git
    cd notes || return
}

# finds TEXT: only this is found, and nothing else.
finds() {
    find pipe common -name '*.md' >list
    run -0 xargs perl "$root/tests/notes.pl" <list
    [ "$output" = "$1" ] || {
        echo "$output"
        return 1
    }
}

@test "notes without a fault have none" {
    finds ''
}

@test "a word that the glossary rules out, in either language" {
    echo '这是管线。' >>pipe/README.zh.md
    echo 'A pipe line.' >>pipe/README.md
    finds 'pipe/README.zh.md:6: 管线: the word is 管道
pipe/README.md:6: pipe line: the word is pipe'
}

@test "but not in code" {
    printf '`管线`\n\n    管线\n\n' >>pipe/README.zh.md
    printf '```text\n管线\n```\n' >>pipe/README.zh.md
    finds ''
}

@test "a term that no notes use" {
    echo '| semaphore | 信号量 | | there |' >>common/terms.md
    finds 'common/terms.md: no notes use "semaphore"
common/terms.md: no notes use 信号量'
}

@test "output that no program prints, and an error by another name" {
    printf '| `slow` | 慢 |\n| `N waits` | 等 |\n' >>common/terms.md
    echo '| `Broken pipe` | EIDRM：不对 |' >>common/terms.md
    finds 'common/terms.md: no program prints " waits"
common/terms.md: EIDRM is "Identifier removed"'
}

@test "a line break between two hanzi, and a space" {
    printf '管\n道，管 道\n' >>pipe/README.zh.md
    finds 'pipe/README.zh.md:6: a line break between two hanzi
pipe/README.zh.md:7: a space between two hanzi'
}

@test "bold that Markdown does not see" {
    echo '**管道。**是' >>pipe/README.zh.md
    finds 'pipe/README.zh.md:6: is not seen as the end of bold'
}

@test "a Chinese link to an English page that there is in Chinese" {
    echo '[管道](../pipe/README.md)' >>pipe/README.zh.md
    here=pipe/README
    finds "$here.zh.md:6: leads to $here.md, and there is $here.zh.md"
}

@test "a section that an exercise names, and the notes do not have" {
    mkdir -p common/exercise/pipe
    printf 'Read down\nto *Ends*.\n' >common/exercise/pipe/basic.md
    echo '## Ends' >>pipe/README.md
    finds ''
    here=common/exercise/pipe/basic.zh.md
    echo '读到*末端*一节。' >$here
    finds "$here: pipe/README.zh.md has no section 末端"
}

@test "an option that is in no table, or in one for another program" {
    echo '    {"fast", no_argument, &fast, 1},' >>pipe/basic.c
    sed -i 's/| basic |/| other |/' pipe/README.zh.md
    finds 'pipe/README.zh.md: other has no --slow
pipe/basic.c: --slow is in no table of the zh notes
pipe/basic.c: --fast is in no table of the en notes
pipe/basic.c: --fast is in no table of the zh notes'
}
