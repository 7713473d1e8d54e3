#!/usr/bin/perl
# tests/book_answers.pl FOLDER <QUESTIONS -- whether questions are answered from the
# front page of the book within three steps.
#
# A line for each: question | link > link > link | answer. A link is followed by its
# text; where the last one leads, the answer stands. Prints what is not found; status
# 1 if anything is not.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));

my $book = shift // die "usage: book_answers.pl FOLDER <QUESTIONS\n";
my ($asked, $wrong) = (0, 0);

sub html_of {
    open my $in, '<', "$book/$_[0]" or die "$book/$_[0]: $!\n";
    local $/;
    return scalar <$in>;
}

sub text_of {
    my ($text) = $_[0] =~ s/<[^>]*>//gr =~ s/\s+/ /gr;
    my %character = (lt => '<', gt => '>', quot => '"', amp => '&');
    return $text =~ s/&(\w+);/$character{$1}/gr;
}

# Where a link leads: a page.
sub follow {
    my ($page, $text) = @_;
    my $html = html_of($page);
    while ($html =~ m{<a [^>]*href="([^"#]*)[^"]*"[^>]*>(.*?)</a>}gs) {
        my $to = $1;
        next if text_of($2) ne $text;
        my $there = $to eq '' ? $page : $page =~ s{[^/]*$}{$to}r;
        1 while $there =~ s{[^/]+/\.\./}{};
        return $there;
    }
    return;
}

while (<STDIN>) {
    chomp;
    my ($question, $links, $answer) = split / \| /;
    my @steps = split / > /, $links;
    my $page  = 'index.html';
    $asked++;
    while (@steps && defined $page) {
        $page = follow($page, shift @steps);
    }
    next if defined $page && ($links =~ tr/>//) < 3
      && index(text_of(html_of($page)), $answer) >= 0;
    print "$question: ", $page // "no link of $links", " does not answer it\n";
    $wrong = 1;
}
print "$asked questions\n";
exit $wrong;
