# common/exercise/tcp/httpd.pl -- the stages of tcp/httpd.
use strict;
use warnings;
use Grader;
use Http;
use Net;
use Process;
use Reading;
use Socket qw(SOL_SOCKET SO_LINGER);

my $you_here = 'YOU 127.0.0.1 9400 build/tcp/www';
my $url = 'http://127.0.0.1:9400';
my $site = 'exercises/site'; # to try things with
my $you_there = "YOU 127.0.0.1 9400 $site";
my $script = "mkdir -p $site/cgi-bin; printf '#!/bin/sh\\necho Content-Type:"
    . " text/plain\\necho\\nenv\\ncat\\n' >$site/cgi-bin/try;"
    . " chmod +x $site/cgi-bin/try";
my $text = "Hello, you on the other side.\n";
my $close = 'Connection: close';

# What cannot be told from the outside of a path that is not served.
my $refused = [400, 403, 404];

# The server goes on, and answers.
sub still_serves {
    my ($you, $port, $after) = @_;
    fetch($you, $port, request('GET', '/hello.txt', $close), body => $text,
        expected => "an answer, $after");
}

# It has no more descriptors than before, and no child that nobody waits for.
sub has_no_more {
    my ($you, $before, $after) = @_;
    my ($zombies, $now);
    wait_until(sub {
        $zombies = grep { $_->[1] eq 'Z' } $you->children;
        return $zombies == 0 && ($now = $you->descriptors) <= $before;
    }, 2);
    expect($zombies == 0, expected => "no zombie, $after",
        came => "$zombies children that have ended, and are not waited for",
        why => 'A child that has ended stays in the process table until its'
            . ' parent waits for it. SIGCHLD says that there is one; and one'
            . ' SIGCHLD may stand for several: waitpid(2) with WNOHANG, until'
            . ' there is none left.');
    expect($now <= $before,
        expected => "$before open descriptors in the server, $after",
        came => "$now: ls -l /proc/$you->{pid}/fd",
        why => 'Each connection has a descriptor, and after fork one in each of'
            . ' two processes: the parent closes its own at once, the child'
            . ' when it has answered; with 1024 of them accept fails with'
            . ' EMFILE. And the client would never see the end.');
}

# A script that prints nothing: it writes down its process id, and stays.
sub hanging_script {
    my $pid = file('pid');
    script_named('hang', "echo \$\$ >$pid\nexec tail -f /dev/null\n");
}

sub hangs { return wait_until(sub { -s file('pid') }, 2) }

sub script_is_gone {
    my ($after) = @_;
    open my $file, '<', file('pid') or return;
    chomp(my $pid = <$file> // '');
    my $is_gone = wait_until(sub { (Process::stat_of($pid))[0] =~ /[XZ]/ }, 2);
    unlink file('pid');
    expect($is_gone, expected => "the script has ended, $after",
        came => "process $pid, the script, is there 2 s later",
        why => 'A script that has had its time is killed, and with it all that'
            . ' it has started: a process group of its own, setpgid(2), and'
            . ' kill(2) of minus its number.');
}

# The connection is reset, not closed.
sub hangs_up {
    my ($c) = @_;
    note($c->{name}, 'goes away, with a reset');
    setsockopt $c->{sock}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    close $c->{sock};
}

stage 'the first page arrives',
    hand => [$you_here, by_hand("GET /hello.txt HTTP/1.1\r\nHost: me\r\n"
        . "Connection: close\r\n\r\n")],
    notes => 'tcp/httpd.md, How a request flows',
    why => 'A request is a line, METHOD TARGET HTTP/1.1, fields, and an empty'
        . ' line; an answer is a status line, fields, an empty line, and the'
        . ' content. Content-Length says how many bytes that is: RFC 9112,'
        . ' sections 2 to 4.',
    hint => 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n, and the 30 bytes of'
        . ' the file. Then close.',
    sub {
        put('hello.txt', $text);
        my ($you, $port) = web_server();
        expect(is_bound('tcp', $port),
            expected => "a socket that listens on port $port, at ready",
            came => 'there is none in /proc/net/tcp',
            why => 'Clients may come as soon as ready is said: listen first.');
        my $c = client($you, $port);
        sends($c, request('GET', '/hello.txt', $close));
        gets($c, body => $text,
            fields => { 'Content-Length' => length $text });
        ends_connection($c, 'as the client asked for (Connection: close)');
        still_serves($you, $port, 'when one client has gone');
    };

stage 'what it cannot start with, it says',
    hand => ['YOU', 'YOU 192.0.2.1 9400 .', 'YOU 127.0.0.1 9400 none',
        'YOU 127.0.0.1 9400 . >/dev/full'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments; an address that this machine has'
        . ' not, a port that is taken, a ROOT that is not there, or a stdout'
        . ' that is full is a call that fails: status 1, and no ready.',
    hint => 'bind(2) and open(2) with O_DIRECTORY say so; of printf(3) only'
        . ' fflush(3) does.',
    sub {
        my $root = folder();
        wrong_arguments([], ['127.0.0.1', '0', $root, $root],
            ['--timeout', '0', '127.0.0.1', '0', $root]);
        not_our_address($root);
        my $taken = tcp_socket();
        my $you = you('127.0.0.1', port_of($taken), $root);
        ends($you, 1, after => 'as another program listens on that port');
        says_why($you, qr/Address already in use/, 'Address already in use');
        prints($you, []);
        $you = you('127.0.0.1', 0, file('none'));
        ends($you, 1, after => 'as ROOT is not there');
        says_why($you, qr/No such file/, 'No such file or directory');
        prints($you, []);
        full_disk(you('127.0.0.1', 0, $root, { stdout => '/dev/full' }));
    };

stage 'files, byte for byte, and HEAD without one',
    hand => [$you_here,
        "curl -s $url/index.html | cmp - build/tcp/www/index.html",
        by_hand("HEAD /hello.txt HTTP/1.1\r\nHost: me\r\n"
            . "Connection: close\r\n\r\n")],
    notes => 'tcp/httpd.md, How a request flows',
    why => 'A file may be empty, may have any bytes in it, NUL too, and may be'
        . ' larger than one write(2) takes: it returns how many bytes it took.',
    hint => 'fstat(2) for the length; then a loop of read and write, or'
        . ' sendfile(2), until all is sent.',
    sub {
        my %files = ('empty' => '', 'one' => "\0",
            'small.bin' => bytes_of(16384), 'large.bin' => bytes_of(3_000_001),
            'deep/er/file' => 'deep', 'a b&c.txt' => 'named',
            'page.html' => "<p>\xc3\xa9\n",
            'index.html' => "<h1>home</h1>\n");
        put($_, $files{$_}) for keys %files;
        my ($you, $port) = web_server();
        my $whole = sub {
            my ($path, $name, %more) = @_;
            fetch($you, $port, request('GET', $path, $close),
                body => $files{$name}, %more, fields => { %{ $more{fields}
                // {} }, 'Content-Length' => length $files{$name} });
        };
        $whole->("/$_", $_) for sort grep { !/ / } keys %files;
        $whole->('/a%20b%26c.txt', 'a b&c.txt', why => 'In a URL a byte may be'
            . ' written as %XX, in hexadecimal; and where it could be mistaken,'
            . ' it has to be: RFC 3986, section 2.1.');
        $whole->('/one?x=1&y=%2', 'one', why => 'What follows the first ? is'
            . ' the query, and no part of the path. A file has no use for it.');
        $whole->('/', 'index.html', why => 'The page of a folder is the'
            . ' index.html in it.');
        $whole->('/page.html', 'page.html', fields => { 'Content-Type' =>
            [qr{^text/html}, 'text/html'] }, why => 'A browser shows a page as'
            . ' such only if Content-Type says that it is one: RFC 9110,'
            . ' section 8.3.');
        my $head = 'HEAD asks for the head of the answer to GET, Content-Length'
            . ' too, and no body follows: RFC 9110, section 9.3.2. A byte of'
            . ' one would be taken for the beginning of the next answer.';
        for (['/small.bin', 200, { 'Content-Length' => 16384 }],
            ['/none', 404, {}]) {
            my ($path, $status, $fields) = @$_;
            my $c = client($you, $port, 'HEAD');
            sends($c, request('HEAD', $path, $close));
            gets($c, status => $status, fields => $fields, why => $head);
            ends_connection($c, 'after a head', why => $head);
        }
    };

stage 'a head that comes in pieces',
    hand => [$you_here, "bash -c \"exec 3<>/dev/tcp/127.0.0.1/9400;"
        . " printf 'GET /hello.t' >&3; read -t 1;"
        . " printf 'xt HTTP/1.0\\r\\n\\r\\n' >&3; cat -v <&3\""],
    notes => 'tcp/README.md, The calls',
    why => 'read(2) returns what has arrived, which may be a part of a head, or'
        . ' more than one. A head ends at its empty line and nowhere else.',
    hint => 'A buffer: read into it, behind what is there already, until it'
        . ' has "\r\n\r\n" in it.',
    sub {
        put('hello.txt', $text);
        my ($you, $port) = web_server();
        my $request = request('GET', '/hello.txt');
        my $length = length $request;
        for my $cut (1, 4, 12, 25, $length - 3, $length - 2, $length - 1) {
            my $c = client($you, $port, "cut at $cut");
            push @{ $c->{asked} }, $request;
            says($c, substr($request, 0, $cut), "its first $cut bytes");
            wait_until(sub { '' }, 0.03);
            says($c, substr($request, $cut), 'the rest');
            gets($c, body => $text);
        }
        my $c = client($you, $port, 'slow');
        $c->{asked} = [$request];
        for my $byte (split //, $request) {
            send $c->{sock}, $byte, 0;
            wait_until(sub { '' }, 0.002);
        }
        note('slow', 'sends a request, byte by byte');
        gets($c, body => $text);
    };

stage 'what is no request, or cannot be answered, is told so',
    hand => [$you_here, by_hand("hello\r\n\r\n"),
        "curl -i -X DELETE $url/hello.txt"],
    notes => 'tcp/httpd.md, Hostile requests',
    why => 'After a request that is none it is unknown where the next one'
        . ' begins: 400, and the connection ends. RFC 9112, sections 3 and'
        . ' 6.3.',
    hint => 'Three words with one space between them, the last one HTTP/1.0 or'
        . ' HTTP/1.1; each line ends in CR LF; one Host. As soon as the buffer'
        . ' is full without an empty line: 414 or 431.',
    sub {
        put('hello.txt', $text);
        my ($you, $port) = web_server();
        my $get = "GET /hello.txt HTTP/1.1\r\n";
        my $two = 'Two programs that read a length differently see different'
            . ' requests behind it: request smuggling. Refuse it: RFC 9112,'
            . ' section 6.3.';
        my $host = 'HTTP/1.1 wants one Host, and one only: RFC 9112, section'
            . ' 3.2.';
        my $name = 'The name of a field ends at its colon, without a space:'
            . ' RFC 9112, section 5.1.';
        for (
            [404, request('GET', '/none')],
            [404, request('GET', '/hello.txt/more')],
            [405, request('DELETE', '/hello.txt'), 'A method that is known, but'
                . ' not allowed here: 405, and Allow says which are: RFC 9110,'
                . ' section 15.5.6.',
                { Allow => [qr/GET.*HEAD/, 'GET, HEAD'] }],
            [[405, 501], request('BREW', '/hello.txt')],
            [400, "hello\r\n\r\n"],
            [400, "GET /hello.txt\r\nHost: me\r\n\r\n"],
            [400, "GET  /hello.txt HTTP/1.1\r\nHost: me\r\n\r\n"],
            [400, "GET /hello.txt HTTP/1.1 x\r\nHost: me\r\n\r\n"],
            [400, "GET hello.txt HTTP/1.1\r\nHost: me\r\n\r\n"],
            [400, "GET /hello.txt FTP/1.1\r\nHost: me\r\n\r\n"],
            [[400, 505], "GET /hello.txt HTTP/2.0\r\nHost: me\r\n\r\n"],
            [400, "$get\r\n", $host],
            [400, "${get}Host: me\r\nHost: you\r\n\r\n", $host],
            [400, "${get}Host: me\r\nno colon\r\n\r\n"],
            [400, "${get}Host: me\r\nRange : bytes=0-1\r\n\r\n", $name],
            [400, "${get}Host: me\r\nX: a\0b\r\n\r\n",
                'A NUL has no place in a head: RFC 9110, section 5.5.'],
            [400, "\x16\x03\x01\0\x05hello\r\n\r\n"],
            [400, request('GET', '/hello.txt', 'Content-Length: +5') . 'hello',
                $two],
            [400, request('GET', '/hello.txt', 'Content-Length: 5',
                'Content-Length: 6') . 'hello!', $two],
        ) {
            my ($status, $request, $why, $fields) = @$_;
            my $c = client($you, $port);
            sends($c, $request);
            gets($c, status => $status, fields => $fields,
                hand => [$you_here, by_hand($request)],
                $why ? (why => $why) : ());
            ends_connection($c, 'after a request that is none')
                if "$status" eq '400';
        }
        my $long = 'a' x 7000;
        fetch($you, $port, request('GET', "/$long"), status => 404,
            why => 'A request line of 8000 bytes has to be understood: RFC'
                . ' 9112, section 3. It is only that there is no such file'
                . ' (ENAMETOOLONG, too).');
        for ([414, request('GET', '/' . 'a' x 70000)],
            [431, request('GET', '/', map { "X-$_: $long" } 1 .. 10)]) {
            my ($status, $request) = @$_;
            fetch($you, $port, $request, status => $status,
                why => 'A buffer has an end. What does not fit is refused as'
                    . ' soon as the buffer is full: 414 where the first line is'
                    . ' too long (RFC 9110, section 15.5.15), 431 where the'
                    . ' fields are (RFC 6585, section 5). To close without an'
                    . ' answer while bytes are unread is a reset, which can'
                    . ' overtake the answer: shut down for writing, and read'
                    . ' on.');
        }
        still_serves($you, $port, 'after all of these');
    };

stage 'one connection, a thousand requests',
    hand => [$you_here, "curl -s $url/hello.txt $url/hello.txt",
        by_hand("GET /hello.txt HTTP/1.1\r\nHost: me\r\n\r\n" x 2)],
    notes => 'tcp/httpd.md, How a request flows',
    why => 'A connection of HTTP/1.1 stays until one side says Connection:'
        . ' close. What has arrived behind a request is the beginning of the'
        . ' next one (pipelining): keep it. Answers come in the order of the'
        . ' requests: RFC 9112, section 9.',
    hint => 'After an answer move what is left in the buffer to its beginning,'
        . ' and look there for a head before you read again. An unused body is'
        . ' read, and thrown away.',
    sub {
        put('hello.txt', $text);
        put('other.txt', 'other');
        my ($you, $port) = web_server();
        my $c = client($you, $port);
        for my $n (1 .. 3) {
            sends($c, request('GET', '/hello.txt'));
            gets($c, body => $text);
        }
        sends($c, request('GET', '/other.txt'), request('HEAD', '/hello.txt'),
            request('GET', '/none'), request('GET', '/hello.txt'));
        gets($c, body => 'other');
        gets($c);
        gets($c, status => 404);
        gets($c, body => $text);

        # A body that nobody has asked for is not a request.
        my $body = request('GET', '/other.txt');
        sends($c, request('GET', '/hello.txt', 'Content-Length: '
            . length $body) . $body, request('GET', '/hello.txt'));
        my $unused = 'The body belongs to its request, also where it is of no'
            . ' use: read over it, Content-Length bytes, or end the connection.'
            . ' What follows it is the next request.';
        my $first = gets($c, body => $text, why => $unused);
        gets($c, body => $text, why => $unused)
            if lc($first->{fields}{connection} // '') ne 'close';

        # The second head is cut, and its rest comes after the first answer.
        $c = client($you, $port, 'half more');
        sends($c, $body . substr $body, 0, 9);
        gets($c, body => 'other');
        push @{ $c->{asked} }, $body;
        says($c, substr($body, 9), 'the rest of the second request');
        gets($c, body => 'other');

        $c = client($you, $port, 'busy');
        for (1 .. 10) {
            sends($c, (request('GET', '/other.txt')) x 99,
                request('GET', '/hello.txt'));
            gets($c, body => 'other') for 1 .. 99;
            gets($c, body => $text);
        }
        sends($c, request('GET', '/hello.txt', $close));
        gets($c, body => $text);
        ends_connection($c, 'as the client asked for (Connection: close)');
        $c = client($you, $port, 'old');
        sends($c, "GET /hello.txt HTTP/1.0\r\n\r\n");
        gets($c, body => $text);
        ends_connection($c, 'as HTTP/1.0 expects: RFC 9112, section 9.3');
    };

stage 'no path and no link leads out of ROOT',
    hand => ["mkdir -p $site; ln -sf /etc/passwd $site/up", $you_there,
        "curl -i --path-as-is $url/../../Makefile",
        "curl -i $url/%2e%2e/%2e%2e/Makefile", "curl -i $url/up"],
    notes => 'tcp/httpd.md, Hostile requests',
    why => 'Decode first, and look then: %2e is a dot. A name .. and a link can'
        . ' lead out of ROOT; and a comparison of paths as texts takes site-old'
        . ' for a part of site.',
    hint => 'Refuse each name that is .., after decoding. Of links the kernel'
        . ' knows best: openat2(2) with RESOLVE_BENEATH; or compare'
        . ' realpath(3) with ROOT and a slash.',
    sub {
        put('hello.txt', $text);
        put('docs/page', 'page');
        put('../root-old/secret', 'secret');
        put('../secret', 'secret');
        for (['../secret', 'up'], [file('secret'), 'absolute'],
            ['..', 'folder'], ['../root-old', 'old'],
            ['../../secret', 'docs/up']) {
            symlink $_->[0], file("root/$_->[1]") or die "symlink: $!";
        }
        POSIX::mkfifo(file('root/fifo'), 0600) or die "mkfifo: $!";
        my ($you, $port) = web_server();
        my $dots = 'A name .. leads one folder up, however it is written:'
            . ' decode %XX once, and look at the names then.';
        my $link = 'It is a symbolic link that leads out of ROOT. Whoever can'
            . ' make links there could show any file of the machine.';
        for (
            ['/../secret', $dots], ['/docs/../../secret', $dots],
            ['/%2e%2e/secret', $dots], ['/..%2fsecret', $dots],
            ['/.%2E/secret', $dots], ['/docs/..//../secret', $dots],
            ['/../root-old/secret', 'root-old is not in root, although its name'
                . ' begins so.'],
            ['/' . file('secret'), 'What follows the slash is a path under'
                . ' ROOT, not under /.'],
            ['/up', $link], ['/absolute', $link], ['/folder/secret', $link],
            ['/old/secret', $link], ['/docs/up', $link],
            ['/hello.txt%00.html', 'A path of the kernel ends at a NUL; a name'
                . ' with one in it is none.'],
            ['/%2', 'After % two hexadecimal digits are missing.'],
            ['/fifo', 'What is no regular file has no length; and to open a'
                . ' FIFO waits for a writer: open(2) with O_NONBLOCK, then'
                . ' fstat(2).'],
        ) {
            my ($path, $why) = @$_;
            fetch($you, $port, request('GET', $path, $close),
                status => $refused, why => $why, within => 2);
        }
        still_serves($you, $port, 'after all of these');
        fetch($you, $port, request('GET', '/docs/page', $close),
            body => 'page');
    };

stage 'a part of a file',
    hand => [$you_here, "curl -i -r 7-9 $url/hello.txt",
        "curl -i -r 30- $url/hello.txt"],
    notes => 'tcp/httpd.md, How a request flows',
    why => 'bytes=7-9 are three bytes: the first byte is 0, and both ends'
        . ' count. The answer is 206, and Content-Range says which ones, of how'
        . ' many: RFC 9110, section 14.',
    hint => 'first-last, first- to the end, -n the last n. A last that is too'
        . ' large is the end. A first beyond the end: 416, with Content-Range:'
        . ' bytes */LENGTH. All that is not understood is ignored: 200.',
    sub {
        put('hello.txt', $text);
        put('empty', '');
        my ($you, $port) = web_server();
        my $c = client($you, $port);
        my $asks = sub {
            my ($range, %want) = @_;
            sends($c, request(delete $want{method} // 'GET',
                delete $want{path} // '/hello.txt', "Range: $range",
                @{ delete $want{more} // [] }));
            gets($c, %want, hand => [$you_here,
                "curl -i -H 'Range: $range' $url/hello.txt"]);
        };
        for (['7-9', 7, 9], ['0-0', 0, 0], ['29-29', 29, 29], ['7-', 7, 29],
            ['0-', 0, 29], ['-5', 25, 29], ['-1', 29, 29], ['-100', 0, 29],
            ['20-100', 20, 29], ['0-29', 0, 29]) {
            my ($range, $first, $last) = @$_;
            my $n = $last - $first + 1;
            $asks->("bytes=$range", status => 206,
                fields => { 'Content-Range' => "bytes $first-$last/30",
                    'Content-Length' => $n },
                body => substr $text, $first, $n);
        }
        $asks->("bytes=$_", status => 416, whys => { 206 => 'There is no such'
            . ' byte: a range that begins beyond the end is 416, not empty.',
            200 => 'A client that goes on with a download would take all of the'
            . ' file for its rest: 416, RFC 9110, section 15.5.17.' },
            fields => { 'Content-Range' => 'bytes */30' }) for '30-', '30-40';
        $asks->('bytes=0-', path => '/empty', status => 416);
        $asks->($_, body => $text, why => 'A Range that is not understood is as'
            . ' none: 200, and all of the file: RFC 9110, section 14.2.')
            for 'bytes=9-7', 'bytes=x-', 'bytes=-', 'lines=1-2', 'bytes 1-2',
            'bytes=1-2x';
        $asks->('bytes=7-9', more => ['If-Range: "of yesterday"'],
            body => $text, why => 'If-Range: send the part only if the file is'
                . ' still that of this tag; otherwise all of it. Without tags'
                . ' of your own it never is: RFC 9110, section 13.1.5.');
    };

stage 'a script: its variables, and its status',
    hand => [$script, $you_there, "curl -i '$url/cgi-bin/try/a%20b?x=1'"],
    notes => 'tcp/httpd.md, Scripts',
    why => 'What is under /cgi-bin/ is run, and its output is the answer: its'
        . ' own fields, an empty line, and the body. Lines may end in \n there.'
        . ' The variables are those of RFC 3875, section 4.1.',
    hint => 'pipe, fork, dup2, execve with an environment of your own. Read'
        . ' to the empty line; Status: 404 Not Found is the status line.',
    sub {
        put('hello.txt', $text);
        script_named('env', "printf 'Content-Type: text/plain\\n\\n'\nenv\n"
            . "ls -l /proc/\$\$/fd | sed -En"
            . " 's/^.* ([0-9]+ -> socket:)/INHERITED=\\1/p'\n");
        script_named('lost', "printf 'Status: 404 Not Found\\r\\n'\n"
            . "printf 'Content-Type: text/x-lost\\r\\n\\r\\nlost'\n");
        script_named('mute', ':');
        script_named('locked', 'printf "Content-Type: a/b\n\n"');
        chmod 0644, file('root/cgi-bin/locked');
        my ($you, $port) = web_server();
        my $named = 'The variables of a script: RFC 3875, section 4.1. ';
        my $check = sub {
            my ($request, @wanted) = @_;
            my $answer = fetch($you, $port, $request, fields =>
                { 'Content-Type' => [qr{^text/plain}, 'text/plain'] });
            my %came = map { /^(\w+)=(.*)/ } split /\n/, $answer->{body};
            for (@wanted) {
                my ($name, $value, $why) = @$_;
                my $is = $came{$name};
                next if defined $value ? ($is // '') eq $value
                    : !length($is // '');
                fail(expected => defined $value ? "$name=$value" : "no $name",
                    came => defined $is ? "$name=$is" : "no $name",
                    beside => [['request', shown($request)]],
                    why => $why // $named);
            }
        };
        $check->(request('GET', '/cgi-bin/env/extra%20path?a=1&b=%20c',
            'User-Agent: grader', 'Proxy: evil', $close),
            ['REQUEST_METHOD', 'GET'], ['SCRIPT_NAME', '/cgi-bin/env'],
            ['QUERY_STRING', 'a=1&b=%20c', $named . 'The query is passed as it'
                . ' came: only the script knows its & from a %26.'],
            ['PATH_INFO', '/extra path', $named . 'What follows the name of the'
                . ' script is PATH_INFO, decoded.'],
            ['GATEWAY_INTERFACE', 'CGI/1.1'], ['SERVER_PROTOCOL', 'HTTP/1.1'],
            ['SERVER_NAME', 'me', $named . 'It is the Host, without a port.'],
            ['SERVER_PORT', $port], ['REMOTE_ADDR', '127.0.0.1'],
            ['CONTENT_LENGTH', undef, $named . 'There is none without a body.'],
            ['HTTP_USER_AGENT', 'grader', $named . 'Each field of the request'
                . ' is HTTP_ and its name: capitals, and _ for -.'],
            ['HTTP_PROXY', undef, 'Programs that fetch take HTTP_PROXY for the'
                . ' proxy to use: a client that sets it sees all they do'
                . ' ("httpoxy"). Leave the field Proxy out.'],
            ['INHERITED', undef, 'The script has inherited a socket of the'
                . ' server: as long as it runs the port is taken, or the client'
                . ' does not see the end. SOCK_CLOEXEC.']);
        $check->(request('POST', '/cgi-bin/env', 'Content-Length: 3',
            'Content-Type: text/x-mine', $close) . 'abc',
            ['REQUEST_METHOD', 'POST'], ['QUERY_STRING', ''],
            ['PATH_INFO', undef], ['CONTENT_LENGTH', 3],
            ['CONTENT_TYPE', 'text/x-mine'],
            ['INHERITED', undef, 'The connection itself is no stdin for a'
                . ' script: where the body ends it has no end of file, and what'
                . ' follows is the next request. A pipe, or a file.']);
        fetch($you, $port, request('GET', '/cgi-bin/lost', $close),
            status => 404,
            fields => { 'Content-Type' => 'text/x-lost', Status => undef },
            body => 'lost', why => 'Status: 404 Not Found is for the server: it'
                . ' becomes the status line. RFC 3875, section 6.3.3.');
        fetch($you, $port, request('GET', '/cgi-bin/none', $close),
            status => 404);
        fetch($you, $port, request('GET', '/cgi-bin/locked', $close),
            status => [403, 500], why => 'It may not be executed: that is no'
                . ' reason to show its source, nor to be silent.');
        fetch($you, $port, request('GET', '/cgi-bin/mute', $close),
            status => [500, 502], why => 'It has ended without a head: that is'
                . ' its fault, 502 or 500, and not an answer.');
    };

stage 'a script: what it reads, and what it writes',
    hand => [$script, $you_there, "curl -i -d hello $url/cgi-bin/try",
        "head -c 300000 /dev/zero |"
            . " curl -s --data-binary \@- $url/cgi-bin/try | wc -c"],
    notes => 'tcp/httpd.md, Scripts',
    why => 'Standard input of a script is the body of the request,'
        . ' Content-Length bytes, and then end of file; what follows on the'
        . ' connection is the next request: RFC 3875, section 4.2.',
    hint => 'The body into a file that has no name, which is the script\'s'
        . ' stdin; or a pipe, its write end closed, and poll(2) over both'
        . ' directions.',
    sub {
        put('hello.txt', $text);
        my $head = "printf 'Content-Type: text/plain\\n\\n'\n";
        script_named('echo', "${head}cat\n");
        script_named('deaf', "${head}printf deaf\n");
        script_named('much', "${head}cat " . file('root/large') . "\n");
        put('large', bytes_of(300_000));
        my ($you, $port) = web_server();
        my $post = sub {
            my ($script, $body, @more) = @_;
            return request('POST', "/cgi-bin/$script", 'Content-Length: '
                . length $body, @more) . $body;
        };
        fetch($you, $port, $post->('echo', 'hello', $close), body => 'hello',
            why => 'After the body the script waits for end of file: close'
                . ' every write end of its pipe. The connection itself is no'
                . ' stdin: it ends when the client does.');
        fetch($you, $port, request('GET', '/cgi-bin/echo', $close), body => '');
        my $c = client($you, $port);
        sends($c, $post->('echo', 'abc'), request('GET', '/hello.txt'));
        my $first = gets($c, body => 'abc');
        gets($c, body => $text)
            if lc($first->{fields}{connection} // '') ne 'close';
        close $c->{sock};
        my $large = bytes_of(300_000);
        my $both = 'A pipe holds 64 KiB. A server that writes all of the body'
            . ' before it reads, and a script that writes while it reads, wait'
            . ' for each other: a deadlock.';
        fetch($you, $port, $post->('echo', $large, $close), body => $large,
            why => $both);
        fetch($you, $port, $post->('deaf', $large, $close), body => 'deaf',
            why => 'A script need not read its input: write(2) fails with EPIPE'
                . ' then, and SIGPIPE has to be ignored. It is no error.');
        fetch($you, $port, request('GET', '/cgi-bin/much', $close),
            body => $large, why => $both);
        $c = client($you, $port, 'HEAD');
        sends($c, request('HEAD', '/cgi-bin/much', $close));
        gets($c, fields =>
            { 'Content-Type' => [qr{^text/plain}, 'text/plain'] });
        ends_connection($c, 'after the head for a HEAD',
            why => 'The answer to HEAD has no body, whatever the script'
                . ' prints.');
        still_serves($you, $port, 'after all of these');
    };

stage 'eight at once, while one is slow',
    hand => [$you_here, 'nc 127.0.0.1 9400',
        "for i in 1 2 3 4 5 6 7 8; do curl -s $url/hello.txt & done"],
    notes => 'tcp/httpd.md, Processes',
    why => 'A server that waits for one client can answer no other: a process'
        . ' or a thread for each of them, or poll(2) over all.',
    hint => 'fork(2) after accept; the parent closes the connection, and'
        . ' accepts the next.',
    sub {
        put('hello.txt', $text);
        my $go_on = file('go-on');
        script_named('wait', "read -r line <$go_on\n"
            . "printf 'Content-Type: text/plain\\n\\ndone'\n");
        POSIX::mkfifo($go_on, 0600) or die "mkfifo: $!";
        open my $large, '>', file('root/large') or die $!;
        truncate $large, 32_000_000;
        my ($you, $port) = web_server();
        still_serves($you, $port, 'at the start');
        my $silent = client($you, $port, 'silent');
        my $half = client($you, $port, 'halting');
        says($half, 'GET /hello.t', 'half of a request');
        my $reader = client($you, $port, 'slow');
        sends($reader, request('GET', '/large'));
        my $waiting = client($you, $port, 'waiting');
        sends($waiting, request('GET', '/cgi-bin/wait'));
        my @eight = map { client($you, $port, "quick $_") } 1 .. 8;
        for my $round (1 .. 3) {
            sends($_, request('GET', '/hello.txt')) for @eight;
            gets($_, body => $text) for @eight;
        }
        open my $go, '+<', $go_on or die $!;
        syswrite $go, "\n";
        gets($waiting, body => 'done');
        push @{ $half->{asked} }, 'GET /hello.txt HTTP/1.0';
        says($half, "xt HTTP/1.0\r\n\r\n", 'the rest');
        gets($half, body => $text);
        gets($reader, body => "\0" x 32_000_000, within => 5);
    };

stage 'clients that go away, and three hundred that come',
    hand => [$you_here, "curl -s $url/index.html | head -c 1",
        'ls -l /proc/PID/fd; ps --ppid PID'],
    notes => 'tcp/httpd.md, Processes',
    why => 'A client that goes away in the middle is no error of the server:'
        . ' write(2) fails with EPIPE or ECONNRESET, and that connection alone'
        . ' ends. SIGPIPE has to be ignored.',
    hint => 'signal(SIGPIPE, SIG_IGN). accept(2) again after EINTR. waitpid'
        . ' with WNOHANG in a loop, whenever SIGCHLD has come.',
    sub {
        put('hello.txt', $text);
        script_named('slow', "printf 'Content-Type: text/plain\\n\\n'\n"
            . 'exec cat ' . file('root/large') . "\n");
        open my $large, '>', file('root/large') or die $!;
        truncate $large, 8_000_000;
        my ($you, $port) = web_server();
        still_serves($you, $port, 'at the start');
        has_no_more($you, 1000, 'when one client has gone');
        my $before = $you->descriptors;
        for my $path ('/large', '/large', '/cgi-bin/slow', '/hello.txt') {
            my $c = client($you, $port, "that of $path");
            sends($c, request('GET', $path));
            hears($c, 1, 2);
            hangs_up($c);
            still_serves($you, $port, "when a client has gone away");
        }
        my $c = client($you, $port, 'brief');
        says($c, "GET /hello.txt HTTP/1.1\r\nHo", 'half of a request');
        hangs_up($c);
        client($you, $port, 'curious');
        $you->signal('CHLD');
        still_serves($you, $port, 'after SIGCHLD without a child');
        my $had = note('grader', '300 clients, ten at a time');
        for (1 .. 30) {
            my @ten = map { client($you, $port, 'one of ten') } 1 .. 10;
            sends($_, request('GET', '/hello.txt', $close)) for @ten;
            gets($_, body => $text) for @ten;
        }
        has_no_more($you, $before, 'when all clients have gone');
    };

stage 'time limits that hold',
    hand => ['YOU --timeout 1 127.0.0.1 9400 build/tcp/www',
        "time bash -c \"exec 3<>/dev/tcp/127.0.0.1/9400; printf 'GET /' >&3;"
            . ' cat -v <&3"'],
    notes => 'tcp/httpd.md, Hostile requests',
    why => 'A client that is silent, or sends a byte now and then, must not'
        . ' stay for ever. The limit is one for the whole head, not one for'
        . ' each read: 408, and the connection ends.',
    hint => 'At the first byte compute the deadline; each read gets what is'
        . ' left of it: poll(2). SO_RCVTIMEO alone limits one read.',
    sub {
        put('hello.txt', $text);
        hanging_script();
        my ($you, $port) = web_server('--timeout', 1);
        my $silent = client($you, $port, 'silent');
        my $hang = client($you, $port, 'waiting');
        sends($hang, request('GET', '/cgi-bin/hang', $close));
        my $idle = client($you, $port, 'idle');
        sends($idle, request('GET', '/hello.txt'));
        gets($idle, body => $text);
        my $half = client($you, $port, 'halting');
        sends($half, "GET /hello.txt HTTP/1.1\r\nHo");
        my $dribble = client($you, $port, 'dribbling');
        sends($dribble, "GET /hello.txt HTTP/1.1\r\nX: ");
        # Slow, but in time.
        my $slow = client($you, $port, 'slow');
        sends($slow, "GET /hello.txt HTTP/1.1\r\n");
        my ($bytes, $closed) = (0);
        for (1 .. 14) {
            wait_until(sub { '' }, 0.2);
            says($slow, "Host: me\r\n\r\n", 'the rest') if $_ == 2;
            my (undef, $over) = hears($dribble, 0, 0);
            recv $dribble->{sock}, my $came, 1, Socket::MSG_PEEK
                | Socket::MSG_DONTWAIT;
            last if $closed = defined $came && length $came;
            $bytes++;
            send $dribble->{sock}, 'x', Socket::MSG_NOSIGNAL;
        }
        note('dribbling', "has sent $bytes bytes, 0.2 s apart");
        gets($slow, body => $text);
        gets($half, status => 408);
        ends_connection($half, 'after 408');
        expect($closed, expected => '408 for the dribbling connection, 1 s'
            . ' after its first'
            . ' byte', came => "nothing, $bytes bytes and 2.8 s later",
            why => 'Each byte has started the time anew: with one a second a'
                . ' client can stay for ever. The deadline is for the whole'
                . ' head.');
        gets($dribble, status => 408);
        gets($hang, status => [500, 502, 504], why => 'A script that prints'
            . ' nothing within the time limit is ended, and the client is told:'
            . ' 504. RFC 9110, section 15.6.5.');
        ends_connection($_, 'as nothing has come on it for a second')
            for $silent, $idle;
        script_is_gone('as it has printed nothing for a second');
    };

stage '^C and TERM leave nothing',
    hand => [$you_here, 'kill -INT PID; ps --ppid PID', $you_here],
    notes => 'tcp/httpd.md, Processes',
    why => 'It ends by that signal, and with it its children, scripts too. A'
        . ' new server can have the port at once: SO_REUSEADDR, before bind(2);'
        . ' and no child may keep the socket that listens.',
    hint => 'A handler, or signalfd(2): kill the children, wait for them, then'
        . ' raise the signal with its default action.',
    sub {
        for (['INT', 2], ['TERM', 15]) {
            my ($signal, $number) = @$_;
            put('hello.txt', $text);
            hanging_script();
            my ($you, $port) = web_server('--timeout', 1);
            my $idle = client($you, $port, 'idle');
            sends($idle, request('GET', '/hello.txt'));
            gets($idle, body => $text);
            my $hang = client($you, $port, 'waiting');
            sends($hang, request('GET', '/cgi-bin/hang'));
            hangs();
            my $silent = client($you, $port, 'silent');
            # Closed by the server: its port remembers that for a minute.
            still_serves($you, $port, 'with three clients');
            $you->signal($signal);
            ends($you, $signal, after => "by SIG$signal", number => $number);
            leaves_no_process();
            script_is_gone("by SIG$signal");
            my $again = you('127.0.0.1', $port, file('root'));
            ready($again, "ready on http://127.0.0.1:$port")
                if !wait_until(sub { $again->ended }, 0.3);
            expect(!$again->ended,
                expected => "a new server on port $port, at once",
                came => $again->{err}[-1] // $again->how_ended,
                why => 'A connection of the old server still exists, in'
                    . ' TIME_WAIT: bind refuses unless SO_REUSEADDR was set'
                    . ' before.');
            still_serves($again, $port, 'on the port of the old one');
            $again->signal($signal);
            ends($again, $signal, after => "by SIG$signal", number => $number);
        }
    };

solved 'Its processes are forked beforehand, if it is asked to; a directory is'
    . ' a list; what was sent is remembered by a tag, and 304 says that it is'
    . ' still the same; a body may come in chunks; and what is in ROOT is'
    . ' opened and checked by the kernel in one step.';
