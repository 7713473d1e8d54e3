# common/book/Print.pm -- all on one page, to be printed; pdf.pl does that.
package Print;
use strict;
use warnings;
use utf8;
use Suite;
use Content;
use Where;
use Page;
use Listing;
use Section;
use LessonPage;
use Exporter 'import';
our @EXPORT = qw(print_page);

sub print_page {
    my (@contents, $text);
    my $add = sub {
        my ($page, $title, $level, $chapter) = @_;
        push @contents,
          qq(<li class="level$level"><a href="#$page">$title</a> )
          . qq(<span data-page="$page"></span></li>);
        $text .= $chapter;
    };
    for my $folder (folders()) {
        my $note = "$folder/README.md";
        $add->("$folder/index", note_title($note), 1, printed_note($note, 1));
        for my $lesson (grep { $_->{folder} eq $folder } @lessons) {
            my $title = "$lesson->{name}: " . title_of($lesson);
            $add->(
                $lesson->{name}, $title, 2,
                $lesson->{note}
                ? printed_note($lesson->{note}, 2)
                : printed_lesson($lesson)
            );
        }
    }
    for (grep { m{^common/[^/]*\.md$} } @notes) {
        $add->($page_of{$_}[0], note_title($_), 1, printed_note($_, 1));
    }
    my $headers = join '', map { chapter($_, 2, $_, listing($_, 'print')) }
      grep { m{^\w+/\w+\.h$} } @sources;
    $add->(
        'headers', word('headers'), 1,
        chapter('headers', 1, word('headers'), '') . $headers
    );

    # What leads to a page of the book leads to its chapter; else it is no link.
    my $front = printed_note('README.md', 1);
    for ($front, $text) {
        my %there = map { $_ => 1 } $front =~ / id="([^"]*)"/g,
          $text =~ / id="([^"]*)"/g;
        s{<a (?:class="[^"]*" )?href="([^"#]*?)(?:\.html)?(?:#[^"]*)?">(.*?)</a>}{
            $there{$1} ? qq(<a href="#$1">$2</a>) : $2 }gse;
    }
    my $contents =
        '<nav class="contents"><h1>'
      . word('contents')
      . '</h1><ol>'
      . join('', @contents)
      . '</ol></nav>';
    put('print', word('title'), "$front$contents$text", kind => 'print');
}

sub printed_note {
    my ($note, $level) = @_;
    my $sections = $section{ language() }{$note};
    my $text     = join '',
      map { section_html("$note $_", 'print', $note) } 0 .. $#$sections;
    $text =~ s{<h1>.*?</h1>}{}s;
    $text =~ s{<(/?)h([23])>}{"<$1h" . ($2 + $level - 1) . '>'}ge if $level > 1;
    return chapter($page_of{$note}[0], $level, note_title($note), $text);
}

# Without its trace: the notes have those that are to be read, and all of them are
# another 250 pages.
sub printed_lesson {
    my ($lesson) = @_;
    my $code     = join '', map { listing($_, 'print') }
      grep { $page_of{$_}[0] eq $lesson->{name} } @{ $lesson->{sources} };
    return chapter(
        $lesson->{name}, 2,
        "$lesson->{name} <small>" . title_of($lesson) . '</small>',
        terminals_html($lesson) . $code
    );
}

# A chapter is what one page has; its name is in front of the names inside.
sub chapter {
    my ($page, $level, $title, $content) = @_;
    $content =~
      s{<span id="[^"]*"><a href="[^"]*">(\d+)</a>(.*?)</span>(?=\n<span id=|</code>)}
        {<s>$1</s>$2}gs;
    $content =~ s{ (?:id|tabindex|data-m)="[^"]*"}{}g;
    $content =~ s{<details><summary>}{<details open><summary>}g;
    return qq(<section class="chapter"><h$level id="$page">$title</h$level>)
      . "$content</section>\n";
}

1;
