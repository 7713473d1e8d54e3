# common/book/Where.pm -- where everything is in the book, and what it is called there.
package Where;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Content;
use Page;
use Exporter 'import';
our @EXPORT = qw(%page_of %plain place_pages line_of line_address file_link turn
  name_of title_of note_title);

our %page_of;    # a file of the suite => [page, anchor]
our %plain;      # those that have a page only because the notes lead to them
my @order;       # the pages as they are read one after the other
my (%place, %lesson_named);

sub place_pages {
    $page_of{$_} = [s{README\.md$}{index}r =~ s{\.md$}{}r] for @notes;
    for (@notes) {
        my $chinese = file_of($_, 'zh');
        $page_of{$chinese} //= $page_of{$_};
    }
    $page_of{$_} = [$_] for @sources;
    for my $lesson (reverse @lessons) {
        next if $lesson->{note};
        for my $source (@{ $lesson->{sources} }) {
            next if $source =~ m{/.*/} && $source ne $lesson->{source};
            $page_of{$source} = [$lesson->{name}, $source =~ s{.*/}{}r];
        }
    }

    # A source belongs to the lesson that has its name, if there is one.
    for my $lesson (grep { !$_->{note} } @lessons) {
        for (grep { m{^\Q$lesson->{name}\E[_./]} } @{ $lesson->{sources} }) {
            $page_of{$_} = [$lesson->{name}, s{.*/}{}r];
        }
    }
    $page_of{$_} //= ["$_/index"] for folders();
    for (folders()) {
        $page_of{"$_/answers.md"} = $page_of{"$_/answers.zh.md"} = ["$_/index"];
    }

    # The front page, then each folder with its lessons.
    @order = ('index');
    for my $folder (folders()) {
        push @order, "$folder/index",
          map { $_->{name} } grep { $_->{folder} eq $folder } @lessons;
    }
    push @order, map { $page_of{$_}[0] } grep { m{^common/[^/]*\.md$} } @notes;
    %place        = map { $order[$_] => $_ } 0 .. $#order;
    %lesson_named = map { $_->{name} => $_ } @lessons;
    place_plain();
}

# A link in the notes to any other file of the suite: a page that shows it.
sub place_plain {
    for my $key (keys %$html) {
        my $note = (split / /, $key)[1];
        $note = (split / /, $key)[2] if $key =~ / (ask|answer) /;
        next if $key =~ / row /;
        my $in = substr $key, 0, 2;
        while ($html->{$key} =~ /<a href="([^":#]+)/g) {
            my $file = beside(file_of($note, $in), $1);
            $page_of{$file} //= ($plain{$file} = [$file]) if -f $file;
        }
    }
}

# Where a line of a source is: a page, and an anchor on it.
sub line_of {
    my ($file, $line) = @_;
    return ($page_of{$file}[0], $file =~ s{.*/}{}r . ($line ? "-$line" : ''));
}

# The same as an address on that page.
sub line_address {
    my ($page, $file, $line) = @_;
    my ($to, $anchor) = line_of($file, $line);
    return $to eq $page ? "#$anchor" : address($page, page_file($to), $anchor);
}

# A link to where a file of the suite is shown.
sub file_link {
    my ($page, $file)   = @_;
    my ($to,   $anchor) = @{ $page_of{$file} };
    return link_to($page, $to, $file, $anchor);
}

# What comes before and after a page: see frame.
sub turn {
    my ($page) = @_;
    my $at = $place{$page};
    return unless defined $at;
    my %with;
    $with{previous} = [$order[$at - 1], name_of($order[$at - 1])] if $at > 0;
    $with{next}     = [$order[$at + 1], name_of($order[$at + 1])] if $at < $#order;
    return %with;
}

# What a page is called in a link to it.
sub name_of {
    my ($page) = @_;
    return word('home')           if $page eq 'index';
    return $page                  if $lesson_named{$page};
    return $page =~ s{/index$}{}r if $page =~ m{/index$};
    return note_title("$page.md");
}

# The title of a lesson.
sub title_of {
    my ($lesson) = @_;
    return coded(
        language() eq 'zh' ? $lesson->{title_zh} : escape($lesson->{title}));
}

sub note_title {
    my ($note) = @_;
    return escape($section{ language() }{$note}[0]{title} =~ s/`//gr);
}

1;
