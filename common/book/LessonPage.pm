# common/book/LessonPage.pm -- the page of a lesson: notes on the left, sources on the
# right; below what it prints, its trace, its questions, its exercises, its cost.
package LessonPage;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Content;
use Where;
use Page;
use Listing;
use Section;
use Search;
use Exporter 'import';
our @EXPORT = qw(lesson_page terminals_html);

sub lesson_page {
    my ($lesson) = @_;
    my $page     = $lesson->{name};
    my $title    = title_of($lesson);
    my $crumb    = '<p class="crumb">'
      . link_to($page, "$lesson->{folder}/index", $lesson->{folder}) . '</p>';
    put(
        $page,
        "$page: " . ($title =~ s/<[^>]*>//gr),
        $crumb . ($lesson->{note} ? larger_html($lesson) : pair_html($lesson)),
        turn($page),
        kind => $lesson->{note} ? 'text' : 'lesson'
    );
    my @printed = map { escape(join ' ', $_->{command}, @{ $_->{prints} }) }
      @{ $lesson->{terminals} };
    remember($page, '', "$page: $title",
        join ' ', shows($lesson), @printed,
        map { card_text($_) } @{ $lesson->{sources} });
}

# What its row in the table of lessons says; in Chinese that is its title.
sub shows {
    my ($lesson) = @_;
    return '' if language() ne 'en';
    return section_html("row $lesson->{name}", $lesson->{name},
        "$lesson->{folder}/README.md");
}

# The names of the parts of a page: a heading of the notes has another.
sub names {
    return map { $_ => 1 } qw(run trace break used exercise cost text);
}

# A larger program: its document, and a list of its sources.
sub larger_html {
    my ($lesson) = @_;
    my $page     = $lesson->{name};
    my %names    = names();
    my $sections = $section{ language() }{ $lesson->{note} };
    my $text     = join '',
      map { section_html("$lesson->{note} $_", $page, $lesson->{note}, \%names) }
      0 .. $#$sections;
    my $files = join '',
      map { '<li>' . file_link($page, $_) . '</li>' } larger_sources($lesson);
    return
        qq(<article class="notes alone">$text</article>)
      . run_html($lesson)
      . trace_html($lesson)
      . part('sources', qq(<ul class="files">$files</ul>))
      . used_html($lesson)
      . exercise_html($lesson);
}

# Any other lesson: what the notes of its folder say of it, beside its sources.
sub pair_html {
    my ($lesson) = @_;
    my $page     = $lesson->{name};
    my $note     = "$lesson->{folder}/README.md";
    my %names    = names();
    my $text     = '';
    for my $n (@{ $lesson->{sections} // [] }) {
        my $section = section_html("$note $n", $page, $note, \%names);
        $section =~ s{<h1[^>]*>.*?</h1>}{}s;
        $section =~ s{<(/?)h3}{<$1h2}g;
        $text .= $section;
    }
    my $shows = shows($lesson);
    $shows = qq(<div class="shows">$shows</div>) if $shows =~ /\S/;
    my $arguments = section_html("arguments $page", $page, $note, \%names);
    my $title     = title_of($lesson);
    return <<HTML =~ s/\n\z//r;

<h1>$page <small>$title</small></h1>
<div class="pair">
<article class="notes" tabindex="0">$shows$text$arguments@{[ used_html($lesson) ]}</article>
<div class="sources">@{[ code_html($lesson) ]}</div>
</div>
@{[ run_html($lesson) . trace_html($lesson) ]}
<div class="below">
@{[ experiments_html($lesson, $note) ]}
@{[ exercise_html($lesson) . cost_html($lesson, $note) ]}
</div>

HTML
}

# The sources that belong to the lesson, and a list of the others.
sub code_html {
    my ($lesson) = @_;
    my $page     = $lesson->{name};
    my @sources  = @{ $lesson->{sources} };
    my $code     = join '', map { listing($_, $page) }
      grep { $page_of{$_}[0] eq $page } @sources;
    my %seen;
    my $others = join '', map { '<li>' . file_link($page, $_) . '</li>' }
      grep { !$seen{$_}++ } (grep { $page_of{$_}[0] ne $page } @sources),
      (grep { $_ ne $lesson->{source} } larger_sources($lesson));
    return $code if $others eq '';
    return "$code<h2>" . word('others') . qq(</h2><ul class="files">$others</ul>);
}

# The comment on top of a source.
sub card_text {
    my ($source) = @_;
    my ($card)   = $code{$source} =~ m{^/\*(.*?)\*/}s;
    return escape(($card // '') =~ s/^ \* ?//mgr);
}

sub run_html {
    my ($lesson) = @_;
    my $live = '';
    if (live()) {
        my $to = live_address($lesson->{name}, 'run') . "?lesson=$lesson->{name}";
        $live = qq(<p><a class="button" href="$to">) . word('livenow') . '</a></p>';
    }
    return part('run', terminals_html($lesson) . $live);
}

sub terminals_html {
    my ($lesson)  = @_;
    my $terminals = $lesson->{terminals};
    my $n         = 0;
    my $text      = join '', map {
        $n++;
        my $label =
          @$terminals > 1
          ? '<figcaption>' . word('terminal') . " $n</figcaption>"
          : '';
        my $printed = join "\n", '<b>$ ' . escape($_->{command}) . '</b>',
          map { escape($_) } @{ $_->{prints} };
        qq(<figure>$label<pre tabindex="0"><code>$printed</code></pre></figure>)
    } @$terminals;
    return qq(<div class="terminals">$text</div>);
}

# What make trace has left, as a picture if there is one.
sub trace_html {
    my ($lesson) = @_;
    my $base =
      ($ENV{BUILD} // 'build') . '/trace/' . $lesson->{name} =~ s{/}{_}r;
    return '' unless -f "$base.txt";
    my $text = escape(read_file("$base.txt"));
    $text = qq(<pre class="trace" tabindex="0"><code>$text</code></pre>);
    if (-f "$base.svg") {
        my $picture = read_file("$base.svg") =~ s/^.*?(?=<svg)//sr;
        my $as_text = word('astext');
        $text = qq(<div class="wide" tabindex="0">$picture</div>)
          . "<details><summary>$as_text</summary>$text</details>";
    }
    return part('trace', $text, 'trace');
}

sub experiments_html {
    my ($lesson, $note) = @_;
    my $page  = $lesson->{name};
    my $items = join '',
      map { '<li>' . section_html("ask $_->[0]", $page, $note) . '</li>' }
      @{ $experiment{$page} // [] };
    return part('break', $items && qq(<ul class="experiments">$items</ul>));
}

# Each end of a lesson may be an exercise.
sub exercise_html {
    my ($lesson) = @_;
    my $items    = join '', map {
        '<li>'
          . link_to($lesson->{name}, $page_of{$_}[0], note_title($_)) . '</li>'
      }
      grep { -f }
      map { "common/exercise/$lesson->{folder}/$_.md" } @{ $lesson->{programs} };
    return part('exercise', $items && "<ul>$items</ul>");
}

# The system calls of its sources, and where the first of each is.
sub used_html {
    my ($lesson) = @_;
    my $page     = $lesson->{name};
    my $items    = '';
    my %seen;
    for my $file (@{ $lesson->{sources} }) {
        my $line = calls_of($file);
        for my $name (sort { $line->{$a} <=> $line->{$b} || $a cmp $b } keys %$line)
        {
            my $number = $manual->{$name}[0];
            next if $number ne '2' || $seen{$name}++;
            my $at = line_address($page, $file, $line->{$name});
            $items .=
                '<dt>'
              . link_to($page, 'calls', "$name($number)", $name)
              . '</dt><dd>'
              . escape(says($name))
              . qq( <a class="at" href="$at">)
              . (line_of($file, $line->{$name}))[1]
              . '</a></dd>';
        }
    }
    return part('used', $items && "<dl>$items</dl>", 'used');
}

sub cost_html {
    my ($lesson, $note) = @_;
    return '' unless defined $lesson->{cost};
    my $text = section_html("$note $lesson->{cost}", $lesson->{name}, $note);
    $text =~ s{<h2>.*?</h2>}{}s;
    return part('cost', $text);
}

1;
