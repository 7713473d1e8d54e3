#!/usr/bin/perl
# common/book/pdf.pl BOOK -- print the book: linux-ipc.pdf and linux-ipc-zh.pdf.
#
# A browser prints print.html of each language. It does not know on which page a
# chapter will be, so this is done twice: the first time tells it, and the second has it
# in the contents. The bookmarks are added here: those of the browser come with a
# description of every word of the code, which makes the file six times as large.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Notes;
use Cwd 'abs_path';
use Encode qw(encode decode);

my $book = abs_path(shift // die "usage: pdf.pl BOOK\n");
my ($browser) = grep { -x } map {
    my $name = $_;
    map { "$_/$name" } split /:/, $ENV{PATH}
} qw(chromium chromium-browser google-chrome);
die "make book PDF=1 needs chromium: sh common/setup.sh --all installs it\n"
  unless $browser;
warn "no Chinese font is installed: sh common/setup.sh --all\n"
  if `fc-list :lang=zh 2>/dev/null` eq '';

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

sub print_pdf {
    my ($page, $pdf) = @_;
    my $profile = tempdir(CLEANUP => 1);
    my @command = (
        'timeout',                 '-k',
        1,                         600,
        $browser,                  '--headless',
        '--no-sandbox',            '--disable-gpu',
        '--disable-dev-shm-usage', "--user-data-dir=$profile",
        '--no-pdf-header-footer',  '--disable-pdf-tagging',
        "--print-to-pdf=$pdf",     "file://$page"
    );
    my $child = fork // die "fork: $!\n";
    if (!$child) {
        open STDERR, '>', '/dev/null';
        open STDOUT, '>', '/dev/null';
        exec @command or die "$browser: $!\n";
    }
    waitpid $child, 0;
    die "$browser could not print $page\n" if $? || !-s $pdf;
}

# The pages of a PDF: how many there are, and for each anchor the number of its page,
# and where it is in the file's own terms.
sub pages_of {
    my ($pdf) = @_;
    my $text = slurp($pdf);
    my (%kids, %page, %number, %anchor);
    while ($text =~ /(\d+) 0 obj\s*<<(.*?)endobj/gs) {
        my ($object, $body) = ($1, $2);
        $kids{$object} = [$1 =~ /(\d+) 0 R/g]
          if $body =~ m{/Type /Pages\b.*?/Kids \[(.*?)\]}s;
        $page{$object} = 1 if $body =~ m{/Type /Page\b(?!s)};
    }
    my ($root) = $text =~ m{/Type /Catalog.*?/Pages (\d+) 0 R}s;
    my $count = 0;
    my $walk;
    $walk = sub {
        my ($object) = @_;
        $number{$object} = ++$count if $page{$object};
        $walk->($_) for @{ $kids{$object} // [] };
    };
    $walk->($root);
    while ($text =~ m{/([^\s/<>\[\]()]+) (\[(\d+) 0 R /XYZ [^\]]*\])}g) {
        my ($name, $place, $object) = ($1, $2, $3);
        $name =~ s/#([0-9A-Fa-f]{2})/chr hex $1/ge;
        $name =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
        $anchor{$name} = [$number{$object}, $place];
    }
    return ($count, \%anchor);
}

# Append bookmarks to a PDF, as an update of it (ISO 32000-1, sections 7.5.6 and 12.3.3):
# a list of [level, title, place], level 1 or 2.
sub add_bookmarks {
    my ($pdf, @marks) = @_;
    my $text      = slurp($pdf);
    my ($size)    = $text =~ m{/Size (\d+)} or die "$pdf: has no trailer\n";
    my ($root)    = $text =~ m{/Root (\d+) 0 R};
    my ($start)   = $text =~ m{startxref\s+(\d+)\s+%%EOF\s*\z};
    my ($catalog) = $text =~ m{^$root 0 obj\s*<<(.*?)>>\s*endobj}ms;
    my $outline   = $size++;
    my (%at, $append);

    $_->[3] = $size++ for @marks;
    my $write = sub {
        my ($number, $body) = @_;
        $at{$number} = length($text) + length($append // '');
        $append .= "$number 0 obj\n<<$body>>\nendobj\n";
    };
    my @top = grep { $_->[0] == 1 } @marks;
    my %inner;
    my $above;
    for (@marks) {
        $above = $_ if $_->[0] == 1;
        push @{ $inner{ $above->[3] } }, $_ if $_->[0] > 1;
    }
    my $siblings = sub {
        my ($parent, @list) = @_;
        for my $i (0 .. $#list) {
            my (undef, $title, $place, $number) = @{ $list[$i] };
            my $hex  = unpack 'H*', encode('UTF-16BE', "\x{feff}$title");
            my $body = "/Title <$hex> /Parent $parent 0 R /Dest $place";
            $body .= " /Prev $list[$i - 1][3] 0 R" if $i > 0;
            $body .= " /Next $list[$i + 1][3] 0 R" if $i < $#list;
            if (my $below = $inner{$number}) {
                $body .=
                  " /First $below->[0][3] 0 R /Last $below->[-1][3] 0 R /Count -"
                  . @$below;
            }
            $write->($number, $body);
        }
    };
    $write->(
        $outline,
        "/Type /Outlines /First $top[0][3] 0 R /Last $top[-1][3] 0 R /Count "
          . @top
    );
    $siblings->($outline, @top);
    $siblings->($_->[3],  @{ $inner{ $_->[3] } })
      for grep { $inner{ $_->[3] } } @top;
    $write->($root, "$catalog/Outlines $outline 0 R /PageMode /UseOutlines ");

    my $table = length($text) + length $append;
    $append .= "xref\n" . join '',
      map { sprintf "%d 1\n%010d 00000 n \n", $_, $at{$_} }
      sort { $a <=> $b } keys %at;
    $append .= "trailer\n<</Size $size /Root $root 0 R /Prev $start>>\n"
      . "startxref\n$table\n%%EOF\n";
    open my $out, '>>:raw', $pdf or die "$pdf: $!\n";
    print $out $append;
    close $out or die "$pdf: $!\n";
}

# Both languages at once.
my @children;
for (['print.html', 'linux-ipc.pdf'], ['zh/print.html', 'linux-ipc-zh.pdf']) {
    my ($page, $pdf) = ("$book/$_->[0]", "$book/$_->[1]");
    my $child = fork // die "fork: $!\n";
    if (!$child) {
        print_pdf($page, $pdf);
        my (undef, $at) = pages_of($pdf);
        my $text = slurp($page);
        $text =~ s{<span data-page="([^"]*)"></span>}{
            my $there = $at->{$1} or die "$pdf: where is $1?\n";
            "<span>$there->[0]</span>"
        }ge;
        open my $out, '>:raw', $page or die "$page: $!\n";
        print $out $text;
        close $out or die "$page: $!\n";
        print_pdf($page, $pdf);
        (my $count, $at) = pages_of($pdf);
        my @marks;

        while ($text =~ m{<li class="level(\d)"><a href="#([^"]*)">(.*?)</a>}g)
        {
            my ($level, $anchor, $title) = ($1, $2, decode('UTF-8', $3));
            $title = unescape($title =~ s/<[^>]*>//gr);
            push @marks, [$level, $title, $at->{$anchor}[1]];
        }
        add_bookmarks($pdf, @marks);
        printf "%s: %d pages, %.1f MB\n", $pdf =~ s{.*/}{}r, $count,
          (-s $pdf) / 1e6;
        exit 0;
    }
    push @children, $child;
}
for (@children) {
    waitpid $_, 0;
    exit 1 if $?;
}
unlink "$book/print.html", "$book/zh/print.html";
