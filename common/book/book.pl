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
use Errno ();
use File::Path 'make_path';
use FindBin;
use lib $FindBin::Bin;
use Suite;
use Notes;
use Source;
use Page;

my $live    = @ARGV && $ARGV[0] eq '--live' ? shift : 0;
my $print   = @ARGV && $ARGV[0] eq '--pdf'  ? shift : 0;
my $book    = shift // die "usage: book.pl [--live] [--pdf] FOLDER\n";
my $scratch = "$book.tmp";
binmode STDERR, ':encoding(UTF-8)';
make_path($book, $scratch);
set_live($live);

# ---- what there is ----------------------------------------------------------

my @lessons = lessons();
my @sources = source_files();
my @notes   = note_files();
my %code    = map { $_ => read_file($_) } @sources;
my $defined = definitions(\%code);
my $manual  = man_pages();

# A document in a language: the file that it is in.
sub file_of {
    my ($note, $in) = @_;
    return $note                 if $in eq 'en';
    return 'common/README.zh.md' if $note eq 'README.md';
    my $chinese = $note =~ s/\.md$/.zh.md/r;
    return -f $chinese ? $chinese : $note;
}

my %section;     # language => note => its sections
my %markdown;    # what is to be rendered
for my $note (@notes) {
    for my $in (qw(en zh)) {
        my $sections = sections(file_of($note, $in));
        $section{$in}{$note} = $sections;
        $markdown{"$in $note $_"} = $sections->[$_]{text} for 0 .. $#$sections;
    }
}

# The document of a larger program is its lesson's page.
for (@lessons) {
    $_->{note}     = -f "$_->{name}.md" ? "$_->{name}.md" : undef;
    $_->{title_zh} = $_->{title};
}

# The rows of a table of arguments that are about a lesson: those of its programs,
# and those of any program whose synopsis has the word.
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

# The answers to what the notes of a folder ask under Break it.
for my $note (map { "$_/answers.md" } folders()) {
    next unless -f $note;
    for my $in (qw(en zh)) {
        for (@{ sections(file_of($note, $in)) }) {
            $markdown{"$in answer $note " . slug($_->{title})} =
              $_->{text} =~ s/^## .*\n//r;
        }
    }
}

# What the notes of its folder say of a lesson: numbers of sections.
my %not_for_lessons = map { $_ => 1 } 'Lessons', 'Break it', 'What it costs', 'Command line',
  'Remember',
  'Read on';
my %experiment;    # lesson => a list of keys of question and answer
for my $folder (folders()) {
    my $note = "$folder/README.md";
    next unless -f $note;
    my @here    = grep { $_->{folder} eq $folder } @lessons;
    my $english = $section{en}{$note};
    my $chinese = $section{zh}{$note};
    my $main    = '';
    for my $n (0 .. $#$english) {
        my $part = $english->[$n];
        $main = $part->{title} if $part->{level} <= 2;
        if ($part->{level} == 1) {
            push @{ $_->{sections} }, $n
              for grep { $_->{name} eq "$folder/basic" } @here;
        } elsif ($main eq 'Lessons' && $part->{level} == 2) {
            for my $lesson (@here) {
                my @files = map { s{^\w+/}{}r } $lesson->{source},
                  $lesson->{note} ? map { file_of($lesson->{note}, $_) } qw(en zh) : ();
                my $row = table_row($chinese->[$n]{text}, @files);

                # Its last clause may only say where there is more.
                $lesson->{title_zh} =
                  $row =~ s/[；：，]见? ?(\[[^\]]*\]\([^)]*\)|\*[^*]*\*)$//r
                  if $row;
                my $shows = table_row($part->{text}, @files);
                $markdown{"en row $lesson->{name}"} = $shows // '';
                $markdown{"zh row $lesson->{name}"} = $row   // '';
            }
        } elsif ($main eq 'Break it') {
            my @asked    = questions($part->{text});
            my @asked_zh = questions($chinese->[$n]{text});
            for my $i (0 .. $#asked) {
                my ($name, $question) = @{ $asked[$i] };
                $markdown{"en ask $note $n $i"} = $question;
                $markdown{"zh ask $note $n $i"} = $asked_zh[$i][1] // $question;
                push @{ $experiment{ "$folder/" . $name =~ s/-\d+$//r } },
                  ["$note $n $i", "$folder/answers.md $name"];
            }
        } elsif (!$not_for_lessons{ $part->{title} }) {
            for (@here) {
                push @{ $_->{sections} }, $n
                  if mentions($part->{text}, $folder, @{ $_->{programs} });
            }
        }
        if ($part->{title} eq 'Command line') {
            for my $lesson (@here) {
                $markdown{"$_ arguments $lesson->{name}"} = '' for qw(en zh);
                my @rows = argument_rows($part->{text}, $lesson) or next;
                for (['en', $part], ['zh', $chinese->[$n]]) {
                    my ($in, $section) = @$_;
                    my @table = grep { /^\|/ } split /\n/, $section->{text};
                    $markdown{"$in arguments $lesson->{name}"} =
                      join "\n", "## $section->{title}\n",
                      grep { defined } @table[0, 1, map { $_ + 2 } @rows];
                }
            }
        }
        if ($part->{title} eq 'What it costs') {
            $_->{cost} = $n for @here;
        }
    }
}
my $html = html_of(\%markdown, $scratch);

# The C in the notes is highlighted as the sources are.
my %snippet;
for my $key (keys %$html) {
    my $n = 0;
    $html->{$key} =~ s{<pre><code class="language-c">(.*?)</code></pre>}{
        my $text = $1;
        $text =~ s/&lt;/</g; $text =~ s/&gt;/>/g; $text =~ s/&quot;/"/g;
        $text =~ s/&amp;/&/g;
        $snippet{"$key:$n"} = $text;
        "<pre class=\"code\"><code><!--c $key:" . $n++ . '--></code></pre>'
    }gse;
}
my $lines = highlighted({ %code, %snippet }, $scratch);

# ---- where everything is ----------------------------------------------------

my %page_of;    # a file of the suite => [page, anchor]
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

# A link in the notes to any other file of the suite: a page that shows it.
my %plain;
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

# The path of a file that is named relative to another.
sub beside {
    my ($from, $to) = @_;
    my @part = split m{/}, $from;
    pop @part;
    for (split m{/}, $to) {
        if    ($_ eq '..') { pop @part }
        elsif ($_ ne '.')  { push @part, $_ }
    }
    return join '/', @part;
}

# Where a line of a source is: a page, and an anchor on it.
sub line_of {
    my ($file, $line) = @_;
    return ($page_of{$file}[0], $file =~ s{.*/}{}r . ($line ? "-$line" : ''));
}

# ---- parts of pages ---------------------------------------------------------

# Links as they are in the notes, turned into those of the book.
sub relink {
    my ($text, $page, $note) = @_;
    my $file = file_of($note, language());
    $text =~ s{<a href="([^"#]*)(#[^"]*)?"}{
        my ($to, $anchor) = ($1, $2 // '');
        if ($to eq '' || $to =~ /^\w+:/) {
            qq(<a href="$to$anchor");
        } else {
            my $target = beside($file, $to =~ s{/$}{}r);
            my $known = $page_of{$target};
            warn "$file: no page for $target\n" unless $known;
            my $in = $target =~ /\.zh\.md$/ ? 'zh' : language();
            $in = 'en' if $target =~ /(?<!\.zh)\.md$/ && $target ne $file
              && -f file_of($target, 'zh') && file_of($target, 'zh') ne $target
              && language() eq 'zh';
            my $at = $anchor ? substr $anchor, 1 : $known->[1];
            '<a href="' . address($page, page_file($known->[0], $in), $at) . '"';
        }
    }ge;
    return $text;
}

# What may be wider than a telephone scrolls by itself, also by keys.
sub scrollable {
    my ($text) = @_;
    $text =~ s{<th></th>}{<td></td>}g;
    $text =~ s{<table>}{<div class="wide" tabindex="0"><table>}g;
    $text =~ s{</table>}{</table></div>}g;
    $text =~ s{<pre>}{<pre tabindex="0">}g;
    $text =~ s{<pre class="code">}{<pre class="code" tabindex="0">}g;
    return $text;
}

# In a picture made of characters, a Chinese one is as wide as two Latin ones.
sub cells {
    my ($text) = @_;
    $text =~ s{([\p{Han}\x{3000}-\x{303f}\x{ff00}-\x{ffef}])}{<i>$1</i>}g;
    return $text;
}

sub transcript {
    my ($text) = @_;
    $text =~ s{^(\$ .*)$}{<b>$1</b>}mg;
    return cells($text);
}

# A link to an answer becomes the answer, folded.
sub fold_answers {
    my ($text, $folder) = @_;
    $text =~ s{\s*<a href="answers(?:\.zh)?\.md#([\w-]+)">[^<]*</a>(</p>)?}{
        my $end    = $2 // '';
        my $answer = $html->{ language() . " answer $folder/answers.md $1" };
        my $open   = '<details><summary>' . word('answer') . '</summary>';
        $end . ($answer ? "$open$answer</details>" : '')
    }ge;
    return $text;
}

# A section of the notes on some page; headings get their names.
sub section_html {
    my ($key, $page, $note, $names) = @_;
    my $text = fold_answers($html->{ language() . " $key" } // '', $note =~ s{/.*}{}r);
    $text = relink($text, $page, $note);
    $text =~
      s{<!--c (.*?:\d+)-->}{ cells(join "\n", map { calls_in($_, $page, '') } @{ $lines->{$1} }) }ge;
    $text =~ s{(<pre><code(?: class="[^"]*")?>)(.*?)(</code></pre>)}{
        my ($open, $body, $close) = ($1, $2, $3);
        $open . transcript($body) . $close
    }gse;
    $text =~ s{<code>([^<\s]{1,24})</code>(?!</pre>)}{<code class="word">$1</code>}g;
    $text =~ s{<h(\d)>(.*?)</h\1>}{
        my ($level, $title) = ($1, $2);
        my $id = slug($title);
        my $n = $names->{$id}++;
        $id .= "-$n" if $n;
        qq(<h$level id="$id">$title</h$level>)
    }ge if $names;
    return scrollable($text);
}

# What a function's name in the code leads to: its definition, or its man page's line.
my %first_call;    # function => lesson => [file, line]
my %scope;         # source => what it includes

sub calls_in {
    my ($line, $page, $file) = @_;
    $line =~ s{<span class="f">(\w+)</span>}{ call_of($1, $page, $file) }ge;
    if ($file) {
        $line =~ s{(#include</span> <span class="s">)&quot;([^&]+)&quot;}{
            my $header = beside($file, $2);
            my $to = $page_of{$header}
              ? qq(<a href=") . address($page, page_file($header)) . qq(">$2</a>) : $2;
            qq($1&quot;$to&quot;)
        }e;
    }
    return $line;
}

my %link_of;    # the same for each use of a name in a file

sub call_of {
    my ($name, $page, $file) = @_;
    return $link_of{$page}{$file}{$name} //= new_link($name, $page, $file);
}

my %called; # what has a link to its man page's line

sub new_link {
    my ($name, $page, $file) = @_;
    return $name if $name eq 'main';
    if ($file && $defined->{$name}) {
        $scope{$file} //= includes(\%code, $file);
        my $folder = $file =~ m{^(\w+/.*/)} ? $1 : "$file/";
        my ($best) = sort { ($b->[0] eq $file) <=> ($a->[0] eq $file) }
          grep {
            $scope{$file}{ $_->[0] }
              || ($_->[3] && index($_->[0], $folder) == 0)
          } @{ $defined->{$name} };
        if ($best) {
            my ($to, $anchor) = line_of($best->[0], $best->[1]);
            my $at =
              $to eq $page
              ? "#$anchor"
              : address($page, page_file($to), $anchor);
            my $said =
              $best->[0] eq $file
              ? ''
              : ' data-m="' . escape("$best->[0]: $best->[2]") . '"';
            return qq(<a class="f" href="$at"$said>$name</a>);
        }
    }
    my $man  = $manual->{$name} or return qq(<span class="f">$name</span>);
    $called{$name} = 1;
    my $at   = address($page, page_file('calls'), $name);
    my $line = escape("$name($man->[0]): $man->[1]");
    return qq(<a class="f" href="$at" data-m="$line">$name</a>);
}

# A source, each line with an address.
sub listing {
    my ($file, $page) = @_;
    my $base = $file =~ s{.*/}{}r;
    my $n    = 0;
    my $text = join "\n", map {
        $n++;
        qq(<span id="$base-$n"><a href="#$base-$n">$n</a>)
          . calls_in($_, $page, $file)
          . '</span>'
    } @{ $lines->{$file} };
    my $id = escape($base);
    return qq(<figure class="source" id="$id"><figcaption>$file</figcaption>)
      . qq(<pre class="code" tabindex="0"><code>$text</code></pre></figure>);
}

# The C calls of the sources that have a man page: name => line of its first call.
my %calls_of;

sub calls_of {
    my ($file) = @_;
    return $calls_of{$file} //= do {
        my (%call, $n);
        for (@{ $lines->{$file} }) {
            $n++;
            next if /^<span class="c">/;
            for my $name (/<span class="f">(\w+)<\/span>/g) {
                next if !$manual->{$name};
                next if grep {
                    $_->[0] eq $file
                      || ($scope{$file} //= includes(\%code, $file))
                      ->{ $_->[0] }
                } @{ $defined->{$name} // [] };
                $call{$name} //= $n;
            }
        }
        \%call;
    };
}

sub title_of {
    my ($lesson) = @_;
    my $title =
      language() eq 'zh' ? $lesson->{title_zh} : escape($lesson->{title});
    $title =~ s{`([^`]*)`}{<code>$1</code>}g;
    return $title;
}

sub note_title {
    my ($note) = @_;
    return escape($section{ language() }{$note}[0]{title} =~ s/`//gr);
}

# ---- pages ------------------------------------------------------------------

my @index;    # for the search: [page, anchor, title, text]

sub put {
    my ($page, $title, $content, %with) = @_;
    my $file = "$book/" . page_file($page);
    make_path($file =~ s{/[^/]*$}{}r);
    open my $out, '>:encoding(UTF-8)', $file or die "$file: $!\n";
    print $out frame($page, $title, $content, %with);
    close $out or die "$file: $!\n";
}

sub remember {
    my ($page, $anchor, $title, $text) = @_;
    for ($title, $text) {
        s/<[^>]*>/ /g;
        s/&lt;/</g;
        s/&gt;/>/g;
        s/&quot;/"/g;
        s/&amp;/&/g;
        s/\s+/ /g;
    }
    push @index,
      [ page_file($page) =~ s{^zh/}{}r . ($anchor ? "#$anchor" : ''),
        $title, $text
      ];
}

# The order of the notes: front page, then each folder with its lessons.
my @order = ('index');
for my $folder (folders()) {
    push @order, "$folder/index",
      map { $_->{name} } grep { $_->{folder} eq $folder } @lessons;
}
push @order, map { $page_of{$_}[0] } grep { m{^common/[^/]*\.md$} } @notes;
my %place        = map { $order[$_] => $_ } 0 .. $#order;
my %lesson_named = map { $_->{name} => $_ } @lessons;

sub turn {
    my ($page) = @_;
    my $at = $place{$page};
    return unless defined $at;
    my %with;
    $with{previous} = [$order[$at - 1], name_of($order[$at - 1])] if $at > 0;
    $with{next} = [$order[$at + 1], name_of($order[$at + 1])] if $at < $#order;
    return %with;
}

sub name_of {
    my ($page) = @_;
    return word('home')           if $page eq 'index';
    return $page                  if $lesson_named{$page};
    return $page =~ s{/index$}{}r if $page =~ m{/index$};
    return note_title("$page.md");
}

sub run_html {
    my ($lesson, $page) = @_;
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

sub trace_html {
    my ($lesson) = @_;
    my $base =
      ($ENV{BUILD} // 'build') . '/trace/' . $lesson->{name} =~ s{/}{_}r;
    return '' unless -f "$base.txt";
    my $text =
        '<pre class="trace" tabindex="0"><code>'
      . escape(read_file("$base.txt"))
      . '</code></pre>';
    if (-f "$base.svg") {
        my $picture = read_file("$base.svg") =~ s/^.*?(?=<svg)//sr;
        $text =
            qq(<div class="wide" tabindex="0">$picture</div>)
          . '<details><summary>'
          . word('astext')
          . "</summary>$text</details>";
    }
    return
        '<section class="trace"><h2 id="trace">'
      . word('trace')
      . "</h2>$text</section>";
}

sub experiments_html {
    my ($lesson, $page) = @_;
    my $asked = $experiment{ $lesson->{name} } or return '';
    my $note  = "$lesson->{folder}/README.md";
    my $text  = join '', map {
        '<li>' . section_html("ask $_->[0]", $page, $note) . '</li>'
    } @$asked;
    return
        '<section><h2 id="break">'
      . word('break')
      . "</h2><ul class=\"experiments\">$text</ul></section>";
}

sub used_html {
    my ($lesson, $page) = @_;
    my (%seen, @rows);
    for my $file (@{ $lesson->{sources} }) {
        my $calls = calls_of($file);
        for my $name (sort { $calls->{$a} <=> $calls->{$b} || $a cmp $b }
            keys %$calls) {
            my $man = $manual->{$name};
            next if $man->[0] ne '2' || $seen{$name}++;
            my ($to, $anchor) = line_of($file, $calls->{$name});
            my $at =
              $to eq $page
              ? "#$anchor"
              : address($page, page_file($to), $anchor);
            push @rows,
                '<dt>'
              . link_to($page, 'calls', "$name($man->[0])", $name)
              . qq(</dt><dd><span lang="en">)
              . escape($man->[1])
              . qq(</span> <a class="at" href="$at">$anchor</a></dd>);
        }
    }
    return '' unless @rows;
    return
        '<section class="used"><h2 id="used">'
      . word('used')
      . '</h2><dl>'
      . join('', @rows)
      . '</dl></section>';
}

sub lesson_page {
    my ($lesson) = @_;
    my $page     = $lesson->{name};
    my $note     = $lesson->{note} // "$lesson->{folder}/README.md";
    my $title    = title_of($lesson);
    my $row      = $html->{ language() . " row $page" } // '';
    my $text     = '';
    my %names    = map { $_ => 1 } qw(run trace break used exercise cost text);

    if ($lesson->{note}) {
        my $sections = $section{ language() }{$note};
        $text = join '',
          map { section_html("$note $_", $page, $note, \%names) }
          0 .. $#$sections;
    } else {
        for my $n (@{ $lesson->{sections} // [] }) {
            my $part = section_html("$note $n", $page, $note, \%names);
            $part =~ s{<h1[^>]*>.*?</h1>}{}s;
            $part =~ s{<(/?)h3}{<$1h2}g;
            $text .= $part;
        }
    }
    my $run =
        '<section><h2 id="run">'
      . word('run') . '</h2>'
      . run_html($lesson, $page)
      . (live() ? '<p>' . live_link($page, $lesson) . '</p>' : '')
      . '</section>';
    my $trace = trace_html($lesson);

    # Each end of a lesson may be an exercise.
    my @exercises =
      grep { -f }
      map  { "common/exercise/$lesson->{folder}/$_.md" }
      @{ $lesson->{programs} };
    my $exercise = @exercises
      ? '<section><h2 id="exercise">' . word('exercise') . '</h2><ul>' . join(
        '',
        map {
            '<li>' . link_to($page, $page_of{$_}[0], note_title($_)) . '</li>'
        } @exercises
      )
      . '</ul></section>'
      : '';
    my $cost =
      defined $lesson->{cost} && !$lesson->{note}
      ? '<section><h2 id="cost">'
      . word('cost') . '</h2>'
      . cost_html($lesson, $page)
      . '</section>'
      : '';
    my $used = used_html($lesson, $page);
    my $arguments = section_html("arguments $page", $page, $note, \%names);

    my $content;
    my $crumb = '<p class="crumb">'
      . link_to($page, "$lesson->{folder}/index", $lesson->{folder}) . '</p>';
    if ($lesson->{note}) {
        my $files = join '',
          map { '<li>' . link_to($page, $_, $_) . '</li>' }
          larger_sources($lesson);
        $content =
            qq($crumb<article class="notes alone">$text</article>$run$trace)
          . '<section><h2 id="sources">'
          . word('sources')
          . qq(</h2><ul class="files">$files</ul></section>$used$exercise);
    } else {
        my $code = join '', map { listing($_, $page) }
          grep { $page_of{$_}[0] eq $page } @{ $lesson->{sources} };
        my @others = (
            (grep { $page_of{$_}[0] ne $page } @{ $lesson->{sources} }),
            (grep { $_ ne $lesson->{source} } larger_sources($lesson))
        );
        my %seen;
        my $others = join '', map {
            '<li>'
              . link_to($page, $page_of{$_}[0], $_, $page_of{$_}[1]) . '</li>'
          }
          grep { !$seen{$_}++ } @others;
        $code .=
          '<h2>' . word('others') . qq(</h2><ul class="files">$others</ul>)
          if $others;
        $row = $row =~ /\S/
          && language() eq "en" ? qq(<div class="shows">$row</div>) : '';
        $content = <<HTML;
$crumb
<h1>$page <small>$title</small></h1>
<div class="pair">
<article class="notes" tabindex="0">$row$text$arguments$used</article>
<div class="sources">$code</div>
</div>
$run$trace
<div class="below">
@{[ experiments_html($lesson, $page) ]}
$exercise$cost
</div>
HTML
    }
    put($page, "$page: " . ($title =~ s/<[^>]*>//gr),
        $content, turn($page), kind => $lesson->{note} ? 'text' : 'lesson');
    remember(
        $page, '',
        "$page: $title",
        "$row "
          . join(' ',
            map { escape(join ' ', $_->{command}, @{ $_->{prints} }) }
              @{ $lesson->{terminals} })
          . ' '
          . join(' ', map { card_text($_) } @{ $lesson->{sources} })
    );
}

sub card_text {
    my ($source) = @_;
    my ($card)   = $code{$source} =~ m{^/\*(.*?)\*/}s;
    return escape(($card // '') =~ s/^ \* ?//mgr);
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

sub cost_html {
    my ($lesson, $page) = @_;
    my $note = "$lesson->{folder}/README.md";
    my $text = section_html("$note $lesson->{cost}", $page, $note);
    $text =~ s{<h2>.*?</h2>}{}s;
    return $text;
}

sub live_link {
    my ($page, $lesson) = @_;
    my $to = live_address($page, 'run') . "?lesson=$lesson->{name}";
    return qq(<a class="button" href="$to">) . word('livenow') . '</a>';
}

sub lesson_list {
    my ($page, @folders) = @_;
    my $text = '';
    for my $folder (@folders) {
        my $items = join '', map {
                '<dt>'
              . link_to($page, $_->{name}, $_->{name})
              . '</dt><dd>'
              . title_of($_) . '</dd>'
        } grep { $_->{folder} eq $folder } @lessons;
        $text .= '<h3>'
          . link_to($page, "$folder/index", note_title("$folder/README.md"))
          . '</h3>'
          if @folders > 1;
        $text .= qq(<dl class="lessons">$items</dl>);
    }
    return $text;
}

# From an exercise to all of them, and to its lesson.
sub exercise_crumb {
    my ($page) = @_;
    my ($folder, $program) = $page =~ m{^common/exercise/(\w+)/(\w+)$} or return '';
    my ($lesson) = grep {
        $_->{folder} eq $folder && grep { $_ eq $program } @{ $_->{programs} }
    } @lessons;
    return
        '<p class="crumb">'
      . join(' · ', link_to($page, 'common/exercise', word('exercise')),
        $lesson ? link_to($page, $lesson->{name}, $lesson->{name}) : ())
      . '</p>';
}

sub note_page {
    my ($note)   = @_;
    my $page     = $page_of{$note}[0];
    my $sections = $section{ language() }{$note};
    my %names    = (text => 1, contents => 1);
    my $text     = '';
    for my $n (0 .. $#$sections) {
        my $before = {%names};
        my $part   = section_html("$note $n", $page, $note, \%names);
        $text .= $part;
        my ($id) = $part =~ /<h\d id="([^"]*)"/;
        remember(
            $page,
            $n ? $id : '',
            ($n ? name_of($page) . ': ' : '') . $sections->[$n]{title}, $part
        );
    }
    if ($page eq 'index') {
        my @documents = map {
            '<li>' . link_to($page, $page_of{$_}[0], note_title($_)) . '</li>'
          }
          grep { m{^common/[^/]*\.md$} } @notes;
        $text .=
            '<h2 id="contents">'
          . word('lessons') . '</h2>'
          . lesson_list($page, folders())
          . '<h2 id="more">'
          . word('more')
          . '</h2><ul>'
          . join('', @documents)
          . join('',
            map { '<li>' . link_to($page, $_, word($_)) . '</li>' }
              qw(calls errors headers))
          . '</ul>';
    } elsif ($page =~ m{^(\w+)/index$}) {
        $text .=
            '<h2 id="contents">'
          . word('lessons') . '</h2>'
          . lesson_list($page, $1);
    }
    put($page, note_title($note),
        exercise_crumb($page) . qq(<article class="notes alone">$text</article>),
        turn($page));
}

sub source_page {
    my ($file) = @_;
    my $folder = $file =~ s{/[^/]*$}{}r;
    my ($said) = $code{$file} =~ m{^/\*\n \* \S+ -- (.*?)\n \*(?:\n|/)}s;
    $said = escape(($said // '') =~ s/\n \* */ /gr);
    my @users =
      grep { $_ ne $file && (includes_directly($_))->{$file} } @sources;
    my $from = @users
      ? '<h2 id="from">' . word('from') . '</h2><ul class="files">' . join(
        '',
        map {
            '<li>'
              . link_to($file, $page_of{$_}[0], $_, $page_of{$_}[1]) . '</li>'
        } @users
      )
      . '</ul>'
      : '';
    my ($top) = $file =~ m{^(\w+)/};
    my $crumb =
      $top eq 'common'
      ? link_to($file, 'headers',    word('headers'))
      : link_to($file, "$top/index", $top);
    my $functions = join '', map {
        my ($name, $line, $text) = @$_;
        my $base = $file =~ s{.*/}{}r;
        qq(<dt><a href="#$base-$line">$name</a></dt><dd lang="en">)
          . escape($text) . '</dd>'
    } functions_of($file);
    $functions =
        '<h2 id="functions">'
      . word('functions')
      . qq(</h2><dl class="lessons">$functions</dl>)
      if $functions;
    put($file,
        $file,
        qq(<p class="crumb">$crumb</p><h1>$file <small lang="en">$said</small></h1>)
          . '<div class="sources alone">'
          . listing($file, $file)
          . "</div>$functions$from",
        kind => 'file'
    );
    remember($file, '', "$file: $said", join ' ',
        map { "$_->[0] $_->[2]" } functions_of($file));
}

my %direct;

sub includes_directly {
    my ($file) = @_;
    return $direct{$file} //= { map { beside($file, $_) => 1 }
          $code{$file} =~ /^#include "([^"]+)"/mg };
}

my %functions;
for my $name (keys %$defined) {
    push @{ $functions{ $_->[0] } }, [$name, $_->[1], $_->[2]]
      for grep { $_->[0] =~ /\.h$/ } @{ $defined->{$name} };
}

sub functions_of {
    return sort { $a->[1] <=> $b->[1] } @{ $functions{ $_[0] } // [] };
}

sub plain_page {
    my ($file) = @_;
    my $text = escape(read_file($file));
    put($file,
        $file,
        qq(<h1>$file</h1><pre class="code" tabindex="0"><code>$text</code></pre>),
        kind => 'file'
    );
}

sub headers_page {
    my $text =
      '<h1>' . word('headers') . '</h1><p>' . word('every_header') . '</p>';
    for my $folder ('common', folders()) {
        my $rows = join '', map {
            my ($said) = $code{$_} =~ m{^/\*\n \* \S+ -- (.*?)\n \*(?:\n|/)}s;
            '<dt>'
              . link_to('headers', $_, $_)
              . '</dt><dd lang="en">'
              . escape(($said // '') =~ s/\n \* */ /gr) . '</dd>'
        } grep { m{^$folder/.*\.h$} } @sources;
        $text .=
          "<h2 id=\"$folder\">$folder</h2><dl class=\"lessons\">$rows</dl>"
          if $rows;
    }
    put('headers', word('headers'),
        qq(<article class="notes alone">$text</article>));
}

sub calls_page {
    my (%where, %elsewhere);    # call => lesson or file => [file, line]
    for my $lesson (@lessons) {
        for my $file (@{ $lesson->{sources} }, larger_sources($lesson)) {
            my $calls = calls_of($file);
            $where{$_}{ $lesson->{name} } //= [$file, $calls->{$_}]
              for keys %$calls;
        }
    }
    for my $file (@sources) {
        my $calls = calls_of($file);
        $elsewhere{$_}{$file} = [$file, $calls->{$_}]
          for grep { !$where{$_} } keys %$calls;
    }
    my $text =
      '<h1>' . word('calls') . '</h1><p>' . word('every_call') . '</p>';
    my %listed;
    for my $kind ([system => qr/^2/], [library => qr/^3/]) {
        my $rows = '';
        for my $name (sort keys %called) {
            next if $manual->{$name}[0] !~ $kind->[1];
            my $at    = $where{$name} // $elsewhere{$name};
            my @in    = grep { $at->{$_} } (map { $_->{name} } @lessons), @sources;
            my $line  = escape($manual->{$name}[1]);
            my $links = join ', ', map {
                my ($to, $anchor) = line_of(@{ $at->{$_} });
                link_to('calls', $to, $_, $anchor)
            } @in;
            $rows .=
              qq(<tr id="$name"><th scope="row">$name($manual->{$name}[0])</th><td lang="en">$line</td><td class="where">$links</td></tr>);
            remember(
                'calls', $name, "$name($manual->{$name}[0])",
                "$line @in"
            );
        }
        $text .=
            "<h2 id=\"$kind->[0]-calls\">"
          . word($kind->[0])
          . '</h2><div class="wide" tabindex="0"><table><thead><tr><th scope="col">'
          . join('</th><th scope="col">',
            word('call'), word('does'), word('where'))
          . "</th></tr></thead><tbody>$rows</tbody></table></div>";
    }
    put('calls', word('calls'),
        qq(<article class="notes alone">$text</article>));
}

# Errors by the lessons that name them in their source, print them, or have an
# experiment about them.
sub errors_page {
    my %named;    # error => source => line
    for my $file (keys %code) {
        my $n = 0;
        for (split /\n/, $code{$file}) {
            $n++;
            $named{$_}{$file} //= $n for /\b(E[A-Z0-9]{2,})\b/g;
        }
    }
    my %shown;    # lesson => what it prints, and what its experiments say
    for my $lesson (@lessons) {
        my $asked = $experiment{ $lesson->{name} } // [];
        $shown{ $lesson->{name} } = [
            join("\n", map { @{ $_->{prints} } } @{ $lesson->{terminals} }),
            join("\n",
                map { $markdown{"en ask $_->[0]"}, $markdown{"en answer $_->[1]"} // '' }
                  @$asked)
        ];
    }
    my $rows = '';
    for my $name (sort keys %!) {
        no strict 'refs';
        my $number = "Errno::$name"->();
        next if $name eq 'EWOULDBLOCK' || $name eq 'EDEADLOCK';
        my $says = do { local $! = $number; "$!" };
        my (@program, @output);
        for my $lesson (@lessons) {
            my ($file) = grep { $named{$name}{$_} } @{ $lesson->{sources} },
              larger_sources($lesson);
            if ($file) {
                my ($to, $anchor) = line_of($file, $named{$name}{$file});
                push @program, link_to('errors', $to, $lesson->{name}, $anchor);
            }
            my ($printed,  $asked)    = @{ $shown{ $lesson->{name} } };
            my ($in_print, $in_asked) = map {
                index($_, $says) >= 0 || (index($_, $name) >= 0 && /\b$name\b/)
            } $printed, $asked;
            push @output,
              link_to('errors', $lesson->{name}, $lesson->{name},
                $in_asked ? 'break' : 'run')
              if $in_print || $in_asked;
        }
        next unless @program || @output;
        $rows .=
          qq(<tr id="$name"><th scope="row">$name</th><td>$number</td><td lang="en">$says</td><td class="where">)
          . join(', ', @output)
          . '</td><td class="where">'
          . join(', ', @program)
          . '</td></tr>';
        remember('errors', $name, "$name: $says", '');
    }
    my $text = '<h1>'
      . word('errors')
      . '</h1><p>'
      . word('every_error') . '</p>'
      . '<div class="wide" tabindex="0"><table><thead><tr><th scope="col">'
      . join(
        '</th><th scope="col">',
        word('error'),  'errno', word('says'),
        word('output'), word('program')
      ) . "</th></tr></thead><tbody>$rows</tbody></table></div>";
    put('errors', word('errors'),
        qq(<article class="notes alone">$text</article>));
}

sub search_page {
    my $pages = join '',
      map { '<li>' . link_to('search', @$_) . '</li>' }
      ['index', word('lessons'), 'contents'], ['calls', word('calls')],
      ['errors', word('errors')], ['headers', word('headers')];
    my $script = 'index.' . language() . '.js';
    my $at     = address('search', $script);
    my ($find, $prompt, $none) = map { word($_) } qw(search prompt none);
    my $content = <<HTML;
<h1>$find</h1>
<form role="search" aria-label="$prompt"><input type="search" name="q" id="query" aria-label="$prompt" placeholder="$prompt"></form>
<noscript><p>@{[ word('noscript') ]}</p><ul>$pages</ul></noscript>
<ol id="results" data-none="$none" aria-live="polite"></ol>
<script src="$at" defer></script>
HTML
    put('search', $find, qq(<article class="notes alone">$content</article>));

    open my $out, '>:encoding(UTF-8)', "$book/$script" or die "$script: $!\n";
    print $out 'const bookIndex = [', join(
        ',',
        map {
            '[' . join(',', map { '"' . s/([\\"])/\\$1/gr . '"' } @$_) . "]\n"
        } @index
      ),
      "];\n";
    close $out or die "$script: $!\n";
}

# ---- all on one page, to be printed ------------------------------------------

# A chapter is what one page has; its name is in front of the names inside.
sub chapter {
    my ($page, $level, $title, $content) = @_;
    $content =~
      s{<span id="[^"]*"><a href="[^"]*">(\d+)</a>(.*?)</span>(?=\n<span id=|</code>)}
        {<s>$1</s>$2}gs;
    $content =~ s{ (?:id|tabindex|data-m)="[^"]*"}{}g;
    $content =~ s{<details><summary>}{<details open><summary>}g;
    return
      qq(<section class="chapter"><h$level id="$page">$title</h$level>$content</section>\n);
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
        run_html($lesson, 'print') . $code
    );
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

sub print_page {
    my (@contents, $text);
    my $add = sub {
        my ($page, $title, $level, $chapter) = @_;
        push @contents,
          qq(<li class="level$level"><a href="#$page">$title</a> <span data-page="$page"></span></li>);
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
    my $headers = join '',
      map { chapter($_, 2, $_, listing($_, 'print')) }
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

# Both languages at once.
my @writers;
for my $in (qw(en zh)) {
    my $writer = fork // die "fork: $!\n";
    if ($writer) {
        push @writers, $writer;
        next;
    }
    set_language($in);
    lesson_page($_) for @lessons;
    my %larger = map { $_->{note} => 1 } grep { $_->{note} } @lessons;
    for my $note (@notes) {
        if ($larger{$note}) {
            my $sections = $section{$in}{$note};
            my %names;
            for my $n (1 .. $#$sections) {
                my $part =
                  section_html("$note $n", $page_of{$note}[0], $note, \%names);
                remember(
                    $page_of{$note}[0],
                    slug($sections->[$n]{title}),
                    "$page_of{$note}[0]: $sections->[$n]{title}", $part
                );
            }
        } else {
            note_page($note);
        }
    }
    source_page($_) for grep { $page_of{$_}[0] eq $_ } @sources;
    plain_page($_)  for sort keys %plain;
    headers_page();
    calls_page();
    errors_page();
    search_page();
    print_page() if $print;
    exit 0;
}
for (@writers) {
    waitpid $_, 0;
    die "not all of the book was written\n" if $?;
}
system 'cp', "$FindBin::Bin/style.css", "$FindBin::Bin/book.js", $book;
system 'rm', '-rf', $scratch;
