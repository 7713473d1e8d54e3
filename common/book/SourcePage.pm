# common/book/SourcePage.pm -- the page of a header, or of a source of a larger program;
# of any other file; and the list of headers.
package SourcePage;
use strict;
use warnings;
use utf8;
use Suite;
use Notes;
use Content;
use Where;
use Page;
use Listing;
use Search;
use Exporter 'import';
our @EXPORT = qw(source_page plain_page headers_page);

sub source_page {
    my ($file) = @_;
    my ($top)  = $file =~ m{^(\w+)/};
    my $said   = clause($file);
    my $crumb =
      $top eq 'common'
      ? link_to($file, 'headers',    word('headers'))
      : link_to($file, "$top/index", $top);
    put(
        $file,
        $file,
        qq(<p class="crumb">$crumb</p><h1>$file <small lang="en">$said</small></h1>)
          . '<div class="sources alone">'
          . listing($file, $file)
          . '</div>'
          . functions_html($file)
          . users_html($file),
        kind => 'file'
    );
    remember($file, '', "$file: $said", join ' ',
        map { "$_->[0] $_->[2]" } functions_of($file));
}

# What a source says of itself in its first line.
sub clause {
    my ($file) = @_;
    my ($said) = $code{$file} =~ m{^/\*\n \* \S+ -- (.*?)\n \*(?:\n|/)}s;
    return coded(escape(($said // '') =~ s/\n \* */ /gr));
}

sub functions_html {
    my ($file) = @_;
    my $base   = $file =~ s{.*/}{}r;
    my $items  = join '', map {
        my ($name, $line, $text) = @$_;
        qq(<dt><a href="#$base-$line">$name</a></dt><dd lang="en">)
          . coded(escape($text)) . '</dd>'
    } functions_of($file);
    return '' if $items eq '';
    return
        '<h2 id="functions">'
      . word('functions')
      . qq(</h2><dl class="lessons">$items</dl>);
}

# The files that include it.
sub users_html {
    my ($file) = @_;
    my $items  = join '', map { '<li>' . file_link($file, $_) . '</li>' }
      grep { $_ ne $file && includes_directly($_)->{$file} } @sources;
    return '' if $items eq '';
    return '<h2 id="from">' . word('from') . qq(</h2><ul class="files">$items</ul>);
}

sub plain_page {
    my ($file) = @_;
    my $text = escape(read_file($file));
    put(
        $file, $file,
        qq(<h1>$file</h1><pre class="code" tabindex="0"><code>$text</code></pre>),
        kind => 'file'
    );
}

sub headers_page {
    my $text =
      '<h1>' . word('headers') . '</h1><p>' . word('every_header') . '</p>';
    for my $folder ('common', folders()) {
        my $rows = join '', map {
                '<dt>'
              . link_to('headers', $_, $_)
              . '</dt><dd lang="en">'
              . clause($_) . '</dd>'
        } grep { m{^$folder/.*\.h$} } @sources;
        $text .= "<h2 id=\"$folder\">$folder</h2><dl class=\"lessons\">$rows</dl>"
          if $rows;
    }
    put('headers', word('headers'),
        qq(<article class="notes alone">$text</article>));
}

1;
