#!/usr/bin/perl
# tests/notes.pl FILE... -- the words, links and arguments of the notes.
#
# sh tests/rules.sh gives it all notes. Prints what it finds, a line each: words
# that common/terms.md rules out, terms that no notes use, and output and error
# messages that are no program's and not the C library's; in the Chinese
# notes, a line break or a space between two Chinese characters, emphasis that
# Markdown does not see, and links to an English page that there is in Chinese;
# sections that an exercise names and the notes do not have; and options of a
# program that are in no table of its folder's notes.
use strict;
use warnings;
use Errno;
use utf8;
use open qw(:std :encoding(UTF-8));

my $hanzi = qr/[\p{Han}，。、；：？！（）“”]/;

sub read_file {
    my ($name) = @_;
    open my $file, '<', $name or die "$name: $!\n";
    local $/;
    return <$file>;
}

# The text without what is code: blocks, pictures and spans keep their lines.
sub prose {
    my ($text) = @_;
    $text =~ s{^(```.*?^```)$}{$1 =~ s/[^\n]//gr}gmse;
    $text =~ s/^( {4}.*)$//gm;
    $text =~ s/`[^`\n]*`/x/g;
    $text =~ s/\]\([^)\n]*\)/]/g;
    return $text;
}

sub line_of {
    my ($text, $offset) = @_;
    return 1 + (substr($text, 0, $offset) =~ tr/\n//);
}

my (%text, %prose);
for my $name (grep { !m{^common/terms\.md$} } @ARGV) {
    $text{$name} = read_file($name);
    $prose{$name} = prose($text{$name});
}
my @chinese = sort grep { /\.zh\.md$/ } keys %text;
my @english = sort grep { !/\.zh\.md$/ } keys %text;

# words PATTERN, WHAT, FILE...: where it stands.
sub complain_of {
    my ($pattern, $what, @files) = @_;
    for my $name (@files) {
        while ($prose{$name} =~ /$pattern/g) {
            print "$name:", line_of($prose{$name}, $-[0]), ": $what\n";
        }
    }
}

my $code = join '', map { read_file($_) }
    grep { -e } split /\n/, `git ls-files '*.c' '*.h' ':!tests'`;

# The glossary. A word in it may be one of several: "client, server".
my %all = (
    zh => join("\n", @prose{@chinese}),
    en => join(' ', @prose{@english}) =~ s/\s+/ /gr,
);
for my $row (read_file('common/terms.md') =~ /^\| (.*) \|$/gm) {
    my ($en, $zh, $not) = split / ?\| /, $row;
    next if $en =~ /^(English|printed|error|---)/;
    if (my ($printed) = $en =~ /^`(.*)`$/) {
        if (my ($name) = $zh =~ /^(E[A-Z0-9]+)：/) {
            local $! = Errno->can($name)->();
            print "common/terms.md: $name is \"$!\"\n" if $! ne $printed;
            next;
        }
        # N and X stand for what differs; the rest has to be in a source.
        for my $part (grep { length > 3 } split /-?\b[NX]\b/, $printed) {
            print "common/terms.md: no program prints \"$part\"\n"
                if index($code, $part =~ s/^ +| +$//gr) < 0;
        }
        next;
    }
    for my $word (split /, /, $en) {
        print "common/terms.md: no notes use \"$word\"\n"
            if $all{en} !~ /\b\Q$word\E/i;
    }
    for my $word (split /、/, $zh) {
        print "common/terms.md: no notes use $word\n" if $all{zh} !~ /$word/;
    }
    for my $word (grep { length } split /, /, $not) {
        if ($word =~ /\p{Han}/) {
            complain_of(qr/$word/, "$word: the word is $zh", @chinese);
        } else {
            complain_of(qr/\b\Q$word\E\b/i, "$word: the word is $en", @english);
        }
    }
}

complain_of(qr/$hanzi\n *(?=$hanzi)/, 'a line break between two hanzi',
    @chinese);
complain_of(qr/\p{Han} +(?=\p{Han})/, 'a space between two hanzi', @chinese);
complain_of(qr/[。：！？]\*\*(?=[^\s|])/, 'is not seen as the end of bold',
    @chinese);

for my $name (@chinese) {
    my ($folder) = $name =~ m{^(.*/)};
    while ($text{$name} =~ /\]\(([^):]*)\.md\)/g) {
        my ($at, $target) = ($-[0], $1);
        my $line = line_of($text{$name}, $at);
        my $path = "$folder$target";
        1 while $path =~ s{[^/.][^/]*/\.\./}{};
        my $twin = $path eq 'README' ? 'common/README.zh.md' : "$path.zh.md";
        next if $path =~ /\.zh$/ || !-e $twin;
        next if (split /\n/, $text{$name})[$line - 1] =~ /English: \[/;
        print "$name:$line: leads to $path.md, and there is $twin\n";
    }
}

# An exercise names the section of the notes down to which to read.
for my $name (grep { m{^common/exercise/\w+/} } keys %text) {
    my ($folder, $zh) = $name =~ m{^common/exercise/(\w+)/.*?(\.zh)?\.md$};
    my $notes = "$folder/README" . ($zh // '') . '.md';
    my $flat = $text{$name} =~ s/\s+/ /gr;
    for my $section ($flat =~ /(?:down to|读到) ?\*([^*]+)\*/g) {
        print "$name: $notes has no section $section\n"
            if $text{$notes} !~ /^#+ \Q$section\E$/m;
    }
}

# Rows of the tables of arguments: what it is, and for which programs.
my %rows;
for my $name (keys %text) {
    my $language = $name =~ /\.zh\.md$/ ? 'zh' : 'en';
    my $folder = $name =~ m{^(\w+)/} ? $1 : 'common';
    my @tables = $text{$name} =~
        /^\| (?:argument|参数) \|.*\n\| --- .*\n((?:\|.*\n)+)/gm;
    for my $row (map { split /\n/ } @tables) {
        my ($argument, $programs) = $row =~ /^\| `(.*?)` \| ?(.*?) ?\| /
            or print "$name: not a row of arguments: $row\n";
        for my $program ($programs ? split(/, |、/, $programs) : '') {
            push @{$rows{$language}{$program ? "$folder/$program" : $folder}},
                $row;
            next if $argument !~ /^--([a-z-]+)/ || $program =~ /^(bench|)$/;
            my $its = join '', map { read_file($_) } grep { -e }
                "$folder/$program.c", glob("$folder/$program/*.c $folder/*.h");
            print "$name: $program has no --$1\n" if $its !~ /"$1"/;
        }
    }
}
for my $source (split /\n/, `git ls-files '*/*.c' ':!tests' ':!tcp/www'`) {
    my ($folder, $program) = $source =~ m{^(\w+)/(\w+)};
    my @files = $program eq 'bench' ? glob('common/bench/*.h') : $source;
    $folder = 'common' if $program eq 'bench';
    my $source_code = join '', map { read_file($_) } @files;
    for my $option ($source_code =~ /\{"([a-z-]+)",\s*\w+_argument/g) {
        for my $language ('en', 'zh') {
            my @known = map { @{$rows{$language}{$_} // []} }
                "$folder/$program", $folder, "common/$program";
            print "$source: --$option is in no table of the $language notes\n"
                if !grep { /--$option\b(?!-)/ } @known;
        }
    }
}
