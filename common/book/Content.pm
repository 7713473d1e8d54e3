# common/book/Content.pm -- what the book is made of: all of it is read, rendered and
# coloured once, before the first page is written.
#
# A text has a key: "en msg/README.md 3" is a section of a document, "zh row msg/basic"
# what the table of lessons says of one, "en ask msg/README.md 5 0" a question of Break
# it, "en answer msg/answers.md NAME" its answer, "zh arguments msg/basic" a table.
package Content;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Source;
use Exporter 'import';
our @EXPORT = qw(@lessons @sources @notes %code %section %experiment %markdown $html
  $lines $manual $defined read_content file_of larger_sources);

our @lessons = lessons();
our @sources = source_files();
our @notes   = note_files();
our %code    = map { $_ => read_file($_) } @sources;
our $defined = definitions(\%code);
our $manual  = man_pages();
our %section;       # language => document => its sections
our %experiment;    # lesson => a list of the keys of a question and its answer
our %markdown;      # key => text
our $html;          # key => the same in HTML
our $lines;         # source, or key and number of a snippet => its lines, coloured

sub read_content {
    my ($scratch) = @_;
    read_notes();
    read_folder($_) for folders();
    $html  = html_of(\%markdown, $scratch);
    $lines = highlighted({ %code, snippets() }, $scratch);
}

# A document in a language: the file that it is in.
sub file_of {
    my ($note, $in) = @_;
    return $note                 if $in eq 'en';
    return 'common/README.zh.md' if $note eq 'README.md';
    my $chinese = $note =~ s/\.md$/.zh.md/r;
    return -f $chinese ? $chinese : $note;
}

# The documents, and the answers to what they ask; the document of a larger program is
# its lesson's page.
sub read_notes {
    for my $note (@notes) {
        for my $in (qw(en zh)) {
            my $sections = sections(file_of($note, $in));
            $section{$in}{$note} = $sections;
            $markdown{"$in $note $_"} = $sections->[$_]{text} for 0 .. $#$sections;
        }
    }
    for (@lessons) {
        $_->{note}     = -f "$_->{name}.md" ? "$_->{name}.md" : undef;
        $_->{title_zh} = $_->{title};
    }
    for my $note (grep { -f } map { "$_/answers.md" } folders()) {
        for my $in (qw(en zh)) {
            $markdown{ "$in answer $note " . slug($_->{title}) } =
              $_->{text} =~ s/^## .*\n//r
              for @{ sections(file_of($note, $in)) };
        }
    }
}

# What the notes of a folder say of its lessons: for each the numbers of sections, its
# row, its questions, its arguments.
sub read_folder {
    my ($folder) = @_;
    my $note     = "$folder/README.md";
    my @here     = grep { $_->{folder} eq $folder } @lessons;
    my %no_text  = map  { $_ => 1 } 'Lessons', 'Break it', 'What it costs',
      'Command line', 'Remember', 'Read on';
    my $main = '';
    for my $n (0 .. $#{ $section{en}{$note} }) {
        my ($english, $chinese) = map { $section{$_}{$note}[$n] } qw(en zh);
        my $title = $english->{title};
        $main = $title if $english->{level} <= 2;
        if ($english->{level} == 1) {
            push @{ $_->{sections} }, $n
              for grep { $_->{name} eq "$folder/basic" } @here;
        } elsif ($main eq 'Lessons' && $english->{level} == 2) {
            take_rows($english, $chinese, @here);
        } elsif ($main eq 'Break it') {
            take_questions($english, $chinese, $folder, "$note $n");
        } elsif (!$no_text{$title}) {
            push @{ $_->{sections} }, $n
              for grep { mentions($english->{text}, $folder, @{ $_->{programs} }) }
              @here;
        }
        take_arguments($english, $chinese, @here) if $title eq 'Command line';
        if ($title eq 'What it costs') {
            $_->{cost} = $n for @here;
        }
    }
}

# The row of each lesson in the table of them; in Chinese it is the title as well.
sub take_rows {
    my ($english, $chinese, @here) = @_;
    for my $lesson (@here) {
        my @files = ($lesson->{source});
        push @files, map { file_of($lesson->{note}, $_) } qw(en zh)
          if $lesson->{note};
        s{^\w+/}{} for @files;
        my $row   = table_row($chinese->{text}, @files);
        my $shows = table_row($english->{text}, @files);
        $markdown{"en row $lesson->{name}"} = $shows // '';
        $markdown{"zh row $lesson->{name}"} = $row   // '';

        # Its last clause may only say where there is more.
        $lesson->{title_zh} =
          $row =~ s/[；：，]见? ?(\[[^\]]*\]\([^)]*\)|\*[^*]*\*)$//r
          if $row;
    }
}

# The questions of Break it: the name of an answer begins with that of the lesson.
sub take_questions {
    my ($english, $chinese, $folder, $key) = @_;
    my @asked    = questions($english->{text});
    my @asked_zh = questions($chinese->{text});
    for my $i (0 .. $#asked) {
        my ($name, $question) = @{ $asked[$i] };
        $markdown{"en ask $key $i"} = $question;
        $markdown{"zh ask $key $i"} = $asked_zh[$i][1] // $question;
        push @{ $experiment{ "$folder/" . $name =~ s/-\d+$//r } },
          ["$key $i", "$folder/answers.md $name"];
    }
}

# For each lesson the rows of the table of arguments that are about it.
sub take_arguments {
    my ($english, $chinese, @here) = @_;
    for my $lesson (@here) {
        my @rows = argument_rows($english->{text}, $lesson);
        for (['en', $english], ['zh', $chinese]) {
            my ($in, $part) = @$_;
            my @table = grep { /^\|/ } split /\n/, $part->{text};
            $markdown{"$in arguments $lesson->{name}"} =
              @rows
              ? join "\n", "## $part->{title}\n",
              grep { defined } @table[0, 1, map { $_ + 2 } @rows]
              : '';
        }
    }
}

# The numbers of the rows about a lesson: those of its programs, and those of any
# program whose synopsis has the word.
sub argument_rows {
    my ($text, $lesson) = @_;
    my %mine  = map { $_ => 1 } @{ $lesson->{programs} };
    my $codes = join '', map { $code{$_} } @{ $lesson->{sources} };
    my @table = grep { /^\|/ } split /\n/, $text;
    my @rows;
    for my $n (0 .. $#table - 2) {
        my (undef, $argument, $program) = split / *\| */, $table[$n + 2];
        my ($word) = $argument =~ /`([\w-]+)/;
        push @rows, $n
          if $program ne ''
          ? grep { $mine{$_} } split /[, ]+/, $program
          : defined $word && $codes =~ /"[^"\n]*(?<![\w-])\Q$word\E\b/;
    }
    return @rows;
}

# The C in the notes, to be coloured as the sources are: in its place in the HTML is
# "<!--c KEY:NUMBER-->".
sub snippets {
    my %snippet;
    for my $key (keys %$html) {
        my $n = 0;
        $html->{$key} =~ s{<pre><code class="language-c">(.*?)</code></pre>}{
            $snippet{"$key:$n"} = unescape($1);
            "<pre class=\"code\"><code><!--c $key:" . $n++ . '--></code></pre>'
        }gse;
    }
    return %snippet;
}

# The files of a larger program, main.c first.
sub larger_sources {
    my ($lesson) = @_;
    my %seen;
    return @{
        $lesson->{larger} //= [
            grep { m{/.*/} && !$seen{$_}++ } map {
                my $folder = s{/[^/]*$}{/}r;
                ($_, grep { m{^\Q$folder\E[^/]*$} } @sources)
            } @{ $lesson->{sources} }
        ]
    };
}

1;
