# common/book/Page.pm -- what all pages have around them, and links between them.
#
# A page has a name, "pipe/basic"; the English one is pipe/basic.html, the Chinese
# one zh/pipe/basic.html. All links are relative: the book can stand anywhere.
package Page;
use strict;
use warnings;
use utf8;
use File::Path 'make_path';
use Suite;
use Notes;
use Exporter 'import';
our @EXPORT = qw(word set_book set_language language address link_to page_file part
  table put write_file live live_address);

my %words;
for (split /\n/, read_file('common/book/words.txt')) {
    my ($key, $english, $chinese) = split /\t/;
    $words{$key} = { en => $english, zh => $chinese };
}
my ($book, $live, $language);

# The folder of the book, and whether a server shows it.
sub set_book     { ($book, $live) = @_ }
sub set_language { $language = shift }
sub language     { return $language }
sub live         { return $live }
sub word         { return $words{ $_[0] }{$language} // die "no word for $_[0]\n" }

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
    return join('/', ('..') x @from, @to) . (defined $anchor ? "#$anchor" : '');
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

# A part of a page under its heading, which is a word of ours; nothing without content.
sub part {
    my ($name, $content, $class) = @_;
    return '' if $content eq '';
    my $of = $class ? qq( class="$class") : '';
    return
        qq(<section$of><h2 id="$name">)
      . word($name)
      . "</h2>$content</section>";
}

sub table {
    my ($columns, $rows) = @_;
    my $names = join '</th><th scope="col">', @$columns;
    return
        qq(<div class="wide" tabindex="0"><table><thead><tr><th scope="col">$names)
      . "</th></tr></thead><tbody>$rows</tbody></table></div>";
}

sub put {
    my ($page, $title, $content, %with) = @_;
    write_file(page_file($page), frame($page, $title, $content, %with));
}

sub write_file {
    my ($name, $text) = @_;
    my $file = "$book/$name";
    make_path($file =~ s{/[^/]*$}{}r);
    open my $out, '>:encoding(UTF-8)', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
}

# A whole page: its name, title, content in HTML, and optionally the pages before
# and after it ([name, title]) and what its body is called in the style sheet.
sub frame {
    my ($page, $title, $content, %with) = @_;
    my ($tag, $other, $other_tag) =
      $language eq 'en' ? ('en', 'zh', 'zh-CN') : ('zh-CN', 'en', 'en');
    my $in_other = qq(hreflang="$other_tag" lang="$other_tag");
    my $there    = address($page, page_file($page, $other));
    my $base     = address($page, 'style.css') =~ s/style\.css$//r;
    my $home  = $page eq 'index' ? word('title') : escape($title) . ' · Linux IPC';
    my $kind  = $with{kind} // 'text';
    my $start = link_to($page, 'index', 'Linux IPC');
    my $find_at = address($page, page_file('search'));
    my ($find, $skip, $to_other, $sections) =
      map { word($_) } qw(search skip other tree);
    my $field =
      qq(<input type="search" name="q" aria-label="$find" placeholder="$find">);
    my ($menu, $turn) = (menu($page), turn_html($page, %with));
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
<nav aria-label="$sections"><ul>
$menu
</ul></nav>
<form action="$find_at" role="search">$field</form>
<p><a id="language" href="$there" $in_other accesskey="l" title="l">$to_other</a></p>
</header>
<main id="text">
$content
</main>
$turn
</body>
</html>
HTML
}

# The folders, the lists, and what only a server has.
sub menu {
    my ($page)   = @_;
    my ($folder) = $page =~ m{^(\w+)/};
    my $menu     = join "\n", map {
        my $mark = ($folder // '') eq $_ ? ' aria-current="true"' : '';
        my $to   = address($page, page_file("$_/index"));
        qq(<li><a href="$to"$mark>$_</a></li>)
    } folders();
    $menu .= join "\n", map {
        my ($list, $name) = @$_;
        my $mark  = $page eq $list           ? ' aria-current="page"' : '';
        my $first = $list eq 'common/choose' ? ' class="gap"'         : '';
        my $to    = address($page, page_file($list));
        qq(<li$first><a href="$to"$mark>) . word($name) . '</a></li>'
      } ['common/choose', 'compare'], map({ [$_, $_] } qw(calls errors headers)),
      ['common/terms', 'terms'];
    my $now = live_address($page, 'ipc');
    $menu .= qq(<li><a href="$now">) . word('live') . '</a></li>' if $live;
    return $menu;
}

# Links to the pages before and after this one.
sub turn_html {
    my ($page, %with) = @_;
    return '' unless $with{previous} || $with{next};
    my $links = join '', map {
        my ($which, $rel)  = @$_;
        my ($there, $name) = @{ $with{$which} // [] };
        my $to = $there && address($page, page_file($there));
        $there
          ? qq(<a rel="$rel" href="$to"><span>)
          . word($which)
          . "</span> $name</a>"
          : '<span></span>'
    } ['previous', 'prev'], ['next', 'next'];
    my $label = word('previous') . ', ' . word('next');
    return qq(<nav class="turn" aria-label="$label">$links</nav>);
}

1;
