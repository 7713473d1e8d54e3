# common/exercise/Http.pm -- a client of HTTP/1.1, and a site, for stages.
#
# The client is strict: each answer has to be one by RFC 9112, whatever a stage
# asks of it beyond that.
package Http;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Grader;
use Net;
use Process;
use Reading;

our @EXPORT = qw(put script_named bytes_of web_server client request sends gets
    fetch ends_connection shown by_hand);

my %reasons = (
    200 => 'OK', 206 => 'Partial Content', 400 => 'Bad Request',
    403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
    408 => 'Request Timeout', 411 => 'Length Required',
    414 => 'URI Too Long', 416 => 'Range Not Satisfiable',
    431 => 'Request Header Fields Too Large', 500 => 'Internal Server Error',
    501 => 'Not Implemented', 502 => 'Bad Gateway',
    504 => 'Gateway Timeout', 505 => 'HTTP Version Not Supported',
);

# ---- the site ---------------------------------------------------------------

# put(NAME, BYTES): a file under the root of this stage.
sub put {
    my ($name, $bytes) = @_;
    my $path = file("root/$name");
    make_path(dirname($path));
    open my $file, '>', $path or die "$path: $!";
    print $file $bytes;
    close $file;
    return $path;
}

# script_named(NAME, LINES): a shell script under cgi-bin.
sub script_named {
    my ($name, $lines) = @_;
    chmod 0755, put("cgi-bin/$name", "#!/bin/sh\n$lines");
}

# bytes_of(N): of all values, and no piece of them like another.
sub bytes_of {
    return substr join('', map { pack 'N', $_ * 2654435761 % 2 ** 32 }
        0 .. $_[0] / 4), 0, $_[0];
}

# web_server(OPTION...): the student's, on a free port, with that site: (it, the
# port).
sub web_server {
    make_path(file('root'));
    my $you = you(@_, '127.0.0.1', 0, file('root'));
    return ($you, ready_port($you, '127.0.0.1', 'http://'));
}

# ---- requests ---------------------------------------------------------------

# request(METHOD, TARGET, FIELD...)
sub request {
    my ($method, $target, @fields) = @_;
    return join "\r\n", "$method $target HTTP/1.1", 'Host: me', @fields, '', '';
}

# Bytes as they came, a line each.
sub shown {
    my ($bytes) = @_;
    my $length = length $bytes;
    my %names = ("\r" => '\r', "\n" => "\\n\n", "\0" => '\0');
    $bytes = substr($bytes, 0, 200) if $length > 200;
    $bytes =~ s/([^\x20-\x7e])/$names{$1} \/\/ sprintf '\\x%02x', ord $1/ge;
    $bytes =~ s/\n$//;
    return $bytes . ($length > 200 ? " ... $length bytes" : '');
}

# How one sends that, and sees what comes.
sub by_hand {
    my ($bytes) = @_;
    my %names = ("\r" => '\r', "\n" => '\n', '%' => '%%');
    $bytes =~ s/([^\x20-\x7e]|%)/$names{$1} \/\/ sprintf '\\x%02x', ord $1/ge;
    return "bash -c \"exec 3<>/dev/tcp/127.0.0.1/9400; printf '$bytes' >&3;"
        . ' cat -v <&3"';
}

sub client {
    my ($you, $port, $name) = @_;
    return { %{ caller_of($you, $port, $name // 'client') },
        asked => [], in => '', over => undef };
}

# sends(CLIENT, REQUEST...): all of them at once.
sub sends {
    my ($c, @requests) = @_;
    push @{ $c->{asked} }, @requests;
    my ($line) = split /\r?\n/, $requests[0];
    says($c, join('', @requests), substr($line // '', 0, 60)
        . (@requests > 1 ? ", and $#requests more" : ''));
}

# ---- answers ----------------------------------------------------------------

# Take more, until there is enough, or n bytes, or the time is over: three times
# as long while the server is busy.
sub more {
    my ($c, $enough, $seconds) = @_;
    for my $time (1 .. 3) {
        my $has = length $c->{in};
        return if defined $c->{over};
        return if ref $enough ? $enough->($c->{in}) : $has >= $enough;
        return if $time > 1 && !grep { /[RD]/ }
            ($c->{of}->stat_fields)[0], map { $_->[1] } $c->{of}->children;
        my ($bytes, $over) = hears($c, ref $enough
            ? sub { $enough->($c->{in} . $_[0]) } : $enough - $has, $seconds);
        $c->{in} .= $bytes;
        $c->{over} = $over;
    }
}

# What the server and its children do, for a message.
sub deeds {
    my ($you) = @_;
    my $fate = fate_of($you);
    return $fate if $fate;
    my @all = ("the server $you->{pid} " . $you->doing);
    for my $child (map { $_->[0] } $you->children) {
        push @all, "its child $child " . Process::doing_of($child);
    }
    splice @all, 3;
    my $said = @{ $you->{err} } ? "; its last words: $you->{err}[-1]" : '';
    return '; ' . join(', ', @all) . $said;
}

# How what has come goes on, or does not.
sub rest_of {
    my ($c, $seconds) = @_;
    return ", and then $c->{over}" . deeds($c->{of}) if defined $c->{over};
    return " in $seconds s" . deeds($c->{of});
}

sub status_line {
    my @all = map { join ' ', $_, $reasons{$_} // () } ref $_[0] ? @{ $_[0] }
        : $_[0];
    return 'HTTP/1.1 ' . join ' or ', @all;
}

# The chunks at the start of what came: (body, how many bytes they took);
# nothing if they are not complete, (undef, what is wrong) if they are none.
sub dechunked {
    my ($bytes) = @_;
    my ($body, $at) = ('', 0);
    while (1) {
        pos($bytes) = $at;
        return if substr($bytes, $at) !~ /\n/;
        $bytes =~ /\G([0-9a-fA-F]+)[^\r\n]*\r\n/gc
            or return (undef, 'no size of a chunk: '
                . shown(substr $bytes, $at, 20));
        my $size = hex $1;
        $at = pos $bytes;
        if ($size == 0) {
            return if length($bytes) < $at + 2;
            return (undef, 'no empty line after the last chunk')
                if substr($bytes, $at, 2) ne "\r\n";
            return ($body, $at + 2);
        }
        return if length($bytes) < $at + $size + 2;
        $body .= substr $bytes, $at, $size;
        return (undef, "no line end after a chunk of $size bytes")
            if substr($bytes, $at + $size, 2) ne "\r\n";
        $at += $size + 2;
    }
}

# Where two texts of bytes first differ, and what stands there.
sub difference {
    my ($want, $came) = @_;
    ($want ^ $came) =~ /^(\0*)/;
    my $at = length $1;
    return map {
        my $piece = substr $_, $at, 8;
        length($_) . ' bytes' . (length $piece
            ? ", from byte $at on: " . hex_of($piece) . ' "' . shown($piece)
                . '"' : '');
    } $want, $came;
}

my $framing = 'Where an answer ends is said by its Content-Length, by its last'
    . ' chunk, or, if it is the last one, by the end of the connection: RFC'
    . ' 9112, section 6.3.';

# The body of an answer whose head has been taken: (bytes, or undef; what came).
sub body_of {
    my ($c, $answer, $seconds) = @_;
    my $length = $answer->{fields}{'content-length'};
    if (lc($answer->{fields}{'transfer-encoding'} // '') eq 'chunked') {
        more($c, sub { my @is = dechunked($_[0]); return scalar @is },
            $seconds);
        my ($body, $used) = dechunked($c->{in});
        return (undef, $used // length($c->{in}) . ' bytes without a last chunk'
            . rest_of($c, $seconds)) if !defined $body;
        substr($c->{in}, 0, $used) = '';
        return $body;
    }
    if (defined $length) {
        more($c, $length, $seconds);
        return (undef, 'Content-Length ' . "$length, and "
            . length($c->{in}) . ' bytes' . rest_of($c, $seconds))
            if length $c->{in} < $length;
        return substr $c->{in}, 0, $length, '';
    }
    more($c, sub { '' }, $seconds);
    return (undef, 'neither Content-Length nor chunks, and the connection is'
        . ' open' . rest_of($c, $seconds)) if !defined $c->{over};
    return substr $c->{in}, 0, length $c->{in}, '';
}

# gets(CLIENT, status => N or [N], fields => {NAME => VALUE or [PATTERN, TEXT]
# or undef}, body => BYTES, within => SECONDS, whys => {STATUS => TEXT}, ...):
# the answer to the first request that has none yet. Returns it: {status, line,
# fields, body}.
sub gets {
    my ($c, %want) = @_;
    my $request = shift @{ $c->{asked} } // '';
    my $within = delete $want{within} // 3;
    my $wanted = delete $want{status} // 200;
    my %fields = %{ delete $want{fields} // {} };
    my $body = delete $want{body};
    my $whys = delete $want{whys} // {};
    my $expected = status_line($wanted);
    my $fail = sub {
        my ($what, $came, @why) = @_;
        fail(expected => $what, came => $came, beside =>
            [['request', shown($request)]], %want, @why);
    };

    my %answer;
    do {
        more($c, sub { $_[0] =~ /\n\r?\n/ }, $within);
        $fail->($expected, (length $c->{in} ? shown($c->{in}) : 'nothing')
            . rest_of($c, $within)) if $c->{in} =~ m{^(HTTP/|$)}
            && $c->{in} !~ /\n\r?\n/;
        my ($line) = $c->{in} =~ /^([^\r\n]*)/;
        $fail->($expected, shown(substr $c->{in}, 0, 60),
            why => 'Here an answer has to begin, with its status line. What'
                . ' stands here may be the rest of the answer before: its body'
                . ' was longer than its Content-Length, or it was an answer to'
                . ' HEAD, which has none. ' . $framing)
            if $line !~ m{^HTTP/1\.1 \d{3}( |$)};
        $c->{in} =~ s/^(.*?\n)\r?\n//s;
        my $head = $1;
        $fail->('each line of a head ends in \r\n', shown($head),
            why => 'A line ends in CR and LF, also where yours is printed:'
                . ' RFC 9112, section 2.2.') if $head =~ /(?<!\r)\n/;
        %answer = (line => $line, status => substr($line, 9, 3),
            fields => {});
        for (split /\r\n/, $head =~ s/^.*?\r\n//r) {
            my ($name, $value) = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/;
            $fail->('Name: value', shown($_),
                why => 'A head is a status line, fields, and an empty line:'
                    . ' RFC 9112, section 2.1.') if !defined $name;
            $answer{fields}{lc $name} = $value;
        }
    } while ($answer{status} < 200);
    note($c->{name}, "gets $answer{line}");

    my @statuses = ref $wanted ? @$wanted : $wanted;
    $fail->($expected, $answer{line}, $whys->{$answer{status}}
        ? (why => $whys->{$answer{status}}) : ())
        if !grep { $_ == $answer{status} } @statuses;
    for my $name (sort keys %fields) {
        my $came = $answer{fields}{lc $name};
        my ($pattern, $text) = ref $fields{$name} ? @{ $fields{$name} }
            : (undef, $fields{$name});
        next if !defined $text ? !defined $came : defined $came
            && ($pattern ? $came =~ $pattern : $came eq $text);
        $fail->(defined $text ? "$name: $text" : "no $name",
            defined $came ? "$name: $came" : "no $name");
    }
    if ($request =~ /^HEAD / || $answer{status} =~ /^(204|304)$/) {
        $answer{body} = '';
        return \%answer;
    }
    my $what;
    ($answer{body}, $what) = body_of($c, \%answer, $within);
    $fail->(defined $body ? length($body) . ' bytes of content'
        : 'the end of the answer', $what, why => $framing)
        if !defined $answer{body};
    $fail->(difference($body, $answer{body}))
        if defined $body && $body ne $answer{body};
    return \%answer;
}

# fetch(PROCESS, PORT, REQUEST, ...): on a connection of its own, as gets.
sub fetch {
    my ($you, $port, $request, %want) = @_;
    my $c = client($you, $port);
    sends($c, $request);
    return gets($c, %want);
}

# ends_connection(CLIENT, AFTER, ...): the server does, and sends nothing more.
sub ends_connection {
    my ($c, $after, %more) = @_;
    my $within = delete $more{within} // 3;
    more($c, 1, $within);
    return if $c->{in} eq '' && defined $c->{over};
    fail(
        expected => "the server ends the $c->{name} connection, $after",
        came => length $c->{in} ? 'more bytes: ' . shown($c->{in})
            : "it is open, $within s later" . deeds($c->{of}),
        %more,
    );
}

1;
