#!/usr/bin/perl
# common/book/book.pl [--live] [--pdf] FOLDER -- write the book into that folder.
#
# A page for each lesson, folder, document, header and source of a larger program, and
# lists of calls and errors; in English, and in Chinese below zh/. Nothing is
# written for the book alone: texts come from the notes, commands and outputs from the
# cards, code from the sources. --live: with links to the pages that only a server has.
# --pdf: print.html as well, which has all of it on one page.
use strict;
use warnings;
use utf8;
use File::Path 'make_path';
use FindBin;
use lib $FindBin::Bin;
use Content;       # what the book is made of
use Where;         # where it is in the book
use Page;          # what a page has around it
use LessonPage;
use NotePage;
use SourcePage;
use Tables;
use Search;
use Print;

my $live    = @ARGV && $ARGV[0] eq '--live' ? shift : 0;
my $print   = @ARGV && $ARGV[0] eq '--pdf'  ? shift : 0;
my $book    = shift // die "usage: book.pl [--live] [--pdf] FOLDER\n";
my $scratch = "$book.tmp";
binmode STDERR, ':encoding(UTF-8)';
make_path($book, $scratch);
set_book($book, $live);
read_content($scratch);
place_pages();

sub write_pages {
    my %larger = map { $_->{note} => 1 } grep { $_->{note} } @lessons;
    lesson_page($_) for @lessons;
    $larger{$_} ? remember_note($_) : note_page($_) for @notes;
    source_page($_) for grep { $page_of{$_}[0] eq $_ } @sources;
    plain_page($_)  for sort keys %plain;
    headers_page();
    calls_page();
    errors_page();
    search_page();
    print_page() if $print;
}

# Both languages at once.
my @writers;
for my $in (qw(en zh)) {
    my $writer = fork // die "fork: $!\n";
    if (!$writer) {
        set_language($in);
        write_pages();
        exit 0;
    }
    push @writers, $writer;
}
for (@writers) {
    waitpid $_, 0;
    die "not all of the book was written\n" if $?;
}
system 'cp', "$FindBin::Bin/style.css", "$FindBin::Bin/book.js", $book;
for (glob '*/figures/*.svg') {
    make_path("$book/" . s{/[^/]*$}{}r);
    system 'cp', $_, "$book/$_";
}
system 'rm', '-rf', $scratch;
