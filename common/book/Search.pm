# common/book/Search.pm -- what the search finds, and its page.
package Search;
use strict;
use warnings;
use utf8;
use Notes;
use Page;
use Exporter 'import';
our @EXPORT = qw(remember search_page);

my @index;    # [address, title, text]

sub remember {
    my ($page, $anchor, $title, $text) = @_;
    for ($title, $text) {
        s/<[^>]*>/ /g;
        $_ = unescape($_);
        s/\s+/ /g;
    }
    push @index,
      [page_file($page) =~ s{^zh/}{}r . ($anchor ? "#$anchor" : ''), $title, $text];
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

    my $entries = join ',', map {
        '[' . join(',', map { '"' . s/([\\"])/\\$1/gr . '"' } @$_) . "]\n"
    } @index;
    write_file($script, "const bookIndex = [$entries];\n");
}

1;
