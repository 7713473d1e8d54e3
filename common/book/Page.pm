# common/book/Page.pm -- what all pages have around them, and links between them.
#
# A page has a name, "pipe/basic"; the English one is pipe/basic.html, the Chinese
# one zh/pipe/basic.html. All links are relative: the book can stand anywhere.
package Page;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Exporter 'import';
our @EXPORT = qw(word set_language language address link_to page_file frame
  live set_live live_address);

my %words;
for (split /\n/, read_file('common/book/words.txt')) {
    my ($key, $english, $chinese) = split /\t/;
    $words{$key} = { en => $english, zh => $chinese };
}
my ($language, $live) = ('en', 0);

sub set_language { $language = shift }
sub language     { return $language }
sub set_live     { $live = shift }
sub live         { return $live }
sub word { return $words{ $_[0] }{$language} // die "no word for $_[0]\n" }

# The file of a page, below the book.
sub page_file {
    my ($page, $in) = @_;
    $in //= $language;
    return ($in eq 'zh' ? 'zh/' : '') . "$page.html";
}

# From one page to another file of the book, or to a page: "../index.html#lessons".
sub address {
    my ($here, $there, $anchor) = @_;
    my @from = split m{/}, page_file($here);
    my @to   = split m{/}, $there;
    pop @from;
    while (@from && @to > 1 && $from[0] eq $to[0]) {
        shift @from;
        shift @to;
    }
    return join('/', ('..')x @from, @to) . (defined $anchor ? "#$anchor" : '');
}

sub link_to {
    my ($here, $page, $text, $anchor) = @_;
    my $to = address($here, page_file($page), $anchor);
    return qq(<a href="$to">$text</a>);
}

# What only a server has stands outside of the book: one program, which is told the
# language by what follows its name.
sub live_address {
    my ($here, $program) = @_;
    return address($here, "cgi-bin/$program" . ($language eq 'zh' ? '/zh' : ''));
}

# A whole page: its name, title, content in HTML, and optionally the pages before
# and after it ([name, title]) and what its body is called in the style sheet.
sub frame {
    my ($page, $title, $content, %with) = @_;
    my $other = $language eq 'en' ? 'zh' : 'en';
    my $tag   = $language eq 'en' ? 'en' : 'zh-CN';
    my $there = address($page, page_file($page, $other));
    my $base  = address($page, 'style.css') =~ s/style\.css$//r;
    my $home =
      $page eq 'index' ? word('title') : escape($title) . ' · Linux IPC';
    my ($folder) = $page =~ m{^(\w+)/};

    my $menu = join "\n", map {
        my $mark = ($folder // '') eq $_ ? ' aria-current="true"' : '';
        my $to   = address($page, page_file("$_/index"));
        qq(<li><a href="$to"$mark>$_</a></li>)
    } folders();
    my @reference = (
        ['common/choose', 'compare'],
        ['calls',         'calls'],
        ['errors',        'errors'],
        ['headers',       'headers'],
        ['common/terms',  'terms']
    );

    my $now =
      $live
      ? '<li><a href="'
      . live_address($page, 'ipc') . '">'
      . word('live')
      . '</a></li>'
      : '';
    $menu .= join "\n", map {
        my $mark  = $page eq $_->[0] ? ' aria-current="page"' : '';
        my $to    = address($page, page_file($_->[0]));
        my $first = $_->[0] eq 'common/choose' ? ' class="gap"' : '';
        qq(<li$first><a href="$to"$mark>) . word($_->[1]) . '</a></li>'
    } @reference;
    $menu .= $now;

    my $foot = join '', map {
        my $to = $with{$_} ? $with{$_} : undef;
        $to
          ? qq(<a rel=")
          . ($_ eq 'previous' ? 'prev' : 'next')
          . '" href="'
          . address($page, page_file($to->[0]))
          . '"><span>'
          . word($_)
          . "</span> $to->[1]</a>"
          : '<span></span>'
    } qw(previous next);
    my $search = page_file('search');
    my ($find, $prompt) = (word('search'), word('prompt'));
    my $find_at = address($page, $search);
    my $start   = link_to($page, 'index', 'Linux IPC');
    my ($skip, $to_other) = (word('skip'), word('other'));
    my $kind = $with{kind} // 'text';
    my $body =
      $foot =~ /<a/
      ? qq(<nav class="turn" aria-label=")
      . word('previous') . ', '
      . word('next')
      . qq(">$foot</nav>)
      : '';
    my $menu_name = word('tree');
    my $other_tag = $other eq 'en' ? 'en' : 'zh-CN';
    return <<HTML;
<!DOCTYPE html>
<html lang="$tag">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$home</title>
<link rel="stylesheet" href="${base}style.css">
<link rel="alternate" hreflang="$other_tag" href="$there">
<script src="${base}book.js" defer></script>
</head>
<body class="$kind">
<a class="skip" href="#text">$skip</a>
<header class="top">
<p class="brand">$start</p>
<nav aria-label="$menu_name"><ul>
$menu
</ul></nav>
<form action="$find_at" role="search"><input type="search" name="q" aria-label="$find" placeholder="$find"></form>
<p><a id="language" href="$there" hreflang="$other_tag" lang="$other_tag" accesskey="l" title="l">$to_other</a></p>
</header>
<main id="text">
$content
</main>
$body
</body>
</html>
HTML
}

1;
