# common/book/Source.pm -- C in colours, by highlight, and what its words lead to.
package Source;
use strict;
use warnings;
use utf8;
use Notes;
use Exporter 'import';
our @EXPORT = qw(highlighted includes);

my %class = (
    com => 'c',
    slc => 'c',
    ppc => 'p',
    pps => 's',
    str => 's',
    esc => 's',
    num => 'n',
    kwa => 'k',
    kwb => 'k',
    kwc => 'k',
    kwd => 'f',
    ipl => 's'
);

# All texts at once: key => C becomes key => a list of lines in HTML. A function that
# is called is <span class="f">.
sub highlighted {
    my ($code, $scratch) = @_;
    my @keys = sort keys %$code;
    open my $out, '>:encoding(UTF-8)', "$scratch/code.c"
      or die "$scratch: $!\n";
    for (@keys) {
        print $out "/*=cut=*/\n", $code->{$_};
        print $out "\n" if $code->{$_} !~ /\n\z/;
    }
    close $out or die "$scratch/code.c: $!\n";
    open my $in, '-|:encoding(UTF-8)', 'highlight', '-S', 'c', '-O', 'html',
      '-f', '-u', 'UTF-8', '-i', "$scratch/code.c"
      or die "highlight: $!\n";
    my (%html, $lines);
    while (<$in>) {
        chomp;
        if (m{^<span[^>]*>/\*=cut=\*/</span>$}) {
            $html{ shift @keys } = $lines = [];
            next;
        }
        s{<span class="hl opt">([^<]*)</span>}{$1}g;
        s{<span class="hl (\w+)">}{'<span class="' . ($class{$1} // 'o') . '">'}ge;
        s{<span class="\w">\s*</span>}{}g;
        s{&#64;}{@}g;
        s{&apos;}{'}g;
        push @$lines, $_;
    }
    close $in or die "highlight failed\n";
    die "highlight: $keys[0] is missing\n" if @keys;
    return \%html;
}

# The headers of ours that a source includes, and those that they include.
sub includes {
    my ($text, $path) = @_;
    my (%seen, @todo);
    @todo = ($path);
    while (my $file = shift @todo) {
        next if $seen{$file}++;
        my $folder = $file =~ s{[^/]*$}{}r;
        for ($text->{$file} =~ /^#include "([^"]+)"/mg) {
            my $header = "$folder$_";
            1 while $header =~ s{[^/.][^/]*/\.\./}{};
            push @todo, $header if $text->{$header};
        }
    }
    return \%seen;
}

1;
