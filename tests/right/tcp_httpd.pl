#!/usr/bin/perl
# tests/right/tcp_httpd.pl -- the exercise tcp/httpd, in Perl: a process for
# each connection.
use strict;
use warnings;
use Cwd qw(realpath);
use Errno qw(EINTR);
use Fcntl qw(O_RDONLY O_NONBLOCK SEEK_SET);
use IO::Poll qw(POLLIN);
use IO::Socket::INET;
use POSIX qw(:sys_wait_h setpgid dup2);
use Time::HiRes qw(time);

my $head_max = 32768;
my %reasons = (200 => 'OK', 206 => 'Partial Content', 400 => 'Bad Request',
    403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
    408 => 'Request Timeout', 411 => 'Length Required',
    413 => 'Content Too Large', 414 => 'URI Too Long',
    416 => 'Range Not Satisfiable', 431 => 'Request Header Fields Too Large',
    502 => 'Bad Gateway', 504 => 'Gateway Timeout');
my $token = qr{[!#\$%&'*+.^_`|~0-9A-Za-z-]+};
my ($timeout, $root, $sock, $buffer, $keep, $method) = (10);

sub usage {
    print STDERR "usage: httpd [--timeout SECONDS] ADDRESS PORT ROOT\n";
    exit 2;
}

sub fail {
    print STDERR "httpd: @_\n";
    exit 1;
}

# refuse STATUS, FIELDS: the answer to this request.
sub refuse { die [@_] }

# Whether anything comes from there before that time.
sub comes {
    my ($from, $deadline) = @_;
    while ((my $left = $deadline - time) > 0) {
        my $poll = IO::Poll->new;
        $poll->mask($from => POLLIN);
        return 1 if $poll->poll($left) > 0;
    }
    return 0;
}

# More bytes of the client; false if the time is over.
sub more {
    my ($deadline) = @_;
    comes($sock, $deadline) or return 0;
    my $n = sysread $sock, $buffer, 65536, length $buffer;
    die "gone\n" if !$n;
    return 1;
}

sub write_all {
    my ($bytes) = @_;
    my $done = 0;
    while ($done < length $bytes) {
        my $n = syswrite $sock, $bytes, length($bytes) - $done, $done;
        die "gone\n" if !defined $n;
        $done += $n;
    }
}

sub head {
    my ($status, @fields) = @_;
    push @fields, 'Connection: close' if !$keep;
    return join "\r\n", "HTTP/1.1 $status " . ($reasons{$status} // 'Other'),
        @fields, '', '';
}

sub answer {
    my ($status, $fields, $body) = @_;
    my $head = head($status, @$fields, 'Content-Length: ' . length $body);
    write_all($head . ($method eq 'HEAD' ? '' : $body));
}

sub take_head {
    if ($buffer eq '') {
        more(time + $timeout) or die "gone\n";
    }
    my $deadline = time + $timeout;
    while ($buffer !~ /\r\n\r\n/) {
        if (length $buffer > $head_max) {
            my $line = index $buffer, "\n";
            refuse($line >= 0 && $line < $head_max ? 431 : 414);
        }
        refuse(400) if $buffer =~ /\0/;
        more($deadline) or refuse(408);
    }
    $buffer =~ s/^(.*?)\r\n\r\n//s;
    return $1;
}

sub take_body {
    my ($length) = @_;
    my $deadline = time + $timeout;
    while (length $buffer < $length) {
        more($deadline) or refuse(408);
    }
    return substr $buffer, 0, $length, '';
}

sub decoded {
    my ($name) = @_;
    refuse(400) if $name =~ /%(?![0-9a-fA-F]{2})/;
    $name =~ s/%(..)/chr hex $1/ge;
    refuse(404) if $name eq '..' || $name =~ m{[/\0]};
    return $name;
}

sub under_root {
    my $path = realpath(join '/', $root, @_) // refuse(404);
    refuse(403) if $path ne $root && index($path, "$root/") != 0;
    return $path;
}

sub part {
    my ($size, %fields) = @_;
    return if $method ne 'GET' || defined $fields{'if-range'}
        || ($fields{range} // '') !~ /^bytes=(\d*)-(\d*)$/
        || ($1 eq '' && $2 eq '');
    my ($first, $last) = $1 eq '' ? ($2 > $size ? 0 : $size - $2, $size - 1)
        : ($1, $2 eq '' || $2 >= $size ? $size - 1 : $2);
    return if $1 ne '' && $2 ne '' && $2 < $1;
    refuse(416, "Content-Range: bytes */$size") if $first >= $size;
    return ($first, $last - $first + 1);
}

sub serve_file {
    my ($names, %fields) = @_;
    my $path = under_root(@$names);
    $path = under_root(@$names, 'index.html') if -d $path;
    sysopen my $file, $path, O_RDONLY | O_NONBLOCK
        or refuse($!{EACCES} ? 403 : 404);
    refuse(403) if !-f $file;
    my $size = -s $file;
    my @part = part($size, %fields);
    my ($first, $count) = @part ? @part : (0, $size);
    my @about = ('Content-Type: ' . ($path =~ /\.html$/
        ? 'text/html; charset=utf-8' : 'application/octet-stream'));
    push @about, "Content-Range: bytes $first-" . ($first + $count - 1)
        . "/$size" if @part;
    write_all(head(@part ? 206 : 200, @about, "Content-Length: $count"));
    return if $method eq 'HEAD';
    sysseek $file, $first, SEEK_SET;
    while ($count > 0) {
        my $n = sysread $file, my $piece, $count < 65536 ? $count : 65536;
        die "gone\n" if !$n;
        write_all($piece);
        $count -= $n;
    }
}

sub environment {
    my ($names, $count, $query, $minor, $body, %fields) = @_;
    my $last = $#$names;
    my %found = (GATEWAY_INTERFACE => 'CGI/1.1', SERVER_SOFTWARE => 'mine',
        SERVER_PROTOCOL => "HTTP/1.$minor", REQUEST_METHOD => $method,
        SERVER_NAME => ($fields{host} // $sock->sockhost) =~ s/:\d*$//r,
        SERVER_PORT => $sock->sockport, REMOTE_ADDR => $sock->peerhost,
        SCRIPT_NAME => join('/', '', @$names[0 .. $count - 1]),
        QUERY_STRING => $query);
    $found{PATH_INFO} = join '/', '', @$names[$count .. $last]
        if $count <= $last;
    $found{CONTENT_LENGTH} = length $body if length $body;
    $found{CONTENT_TYPE} = $fields{'content-type'}
        if defined $fields{'content-type'};
    for my $name (keys %fields) {
        next if $name =~ /^(proxy|content-(type|length)|connection)$/;
        $found{'HTTP_' . uc($name) =~ tr/-/_/r} = $fields{$name};
    }
    return %found;
}

my $script; # its process group

# What the script prints; undef if it takes too long.
sub output_of {
    my ($path, $body, %environment) = @_;
    open my $in, '+>', undef or refuse(502);
    binmode $in;
    print $in $body;
    seek $in, 0, SEEK_SET;
    pipe my $out, my $write or refuse(502);
    $script = fork // refuse(502);
    if ($script == 0) {
        setpgid(0, 0);
        $SIG{$_} = 'DEFAULT' for qw(PIPE INT TERM);
        dup2(fileno $in, 0);
        dup2(fileno $write, 1);
        %ENV = %environment;
        exec { $path } $path or POSIX::_exit(127);
    }
    setpgid($script, $script);
    close $write;
    my ($output, $ended, $deadline) = ('', 0, time + $timeout);
    while (!$ended && comes($out, $deadline)) {
        $ended = !sysread $out, $output, 65536, length $output;
    }
    kill 'KILL', -$script;
    waitpid $script, 0;
    undef $script;
    return $ended ? $output : undef;
}

sub serve_script {
    my ($names, $query, $minor, $body, %fields) = @_;
    my ($path, $count);
    for (2 .. @$names) {
        $path = under_root(@$names[0 .. $_ - 1]);
        $count = $_;
        refuse(404) if !-e $path;
        last if -f _;
    }
    refuse(404) if !$count || !-f $path;
    refuse(403) if !-x _;
    my $output = output_of($path, $body,
        environment($names, $count, $query, $minor, $body, %fields))
        // refuse(504);
    my ($head, $content) = $output =~ /^(.+?\n)\r?\n(.*)/s or refuse(502);
    my ($status, @about) = 200;
    for (split /\r?\n/, $head) {
        if (/^status:\s*(\d{3})/i) {
            $status = $1;
        } elsif (!/^content-length:/i) {
            push @about, $_;
        }
    }
    answer($status, \@about, $content);
}

sub serve_one {
    my ($line, @lines) = split /\r\n/, take_head(), -1;
    refuse(414) if length $line > 16384;
    $line =~ m{^($token) (/[!-~]*) HTTP/1\.([01])$} or refuse(400);
    ($method, my $target, my $minor) = ($1, $2, $3);
    my (%fields, %times);
    for (@lines) {
        /^($token):[ \t]*([^\x00-\x08\x0a-\x1f]*?)[ \t]*\z/ or refuse(400);
        $fields{lc $1} = $2;
        $times{lc $1}++;
    }
    $times{$_} //= 0 for qw(host content-length);
    refuse(400) if $times{host} > 1 || ($times{host} == 0 && $minor == 1)
        || $times{'content-length'} > 1;
    $keep = $minor == 1 && lc($fields{connection} // '') ne 'close';
    refuse(411) if $fields{'transfer-encoding'};
    my $length = $fields{'content-length'} // 0;
    $length =~ /^\d{1,15}$/ or refuse(400);
    refuse(413) if $length > 1 << 20;
    my $body = take_body($length);

    my ($path, $query) = split /\?/, $target, 2;
    my @names = grep { $_ ne '' && $_ ne '.' } map { decoded($_) }
        split m{/}, $path;
    if (@names && $names[0] eq 'cgi-bin') {
        refuse(405, 'Allow: GET, HEAD, POST') if $method !~ /^(GET|HEAD|POST)$/;
        serve_script(\@names, $query // '', $minor, $body, %fields);
    } else {
        refuse(405, 'Allow: GET, HEAD') if $method !~ /^(GET|HEAD)$/;
        serve_file(\@names, %fields);
    }
}

sub serve {
    ($buffer, $keep) = ('', 1);
    while ($keep) {
        $method = 'GET';
        next if eval { serve_one(); 1 };
        return if !ref $@;
        my ($status, @fields) = @{ $@ };
        $keep = 0 if $status =~ /^(400|408|411|413|414|431)$/;
        eval { answer($status, \@fields, "$reasons{$status}\n"); 1 } or return;
    }
    # Closed with bytes unread it would be a reset.
    shutdown $sock, 1;
    my $deadline = time + 1;
    eval { $buffer = '' while more($deadline) };
}

if (@ARGV && $ARGV[0] eq '--timeout') {
    (undef, $timeout) = splice @ARGV, 0, 2;
    usage() if ($timeout // '') !~ /^[1-9]\d{0,3}$/;
}
usage() if @ARGV != 3 || $ARGV[1] !~ /^\d+$/ || $ARGV[1] > 65535;
opendir my $folder, $ARGV[2] or fail("$ARGV[2]: $!");
closedir $folder;
$root = realpath($ARGV[2]);
my $listener = IO::Socket::INET->new(LocalAddr => $ARGV[0],
    LocalPort => $ARGV[1], Listen => 128, ReuseAddr => 1)
    or fail("$ARGV[0] port $ARGV[1]: $!");

my %children;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = sub {
    local ($!, $?);
    while ((my $child = waitpid -1, WNOHANG) > 0) { delete $children{$child} }
};
my $master = $$;
for my $name (qw(INT TERM)) {
    $SIG{$name} = sub {
        if ($$ != $master) {
            kill 'KILL', -$script if $script;
            POSIX::_exit(0);
        }
        close $listener;
        $SIG{CHLD} = 'DEFAULT';
        kill 'TERM', keys %children;
        1 while waitpid(-1, 0) > 0;
        $SIG{$name} = 'DEFAULT';
        kill $name, $$;
    };
}
$| = 1;
print 'ready on http://', $listener->sockhost, ':', $listener->sockport, "\n"
    or fail("stdout: $!");
while (1) {
    $sock = $listener->accept;
    if (!$sock) {
        next if $! == EINTR;
        fail("accept: $!");
    }
    my $child = fork;
    if (!defined $child) {
        warn "httpd: fork: $!\n";
        next;
    }
    if ($child == 0) {
        close $listener;
        $SIG{CHLD} = 'DEFAULT';
        serve();
        POSIX::_exit(0);
    }
    $children{$child} = 1;
    close $sock;
}
