# common/book/NotePage.pm -- the page of a document: the front page, a folder, an
# exercise.
package NotePage;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Content;
use Where;
use Page;
use Section;
use Search;
use Exporter 'import';
our @EXPORT = qw(note_page remember_note);

sub note_page {
    my ($note)   = @_;
    my $page     = $page_of{$note}[0];
    my $sections = $section{ language() }{$note};
    my %names    = (text => 1, contents => 1);
    my $text     = '';
    for my $n (0 .. $#$sections) {
        my $part  = section_html("$note $n", $page, $note, \%names);
        my $title = $sections->[$n]{title};
        my ($id)  = $part =~ /<h\d id="([^"]*)"/;
        $text .= $part;
        remember($page, $n ? ($id, name_of($page) . ": $title") : ('', $title),
            $part);
    }
    if ($page eq 'index') {
        $text .= lesson_list($page, folders()) . more_list($page);
    } elsif ($page =~ m{^(\w+)/index$}) {
        $text .= lesson_list($page, $1);
    }
    put($page, note_title($note),
        exercise_crumb($page) . qq(<article class="notes alone">$text</article>),
        turn($page));
}

# From an exercise to all of them, and to its lesson.
sub exercise_crumb {
    my ($page) = @_;
    my ($folder, $program) = $page =~ m{^common/exercise/(\w+)/(\w+)$} or return '';
    my ($lesson) = grep {
        $_->{folder} eq $folder && grep { $_ eq $program } @{ $_->{programs} }
    } @lessons;
    return '<p class="crumb">'
      . join(' · ',
        link_to($page, 'common/exercise', word('exercise')),
        $lesson ? link_to($page, $lesson->{name}, $lesson->{name}) : ())
      . '</p>';
}

# All lessons of some folders; of several, under their names.
sub lesson_list {
    my ($page, @folders) = @_;
    my $text = '<h2 id="contents">' . word('lessons') . '</h2>';
    for my $folder (@folders) {
        my $items = join '', map {
            my $link = link_to($page, $_->{name}, $_->{name});
            "<dt>$link</dt><dd>" . title_of($_) . '</dd>'
        } grep { $_->{folder} eq $folder } @lessons;
        my $link = link_to($page, "$folder/index", note_title("$folder/README.md"));
        $text .= "<h3>$link</h3>" if @folders > 1;
        $text .= qq(<dl class="lessons">$items</dl>);
    }
    return $text;
}

# The documents that are about all folders, and the lists.
sub more_list {
    my ($page) = @_;
    my @links  = map { link_to($page, $page_of{$_}[0], note_title($_)) }
      grep { m{^common/[^/]*\.md$} } @notes;
    push @links, map { link_to($page, $_, word($_)) } qw(calls errors headers);
    my $items = join '', map { "<li>$_</li>" } @links;
    return '<h2 id="more">' . word('more') . "</h2><ul>$items</ul>";
}

# The document of a larger program is on its lesson's page: here only for the search.
sub remember_note {
    my ($note)   = @_;
    my $page     = $page_of{$note}[0];
    my $sections = $section{ language() }{$note};
    my %names;
    for my $n (1 .. $#$sections) {
        my $part  = section_html("$note $n", $page, $note, \%names);
        my $title = $sections->[$n]{title};
        remember($page, slug($title), "$page: $title", $part);
    }
}

1;
