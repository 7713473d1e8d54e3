# common/book/Section.pm -- a section of the notes as a page shows it: its links lead
# into the book, its answers are folded, what is wide scrolls by itself.
package Section;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Content;
use Where;
use Page;
use Listing;
use Exporter 'import';
our @EXPORT = qw(section_html);

# A section of the notes on some page; headings get their names.
sub section_html {
    my ($key, $page, $note, $names) = @_;
    my $text =
      fold_answers($html->{ language() . " $key" } // '', $note =~ s{/.*}{}r);
    $text = relink($text, $page, $note);
    $text =~ s{<img src="([^"]*)"}{
        '<img src="' . address($page, beside(file_of($note, language()), $1)) . '"'
    }ge;
    $text =~ s{<!--c (.*?:\d+)-->}{
        cells(join "\n", map { calls_in($_, $page, '') } @{ $lines->{$1} })
    }ge;
    $text =~ s{(<pre><code(?: class="[^"]*")?>)(.*?)(</code></pre>)}{
        my ($open, $body, $close) = ($1, $2, $3);
        $open . transcript($body) . $close
    }gse;
    $text = unbroken($text);
    $text =~ s{<p>((?:<img [^>]*>\s*)+)</p>}{
        qq(<div class="wide" tabindex="0">$1</div>)
    }ge;
    $text =~ s{<h(\d)>(.*?)</h\1>}{
        my ($level, $title) = ($1, $2);
        my $id = slug($title);
        my $n = $names->{$id}++;
        $id .= "-$n" if $n;
        qq(<h$level id="$id">$title</h$level>)
    }ge if $names;
    return scrollable($text);
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
            $in = 'en' if $file =~ /\.zh\.md$/ && $target =~ /(?<!\.zh)\.md$/
              && file_of($target, 'zh') ne $target;
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

sub transcript {
    my ($text) = @_;
    $text =~ s{^(\$ .*)$}{<b>$1</b>}mg;
    return cells($text);
}

# In a picture made of characters, a Chinese one is as wide as two Latin ones.
sub cells {
    my ($text) = @_;
    $text =~ s{([\p{Han}\x{3000}-\x{303f}\x{ff00}-\x{ffef}])}{<i>$1</i>}g;
    return $text;
}

1;
