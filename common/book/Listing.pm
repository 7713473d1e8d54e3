# common/book/Listing.pm -- a source as a page shows it: each line has an address, and
# the names in it lead to where they are defined, or to what the man page says.
package Listing;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Source;
use Content;
use Where;
use Page;
use Exporter 'import';
our @EXPORT = qw(listing calls_in calls_of called says includes_directly functions_of);

my %scope;      # source => itself and what it includes
my %link_of;    # language => page => source => name => its link
my %called;     # what has a link to its man page's line

# The calls that the pages so far have had.
sub called { return sort keys %called }

sub scope {
    my ($file) = @_;
    return $scope{$file} //= includes(\%code, $file);
}

# A source, each line with an address.
sub listing {
    my ($file, $page) = @_;
    my $base = $file =~ s{.*/}{}r;
    my $n    = 0;
    my $text = join "\n", map {
        $n++;
        qq(<span id="$base-$n"><a href="#$base-$n">$n</a>)
          . calls_in($_, $page, $file)
          . '</span>'
    } @{ $lines->{$file} };
    my $id = escape($base);
    return qq(<figure class="source" id="$id"><figcaption>$file</figcaption>)
      . qq(<pre class="code" tabindex="0"><code>$text</code></pre></figure>);
}

# What a function's name in the code leads to: its definition, or its man page's line.
sub calls_in {
    my ($line, $page, $file) = @_;
    $line =~ s{<span class="f">(\w+)</span>}{ call_of($1, $page, $file) }ge;
    if ($file) {
        $line =~ s{(#include</span> <span class="s">)&quot;([^&]+)&quot;}{
            my $header = beside($file, $2);
            my $to = $page_of{$header}
              ? qq(<a href=") . address($page, page_file($header)) . qq(">$2</a>) : $2;
            qq($1&quot;$to&quot;)
        }e;
    }
    return $line;
}

sub call_of {
    my ($name, $page, $file) = @_;
    return $link_of{ language() }{$page}{$file}{$name} //=
      new_link($name, $page, $file);
}

sub new_link {
    my ($name, $page, $file) = @_;
    return $name if $name eq 'main';
    if ($file && $defined->{$name}) {
        my $folder = $file =~ m{^(\w+/.*/)} ? $1 : "$file/";
        my ($best) = sort { ($b->[0] eq $file) <=> ($a->[0] eq $file) }
          grep {
            scope($file)->{ $_->[0] }
              || ($_->[3] && index($_->[0], $folder) == 0)
          } @{ $defined->{$name} };
        if ($best) {
            my $at = line_address($page, $best->[0], $best->[1]);
            my $said =
              $best->[0] eq $file
              ? ''
              : ' data-m="' . escape("$best->[0]: $best->[2]") . '"';
            return qq(<a class="f" href="$at"$said>$name</a>);
        }
    }
    my $man = $manual->{$name} or return qq(<span class="f">$name</span>);
    $called{$name} = 1;
    my $at   = address($page, page_file('calls'), $name);
    my $line = escape("$name($man->[0]): " . says($name));
    return qq(<a class="f" href="$at" data-m="$line">$name</a>);
}

# What its man page says of a call.
sub says {
    my ($name) = @_;
    return $manual->{$name}[language() eq 'zh' ? 2 : 1];
}

# The C calls of a source that have a man page: name => line of the first one.
my %calls_of;

sub calls_of {
    my ($file) = @_;
    return $calls_of{$file} //= do {
        my (%call, $n);
        for (@{ $lines->{$file} }) {
            $n++;
            next if /^<span class="c">/;
            for my $name (/<span class="f">(\w+)<\/span>/g) {
                next if !$manual->{$name};
                next
                  if grep { scope($file)->{ $_->[0] } }
                  @{ $defined->{$name} // [] };
                $call{$name} //= $n;
            }
        }
        \%call;
    };
}

my %direct;    # source => the headers of ours that it names

sub includes_directly {
    my ($file) = @_;
    return $direct{$file} //=
      { map { beside($file, $_) => 1 } $code{$file} =~ /^#include "([^"]+)"/mg };
}

# The functions that a header has for others, in its order: [name, line, what it says].
my %functions;

sub functions_of {
    if (!%functions) {
        for my $name (keys %$defined) {
            push @{ $functions{ $_->[0] } }, [$name, $_->[1], $_->[2]]
              for grep { $_->[0] =~ /\.h$/ } @{ $defined->{$name} };
        }
    }
    return sort { $a->[1] <=> $b->[1] } @{ $functions{ $_[0] } // [] };
}

1;
