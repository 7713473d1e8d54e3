# tests/httpd.bash -- a site, and clients of it, for the tests of tcp/httpd.
# shellcheck shell=bash disable=SC2016 # the dollars are perl's

load helpers
export limit=60 # a server is there for a whole test

# Each test has a site of its own, and outside of it a secret.
site_and_secret() {
    mkdir -p site/docs site/cgi-bin/deeper
    echo '<h1>welcome</h1>' >site/index.html
    printf 'some text\n' >site/a.txt
    echo secret >outside
    script env <<'EOF'
printf 'Content-Type: text/plain\n\n'
env | sort
cat
EOF
    script echo <<'EOF'
printf 'Content-Type: text/plain\n\n'
cat
EOF
}

# script NAME: a shell script from standard input, under cgi-bin.
script() {
    { echo '#!/bin/sh'; cat; } >"site/cgi-bin/$1"
    chmod 755 "site/cgi-bin/$1"
}

prepare site_and_secret

# slow_script: cgi-bin/slow, which waits for a write to cgi-bin/go-on.
slow_script() {
    mkfifo site/cgi-bin/go-on
    script slow <<'EOF'
echo $$ >pid
cat go-on >/dev/null
printf 'Content-Type: text/plain\n\nhello\n'
EOF
}

# serve [OPTION...]: start the server with this site; its URL is then in $url.
serve() {
    start build/tcp/httpd "$@" 127.0.0.1 0 site
    locate
}

# locate [NAME]: set $url to that of a server that was started.
locate() {
    url=$(printed "${1-receiver}" | sed -n 's/^ready on //p')
    export url
}

# inetd [OPTION...]: answer what is on standard input, without any network.
inetd() {
    limited build/tcp/httpd --inetd "$@" site
}

# fetch ARG...: what curl gets, silently; --path-as-is: it does not tidy URLs.
fetch() {
    limited curl -s --path-as-is "$@"
}

# status ARG...: only the status.
status() {
    fetch -o /dev/null -w '%{http_code}' "$@"
}

# where ARG...: the status, and where it redirects to.
where() {
    fetch -o /dev/null -w '%{http_code} %{redirect_url}' "$@"
}

# client CODE: perl with a connection to the server in $s. No answer may take
# longer than ten seconds.
client() {
    limited perl -MIO::Socket::INET -MTime::HiRes=time -e '
        $SIG{PIPE} = "IGNORE";
        sub new { IO::Socket::INET->new("127.0.0.1:$port") or die $! }
        sub say { my $s = shift; print $s map { "$_\r\n" } @_; $s->flush }
        sub all { my $s = shift; local $/; my $all = <$s>; $all }
        $port = shift; $s = new; eval shift; die $@ if $@' "$(port)" "$1"
}

# idle_client: in the background, one that has had an answer and stays.
idle_client() {
    background idle perl -MIO::Socket::INET -e '
        $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]");
        print $s "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n";
        $| = 1; print while <$s>' "$(port)"
    await grep 'some text' logs/idle
}

# pool_of COUNT: whether the server has that many children.
pool_of() {
    [ "$(children | wc -l)" = "$1" ]
}

# answers STATUS ARG...: whether that is the status now.
answers() {
    [ "$(status "${@:2}")" = "$1" ]
}

# lines COUNT FILE: whether the file has that many lines.
lines() {
    [ "$(wc -l 2>/dev/null <"$2")" = "$1" ]
}
