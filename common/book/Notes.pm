# common/book/Notes.pm -- the notes, in sections, as HTML by cmark-gfm.
package Notes;
use strict;
use warnings;
use utf8;
use Suite;
use Exporter 'import';
our @EXPORT = qw(sections questions table_row mentions html_of slug escape
  unescape coded unbroken);

sub escape {
    my ($text) = @_;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    $text =~ s/>/&gt;/g;
    $text =~ s/"/&quot;/g;
    return $text;
}

sub unescape {
    my ($text) = @_;
    $text =~ s/&lt;/</g;
    $text =~ s/&gt;/>/g;
    $text =~ s/&quot;/"/g;
    $text =~ s/&amp;/&/g;
    return $text;
}

# What stands between backticks is code.
sub coded {
    my ($text) = @_;
    return unbroken($text =~ s{`([^`]*)`}{<code>$1</code>}gr);
}

# A word in code stays in a line, and an option with its argument. A line may end before
# an option also where no space is: no browser does so before a hyphen.
sub unbroken {
    my ($html) = @_;
    $html =~
s{<code>((?:--[\w-]+ )?[^<\s]{1,24})</code>(?!</pre>)}{<code class="word">$1</code>}g;
    return $html =~ s{(?<=[，、；：。])(?=<code class="word">-)}{<wbr>}gr;
}

# The name of a heading in an address, as other sites make it from the same notes.
sub slug {
    my ($text) = @_;
    $text =~ s/<[^>]*>|&\w+;|[`*]//g;
    $text = lc $text;
    $text =~ s/[^\w\- ]//g;
    $text =~ s/ /-/g;
    return length $text ? $text : 'section';
}

# A document as a list of sections: {level, title, text}, the first with its title.
sub sections {
    my ($path) = @_;
    my (@sections, $fenced);
    for (split /^/, read_file($path)) {
        $fenced = !$fenced if /^```/;
        if (!$fenced && /^(#{1,3}) (.*)/) {
            push @sections, { level => length $1, title => $2, text => '' };
        }
        push @sections, { level => 1, title => $path, text => '' }
          unless @sections;
        $sections[-1]{text} .= $_;
    }
    return \@sections;
}

# The questions of a section Break it: a list of [name of the answer, question].
sub questions {
    my ($text) = @_;
    my @questions;
    for (split /^/, $text) {
        if (/^\d+\. +(.*)/s)               { push @questions, $1 }
        elsif (@questions && s/^ +(?=\S)//) { $questions[-1] .= $_ }
    }
    return map { [m{\(answers(?:\.zh)?\.md#([\w-]+)\)}, $_] } @questions;
}

# The row of the table of lessons whose first cell has a link to one of these files:
# its second cell.
sub table_row {
    my ($text, @files) = @_;
    for (split /\n/, $text) {
        next unless /^\|/;
        my @cell = split / *(?<!\\)\| */;
        return $cell[2] if grep { index($cell[1], "]($_") >= 0 } @files;
    }
    return;
}

# Whether a text is about one of these programs.
sub mentions {
    my ($text, $folder, @programs) = @_;
    for my $program (@programs) {
        return 1 if $text    =~ m{\b\Q$folder/$program\E\b};
        return 1 if $text    =~ m{(?<![\w/])\Q$program\E(?:\.c\b|/main\.c\b)};
        return 1 if $text    =~ m{`\Q$program\E(?: [^`]*)?`};
        return 1 if $program =~ /_/ && $text =~ m{(?<![\w/])\Q$program\E\b};
    }
    return 0;
}

# All texts at once: key => Markdown becomes key => HTML.
sub html_of {
    my ($markdown, $scratch) = @_;
    my @keys = sort keys %$markdown;
    open my $out, '>:encoding(UTF-8)', "$scratch/notes.md"
      or die "$scratch: $!\n";
    print $out "$markdown->{$_}\n\n<!--cut-->\n\n" for @keys;
    close $out or die "$scratch/notes.md: $!\n";
    open my $in, '-|:encoding(UTF-8)', 'cmark-gfm', '--unsafe', '-e', 'table',
      "$scratch/notes.md"
      or die "cmark-gfm: $!\n";
    my @parts = do { local $/; split /<!--cut-->\n/, scalar <$in> };
    close $in or die "cmark-gfm failed\n";
    my %html;
    @html{@keys} = @parts;
    return \%html;
}

1;
