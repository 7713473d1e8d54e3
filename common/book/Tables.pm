# common/book/Tables.pm -- the lists of calls and of errors, and where each of them is.
package Tables;
use strict;
use warnings;
use utf8;
use Errno ();
use Notes;
use Content;
use Where;
use Page;
use Listing;
use Search;
use Exporter 'import';
our @EXPORT = qw(calls_page errors_page);

# Where calls are made first: call => lesson, or for what no lesson calls the file =>
# [file, line].
sub places_of_calls {
    my (%where, %elsewhere);
    for my $lesson (@lessons) {
        for my $file (@{ $lesson->{sources} }, larger_sources($lesson)) {
            my $calls = calls_of($file);
            $where{$_}{ $lesson->{name} } //= [$file, $calls->{$_}]
              for keys %$calls;
        }
    }
    for my $file (@sources) {
        my $calls = calls_of($file);
        $elsewhere{$_}{$file} = [$file, $calls->{$_}]
          for grep { !$where{$_} } keys %$calls;
    }
    return { %elsewhere, %where };
}

sub calls_page {
    my $where = places_of_calls();
    my $text  = '<h1>' . word('calls') . '</h1><p>' . word('every_call') . '</p>';
    for my $kind ([system => qr/^2/], [library => qr/^3/]) {
        my $rows = '';
        for my $name (called()) {
            next if $manual->{$name}[0] !~ $kind->[1];
            my $at    = $where->{$name};
            my @in    = grep { $at->{$_} } (map { $_->{name} } @lessons), @sources;
            my $line  = escape(says($name));
            my $links = join ', ', map {
                my ($to, $anchor) = line_of(@{ $at->{$_} });
                link_to('calls', $to, $_, $anchor)
            } @in;
            my $call = "$name($manual->{$name}[0])";
            $rows .= qq(<tr id="$name"><th scope="row">$call</th>)
              . qq(<td class="says">$line</td><td class="where">$links</td></tr>);
            remember('calls', $name, $call, "$line @in");
        }
        $text .=
            "<h2 id=\"$kind->[0]-calls\">"
          . word($kind->[0]) . '</h2>'
          . table([map { word($_) } qw(call does where)], $rows);
    }
    put('calls', word('calls'), qq(<article class="notes alone">$text</article>));
}

# Where errors are named first: error => source => line.
sub places_of_errors {
    my %where;
    for my $file (keys %code) {
        my $n = 0;
        for (split /\n/, $code{$file}) {
            $n++;
            $where{$_}{$file} //= $n for /\b(E[A-Z0-9]{2,})\b/g;
        }
    }
    return \%where;
}

# A lesson => [what it prints, what its questions and their answers say].
sub said_by_lessons {
    my %said;
    for my $lesson (@lessons) {
        my @printed = map { @{ $_->{prints} } } @{ $lesson->{terminals} };
        my @asked =
          map {
            ($markdown{"en ask $_->[0]"}, $markdown{"en answer $_->[1]"} // '')
          } @{ $experiment{ $lesson->{name} } // [] };
        $said{ $lesson->{name} } = [join("\n", @printed), join("\n", @asked)];
    }
    return \%said;
}

# A cell with links, and what its column is called, where there are none.
sub places {
    my ($column, @links) = @_;
    return
        '<td class="where" data-of="'
      . word($column) . '">'
      . join(', ', @links) . '</td>';
}

# Errors by the lessons that name them in a source, print them, or ask about them.
sub errors_page {
    my ($where, $said) = (places_of_errors(), said_by_lessons());
    my $rows = '';
    for my $name (sort keys %!) {
        no strict 'refs';
        my $number = "Errno::$name"->();
        next if $name eq 'EWOULDBLOCK' || $name eq 'EDEADLOCK';
        my $says = do { local $! = $number; "$!" };
        my (@program, @output);
        for my $lesson (@lessons) {
            my ($file) = grep { $where->{$name}{$_} } @{ $lesson->{sources} },
              larger_sources($lesson);
            if ($file) {
                my ($to, $anchor) = line_of($file, $where->{$name}{$file});
                push @program, link_to('errors', $to, $lesson->{name}, $anchor);
            }
            my ($printed,  $asked)    = @{ $said->{ $lesson->{name} } };
            my ($in_print, $in_asked) = map {
                index($_, $says) >= 0 || (index($_, $name) >= 0 && /\b$name\b/)
            } $printed, $asked;
            push @output,
              link_to('errors', $lesson->{name}, $lesson->{name},
                $in_asked ? 'break' : 'run')
              if $in_print || $in_asked;
        }
        next unless @program || @output;
        $rows .=
            qq(<tr id="$name"><th scope="row">$name</th><td>$number</td>)
          . qq(<td lang="en">$says</td>)
          . join('', places('output', @output), places('program', @program))
          . '</tr>';
        remember('errors', $name, "$name: $says", '');
    }
    my $text = '<h1>'
      . word('errors')
      . '</h1><p>'
      . word('every_error') . '</p>'
      . table([word('error'), 'errno', map { word($_) } qw(says output program)],
        $rows);
    put('errors', word('errors'), qq(<article class="notes alone">$text</article>));
}

1;
