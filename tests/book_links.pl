#!/usr/bin/perl
# tests/book_links.pl FOLDER -- whether every link of the pages in there resolves.
#
# Each href and src leads to a file of the folder, and its anchor to an element of
# that page; no name of an element is there twice; nothing comes from elsewhere.
# Prints what is wrong; status 1 if anything is.
use strict;
use warnings;
use File::Find;

my $book = shift // die "usage: book_links.pl FOLDER\n";
my (%id, %link, $wrong);

sub wrong {
    print "@_\n";
    $wrong = 1;
}

find({ no_chdir => 1, wanted => sub {
    my $file = $_;
    return unless -f $file && $file =~ /\.html$/;
    open my $in, '<', $file or die "$file: $!\n";
    my $text = do { local $/; <$in> };
    for ($text =~ /<[^>]* id="([^"]*)"/g) {
        wrong("$file: two elements are called $_") if $id{$file}{$_}++;
    }
    $link{$file}{$_} = 1 for $text =~ /<[^>]* (?:href|src|action)="([^"]*)"/g;
} }, $book);

for my $file (sort keys %link) {
    for my $link (sort keys %{ $link{$file} }) {
        my ($to, $anchor) = $link =~ /^([^#?]*)(?:\?[^#]*)?(?:#(.*))?$/;
        if ($link =~ m{^(?:\w+:|/)}) {
            wrong("$file: leads out of the book: $link");
            next;
        }
        my @part = split m{/}, $file;
        pop @part if $to ne '';
        for (split m{/}, $to) {
            if ($_ eq '..') { pop @part } else { push @part, $_ }
        }
        my $there = join '/', @part;
        if (!-f $there) {
            wrong("$file: there is no $link");
        } elsif (defined $anchor) {
            $anchor =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
            wrong("$file: there is no $link") unless $id{$there}{$anchor};
        }
    }
}
printf "%d pages, %d links\n", scalar keys %link,
  eval { my $n = 0; $n += keys %$_ for values %link; $n };
exit($wrong ? 1 : 0);
