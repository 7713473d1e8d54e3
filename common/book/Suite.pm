# common/book/Suite.pm -- what there is: lessons, sources, notes, man pages.
#
# Everything is read from where it stands: the cards through common/card.sh, the
# notes as they are, the functions from the sources.
package Suite;
use strict;
use warnings;
use utf8;
use Exporter 'import';
our @EXPORT = qw(read_file beside lessons source_files note_files folders man_pages
  definitions);

sub read_file {
    my ($path) = @_;
    open my $file, '<:encoding(UTF-8)', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

# The path of a file that is named relative to another.
sub beside {
    my ($from, $to) = @_;
    my @part = split m{/}, $from;
    pop @part;
    for (split m{/}, $to) {
        if    ($_ eq '..') { pop @part }
        elsif ($_ ne '.')  { push @part, $_ }
    }
    return join '/', @part;
}

sub folders { return qw(pipe fifo msg sem shm udp tcp) }

# All sources and headers, without the tests.
sub source_files {
    my %found = map { $_ => 1 }
      map { glob "$_/*.[ch] $_/*/*.[ch] $_/*/*/*.[ch]" } folders(), 'common';
    return sort keys %found;
}

# All notes in English; the Chinese ones have .zh.md. README.md is the front page.
# The answers to what they ask have no page of their own.
sub note_files {
    my %found =
      map { $_ => 1 } map { glob "$_/*.md $_/*/*.md $_/*/*/*.md" } folders(),
      'common';
    return ('README.md', grep { !/\.zh\.md$|answers\.md$/ } sort keys %found);
}

# The lessons in the order of the notes, each a hash: its name ("msg/basic"), folder,
# title, source (whose card has the commands), sources (all that are read for it) and
# terminals: a command, its source, and the lines that it prints.
sub lessons {
    my @lessons;
    open my $cards, '-|:encoding(UTF-8)', 'sh', '-c',
      '. common/card.sh && card_table'
      or die "sh: $!\n";
    while (<$cards>) {
        chomp;
        my ($kind, @field) = split /\t/, $_, -1;
        if ($kind eq 'lesson') {
            my ($source, $name, $title) = @field;
            push @lessons,
              { source    => $source,
                name      => $name,
                terminals => [],
                folder    => $name  =~ s{/.*}{}r,
                title     => $title =~ s/[.:]$//r
              };
        } elsif ($kind eq 'terminal') {
            push @{ $lessons[-1]{terminals} },
              { source => $field[0], command => $field[1], prints => [] };
        } else {
            push @{ $lessons[-1]{terminals}[-1]{prints} }, join "\t", @field;
        }
    }
    close $cards or die "common/card.sh failed\n";

    for my $lesson (@lessons) {
        my %taken;
        my @all =
          ($lesson->{source}, map { $_->{source} } @{ $lesson->{terminals} });
        push @all, glob "$lesson->{name}_*.c $lesson->{name}_*/main.c"
          if $lesson->{source} !~ m{^\Q$lesson->{name}\E(\.c|/main\.c)$};
        @all                = grep { -f && !$taken{$_}++ } @all;
        $lesson->{sources}  = \@all;
        $lesson->{programs} = [map { s{/main\.c$|\.c$}{}r =~ s{.*/}{}r } @all];
    }
    return @lessons;
}

# Name => [section, what its man page says of it in a line, the same in Chinese], from
# man_pages.txt and man_pages.zh.txt.
sub man_pages {
    my %page;
    my %chinese = map { split /\t/ } split /\n/,
      read_file('common/book/man_pages.zh.txt');
    for (split /\n/, read_file('common/book/man_pages.txt')) {
        my ($name, $section, $line) = split /\t/;
        $page{$name} = [$section, $line, $chinese{$name} // $line];
    }
    return \%page;
}

# Where functions are defined: name => a list of [file, line, first sentence of the
# comment above, whether other files can call it].
sub definitions {
    my ($text) = @_;    # path => its text
    my %found;
    for my $path (sort keys %$text) {
        my @line = split /\n/, $text->{$path};
        for my $n (0 .. $#line) {
            next unless $line[$n] =~ /^(?:[a-z_][\w *]*?[ *])?([a-z_]\w*)\(/;
            my $name = $1;
            my $last = $n;
            $last++ while $last < $#line && $line[$last] !~ /;$|^\{|^$/;
            next unless $line[$last] eq '{';
            my $local = $line[$n] =~ /^static / && $path =~ /\.c$/;
            my $first = $n;
            $first--
              if $first > 0 && $line[$first - 1] =~ /^(static|const|struct) /;
            my $said = '';
            $said = "$1 $said"
              while $first > 0 && $line[--$first] =~ m{^// ?(.*)};
            $said =~ s/(\.)(?: .*|$)/$1/s;
            push @{ $found{$name} }, [$path, $n + 1, $said, !$local];
        }
    }
    return \%found;
}

1;
